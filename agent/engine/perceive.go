package engine

import (
	"context"
	"fmt"
	"image"
	"slices"
	"sync"

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
}

// perceive has every adapter look at a picture, side by side. One that fails, or is too slow, is
// named among what is missing, and returned, in order; the error is the context's.
func (a *adapters) perceive(ctx context.Context, picture *image.RGBA) (*prompt.Perceived, []*AdapterError, error) {
	out := &prompt.Perceived{}
	limited, cancel := context.WithTimeout(ctx, a.limit)
	defer cancel()
	all := []*perception{
		{kind: prompt.SeenColour, what: "colours, light and sharpness", look: glanced},
		{kind: prompt.SeenThing, what: "what things it shows", look: a.named},
		{kind: prompt.SeenText, what: "text in it", look: a.read},
	}
	if a.namer == nil {
		all = slices.Delete(all, 1, 2)
		out.Missing = append(out.Missing, "what things it shows, since no program names them")
	}
	var looking sync.WaitGroup
	for _, p := range all {
		looking.Go(func() {
			p.err = fence.Do(func() (err error) { p.list, err = p.look(limited, picture); return })
			p.late = p.err != nil && limited.Err() != nil // of this one, when it failed
		})
	}
	looking.Wait()
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	var failures []*AdapterError
	for _, p := range all {
		switch {
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
	return out, failures, nil
}
