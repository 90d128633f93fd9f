package ort

import "context"

// turns bounds the runs of one native session; nil bounds nothing.
type turns struct{ taken chan struct{} }

func newTurns(runs int) *turns {
	if runs <= 0 {
		return nil
	}
	return &turns{taken: make(chan struct{}, runs)}
}

// take waits for a turn or refuses.
func (t *turns) take(ctx context.Context, model string, whenBusy WhenBusy) error {
	if t == nil {
		return nil
	}
	select {
	case t.taken <- struct{}{}:
		return nil
	default:
	}
	if whenBusy == Refuse {
		return &BusyError{Model: model, Running: cap(t.taken)}
	}
	select {
	case t.taken <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *turns) give() {
	if t != nil {
		<-t.taken
	}
}

// running is how many turns are taken.
func (t *turns) running() int {
	if t == nil {
		return 0
	}
	return len(t.taken)
}
