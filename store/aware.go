package store

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

const (
	// lookTime bounds one look at whether memories are still there.
	lookTime = time.Second
	// noteForgotten is why a block is written of which something has gone.
	noteForgotten = "forgotten"
)

// look writes the block anew where a memory in it has gone from the store, since somebody else has
// forgotten it: what was to be forgotten is not said again, whatever the prompt costs. Where it could
// not look the last time it leaves that to lookAgain, so that events do not wait for a store that is
// away.
func (r *Remember) look(ctx context.Context, at time.Time, came Remembered) Remembered {
	if r.unsure || len(r.inside) == 0 {
		return came
	}
	return r.looked(ctx, at, came)
}

// lookAgain is look when nothing has happened in the room.
func (r *Remember) lookAgain(ctx context.Context) Remembered {
	if len(r.inside) == 0 {
		return Remembered{}
	}
	return r.looked(ctx, time.Now(), Remembered{})
}

func (r *Remember) looked(ctx context.Context, at time.Time, came Remembered) Remembered {
	bounded, stop := context.WithTimeout(ctx, lookTime)
	defer stop()
	there, err := r.cfg.DB.memoriesThere(bounded, r.inside)
	if err == nil && there < len(r.inside) {
		var known []memory.Memory
		if known, err = r.cfg.DB.Memories(bounded, MemoryQuery{Persona: r.cfg.Keeper.Persona()}); err == nil {
			came.Block = r.block(known, r.present, at, noteForgotten)
		}
	}
	if err != nil && !r.unsure && ctx.Err() == nil {
		came.Unsure = fmt.Errorf("what others forgot may still be in prompts: %w", err)
	}
	r.unsure = err != nil
	return came
}

// memoriesThere counts those of the ids of which there is a memory. Errors: *Error, the context's.
func (d *DB) memoriesThere(ctx context.Context, ids map[string]bool) (n int, err error) {
	var marks []string
	var values []any
	for id := range ids {
		values = append(values, id)
		marks = append(marks, fmt.Sprintf("$%d", len(values)))
	}
	err = d.db.QueryRowContext(ctx, "SELECT count(*) FROM memory WHERE id IN ("+strings.Join(marks, ", ")+")", values...).Scan(&n)
	return n, fail("read", d.path, 0, err)
}

// forgetting tells others of this process that memories were forgotten. It is safe for concurrent use.
type forgetting struct {
	mu     sync.Mutex
	others map[chan struct{}]bool
}

// watch returns what has something whenever memories were forgotten since it was looked at last. The
// caller stops it.
func (f *forgetting) watch() (forgotten <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.others == nil {
		f.others = map[chan struct{}]bool{}
	}
	f.others[c] = true
	return c, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.others, c)
	}
}

// tell tells all who watch; nobody is waited for.
func (f *forgetting) tell() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.others {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
