package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

const (
	// lookTime bounds how long a look waits for a connection, and then how long the store may take.
	lookTime = time.Second
	// longestPause is the most that lies between two looks while they come to nothing.
	longestPause = 30 * time.Second
	// noteForgotten is why a block is written of which something has gone.
	noteForgotten = "forgotten"
)

// errInUse says that others of this program have all connections of a store: nothing is known of
// the database.
var errInUse = errors.New("all connections are in use")

// look writes the block anew where a memory in it has gone from the store, since somebody else has
// forgotten it: what was to be forgotten is not said again, whatever the prompt costs. Where it
// could not look the last time it leaves that to lookInTurn, so that events do not wait for a store
// that is away.
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

// lookInTurn is lookAgain when it is time to, unless another one looks in its turn: however many
// remember in a store, and however slow it is, its connections are for those who write and read.
func (r *Remember) lookInTurn(ctx context.Context) Remembered {
	r.next.Reset(r.pause)
	if turn := &r.cfg.DB.turn; turn.TryLock() {
		defer turn.Unlock()
		return r.lookAgain(ctx)
	}
	return Remembered{}
}

func (r *Remember) looked(ctx context.Context, at time.Time, came Remembered) Remembered {
	gone, known, err := r.gone(ctx)
	if err != nil {
		r.unsure, r.pause = true, min(2*r.pause, max(longestPause, r.cfg.Look))
		r.next.Reset(r.pause)
		if !r.told && ctx.Err() == nil && (!errors.Is(err, errInUse) || r.pause >= longestPause) {
			r.told, came.Unsure = true, fmt.Errorf("what others forgot may still be in prompts: %w", err)
		}
		return came
	}
	r.sure()
	if gone {
		came.Block = r.block(known, r.present, at, noteForgotten)
	}
	return came
}

// sure notes that the store has just said what is there of the block.
func (r *Remember) sure() {
	r.unsure, r.told, r.pause = false, false, r.cfg.Look
	r.next.Reset(r.pause)
}

// gone tells whether of one of the ids there is no memory any more; known are then all memories of
// a persona. It takes one connection. Errors: *Error, with errInUse where it had none in time; the
// context's.
func (d *DB) gone(ctx context.Context, ids map[string]bool, persona string) (gone bool, known []memory.Memory, err error) {
	waits, stop := context.WithTimeout(ctx, lookTime)
	defer stop()
	conn, err := d.db.Conn(waits)
	if s := d.db.Stats(); err != nil && waits.Err() != nil && ctx.Err() == nil && s.InUse >= s.MaxOpenConnections {
		err = &Error{Kind: errInUse, Op: "read", Path: d.path}
	}
	if err != nil {
		return false, nil, fail("read", d.path, 0, err)
	}
	defer func() { _ = conn.Close() }() // gives it back
	bounded, stop := context.WithTimeout(ctx, lookTime)
	defer stop()
	var marks []string
	var values []any
	for id := range ids {
		values = append(values, id)
		marks = append(marks, fmt.Sprintf("$%d", len(values)))
	}
	there := 0
	err = conn.QueryRowContext(bounded, "SELECT count(*) FROM memory WHERE id IN ("+strings.Join(marks, ", ")+")", values...).Scan(&there)
	if gone = there < len(ids); err == nil && gone {
		known, err = selectMemories(bounded, conn, MemoryQuery{Persona: persona})
	}
	return gone, known, fail("read", d.path, 0, err)
}

// forgetting tells others of this process that memories were forgotten. It is safe for concurrent
// use.
type forgetting struct {
	mu     sync.Mutex
	others map[chan struct{}]bool
}

// watch returns what has something whenever memories were forgotten since it was looked at last.
// The caller stops it.
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
