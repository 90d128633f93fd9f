package patient

import (
	"context"
	"errors"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// tries are how often somebody joins at most.
const tries = 3

// Join joins, and again where the server or the media connection was too late: each has some 5 s
// for it, which a machine may spend on others. Any other error is returned at once. What is to fail
// is no case for it.
func Join[C, P any](ctx context.Context, join func(context.Context, C) (P, error), cfg C) (P, error) {
	for try := 1; ; try++ {
		p, err := join(ctx, cfg)
		late := errors.Is(err, lk.ErrMedia) || errors.Is(err, lk.ErrSilent) || errors.Is(err, lk.ErrUnreachable)
		if !late || try == tries {
			return p, err
		}
	}
}
