package engine

import (
	"context"
	"fmt"
	"image"
	"slices"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// AdapterError says which adapter did not see a picture, and why. It wraps a [*fence.PanicError]
// for one that panicked, context.DeadlineExceeded for one that took too long.
type AdapterError struct {
	What string // that is not known for it
	Err  error
}

// Error implements error.
func (e *AdapterError) Error() string { return fmt.Sprintf("%s: %v", e.What, e.Err) }

// Unwrap returns the cause.
func (e *AdapterError) Unwrap() error { return e.Err }

// perception is what one adapter sees.
type perception struct {
	kind prompt.PerceptKind
	what string // is missing where it fails
	look func(ctx context.Context, picture *image.RGBA) ([]prompt.Percept, error)
	list []prompt.Percept
	err  error
	late bool // it failed when its time was over
	done bool // the others may be read; of the goroutine of perceive
}

// early takes what is seen of a picture while some adapters still look.
type early struct {
	after time.Duration // from the beginning on
	take  func(*prompt.Perceived)
}

// perceive has every adapter look at a picture, side by side, and returns when all of them have
// ended. One that fails, or is too slow, is named among what is missing, and returned, in order;
// the error is the context's. Where some still look when it is time for it, and one has ended, soon
// gets what is seen until then, once and on this goroutine; the others are named among what is
// missing.
func (a *adapters) perceive(ctx context.Context, picture *image.RGBA, soon early) (*prompt.Perceived, []*AdapterError, error) {
	all := a.each()
	ended := make(chan *perception, len(all))
	var looking sync.WaitGroup
	defer looking.Wait()
	limited, cancel := context.WithTimeout(ctx, a.limit)
	defer cancel()
	for _, p := range all {
		looking.Go(func() {
			p.err = fence.Do(func() (err error) { p.list, err = p.look(limited, picture); return })
			p.late = p.err != nil && limited.Err() != nil // of this one, when it failed
			ended <- p
		})
	}
	due := time.NewTimer(soon.after)
	defer due.Stop()
	wanted := false
	for left := len(all); left > 0; {
		select {
		case p := <-ended:
			p.done = true
			left--
		case <-due.C:
			wanted = soon.take != nil
		}
		if wanted && 0 < left && left < len(all) && ctx.Err() == nil {
			seen, _ := a.account(all)
			soon.take(seen)
			wanted = false
		}
	}
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	seen, failures := a.account(all)
	return seen, failures, nil
}

// each is one perception an adapter, in the order in which they are told.
func (a *adapters) each() []*perception {
	all := []*perception{
		{kind: prompt.SeenColour, what: "colours, light and sharpness", look: glanced},
		{kind: prompt.SeenThing, what: "what things it shows", look: a.named},
		{kind: prompt.SeenText, what: "text in it", look: a.read},
	}
	if a.namer == nil {
		all = slices.Delete(all, 1, 2)
	}
	return all
}

// account is what adapters have seen, and who failed.
func (a *adapters) account(all []*perception) (*prompt.Perceived, []*AdapterError) {
	out := &prompt.Perceived{}
	if a.namer == nil {
		out.Missing = append(out.Missing, "what things it shows, since no program names them")
	}
	var failures []*AdapterError
	for _, p := range all {
		switch {
		case !p.done:
			out.Missing = append(out.Missing, p.what+", since a program is not ready yet")
			continue
		case p.err == nil:
			out.List, out.Looked = append(out.List, p.list...), append(out.Looked, p.kind)
			continue
		case p.late:
			out.Missing = append(out.Missing, p.what+", since that took too long")
		default:
			out.Missing = append(out.Missing, p.what+", since a program failed")
		}
		failures = append(failures, &AdapterError{What: p.what, Err: p.err})
	}
	return out, failures
}
