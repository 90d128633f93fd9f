package compute

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Step makes one thing of another: it waits for a lease, runs work, checks that the result still
// counts, and publishes it.
//
// from is the lease of what the work reads; nil where it reads nothing that is leased. Step takes
// it over: it cannot end its buffers while work runs, must still be live when work is done, and is
// released when Step returns, whatever came of it. The result passes fence with from's token, or
// with its own where from is nil; a nil fence compares with nothing.
//
// work runs on the calling goroutine with a context that ends with ctx, with the lease or with
// from, and with the lease itself: Lease.Covers registers what its end gives back. The lease that
// Step returns is published, so of its cost only the bytes are still held, and is released by the
// caller. With an error, or after a panic of work, nothing is held.
//
// Errors: those of Broker.Acquire and of work, ErrFenced. Where they come of a lease that ended or
// is being taken back they wrap its reason too, so that work that grew stale is ErrStale whichever
// part of the step noticed.
func (b *Broker) Step(
	ctx context.Context, from *Lease, fence *Fence, d Demand, work func(ctx context.Context, lease *Lease) error,
) (*Lease, error) {
	defer from.Release()
	return b.Derive(ctx, from, fence, d, work)
}

// Derive is [Broker.Step] for a source that several things are made of, perhaps at the same time:
// from stays the caller's, who releases it after the last of them.
func (b *Broker) Derive(
	ctx context.Context, from *Lease, fence *Fence, d Demand, work func(ctx context.Context, lease *Lease) error,
) (*Lease, error) {
	if from != nil {
		d.From = append(slices.Clip(d.From), from)
	}
	lease, err := b.Acquire(ctx, d)
	if err != nil {
		return nil, from.because(err)
	}
	made := false
	defer func() {
		if !made {
			lease.Release()
		}
	}()
	if err := lease.do(ctx, from, work); err != nil {
		return nil, err
	}
	if err := pass(fence, from, lease); err != nil {
		return nil, err
	}
	if err := lease.Publish(); err != nil {
		return nil, err
	}
	made = true
	return lease, nil
}

// Do runs work under a lease of its own that ends with it: for what outlives its lease, such as a
// transcript, or is handed over piece by piece. A result whose lease ended meanwhile is refused.
// Context and errors are those of Step.
func (b *Broker) Do(ctx context.Context, d Demand, work func(ctx context.Context, lease *Lease) error) error {
	lease, err := b.Step(ctx, nil, nil, d, work)
	lease.Release()
	return err
}

// Covers has release called when the lease has ended and nobody is inside Do, after Demand.OnEnd
// and what was registered before: at once where that is so already. It is called without a lock, on
// the goroutine that ended the lease.
func (l *Lease) Covers(release func()) {
	l.broker.mu.Lock()
	if l.ended != nil && l.users == 0 {
		l.broker.mu.Unlock()
		release()
		return
	}
	before := l.demand.OnEnd
	l.demand.OnEnd = func() {
		if before != nil {
			before()
		}
		release()
	}
	l.broker.mu.Unlock()
}

// do runs work inside both leases.
func (l *Lease) do(ctx context.Context, from *Lease, work func(context.Context, *Lease) error) error {
	run, cancel := l.Context(ctx)
	defer cancel()
	inside := l.Do
	if from != nil {
		run, cancel = from.Context(run)
		defer cancel()
		inside = func(fn func() error) error { return from.Do(func() error { return l.Do(fn) }) }
	}
	err := inside(func() error { return work(run, l) })
	if cause := context.Cause(run); err != nil && cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%s: %w: %w", l.demand.Artifact, cause, err)
	}
	return err
}

// pass checks that what was made of from under lease still counts.
func pass(fence *Fence, from, lease *Lease) error {
	switch {
	case from == nil && fence == nil:
		return nil // Publish asks the lease
	case from == nil:
		from = lease
	case fence == nil:
		fence = new(Fence)
	}
	return fence.Accept(from)
}

// because adds why the lease ended to the refusal of what was to be made of it.
func (l *Lease) because(err error) error {
	if l == nil || !errors.Is(err, ErrDependencyLost) {
		return err
	}
	if why := l.Err(); why != nil {
		return fmt.Errorf("%w: %w", err, why)
	}
	return err
}
