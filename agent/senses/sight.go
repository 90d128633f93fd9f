package senses

import (
	"context"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
)

// Seen tells whether a picture of the track is at hand.
func (y *Eye) Seen() bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.sight != nil
}

// Newest returns the newest sight that was captured after since, waiting for one until ctx ends;
// then the newest there is, or nil.
func (y *Eye) Newest(ctx context.Context, since time.Time) *engine.Sight {
	for {
		y.mu.Lock()
		have, update, closed := y.current(), y.update, y.closed
		y.mu.Unlock()
		if closed || have != nil && !have.Captured.Before(since) {
			return have
		}
		select {
		case <-update:
		case <-ctx.Done():
			return have
		}
	}
}

// Replaced tells whether another sight has taken this one's place.
func (y *Eye) Replaced(s *engine.Sight) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.sight != s
}

// show puts a sight in the place of the older one, whose lease ends, and reports it. A sight whose
// lease has ended, or that is older than one shown before, is refused and given back:
// compute.ErrFenced.
func (y *Eye) show(next *engine.Sight, saw Saw) error {
	y.chain.computed(next.Lease, next.Lease)
	y.mu.Lock()
	if err := y.chain.shown.Accept(next.Lease); err != nil {
		y.mu.Unlock()
		next.Lease.Release()
		return err
	}
	old := y.sight
	y.sight = next
	close(y.update)
	y.update = make(chan struct{})
	y.mu.Unlock()
	if old != nil {
		old.Lease.Release()
	}
	y.tell(saw)
	return nil
}

// current is the newest sight. One whose lease was taken back or has expired shows nothing any
// more: another picture is asked for. y.mu is held.
func (y *Eye) current() *engine.Sight {
	if y.sight != nil && y.sight.Lease.Err() != nil {
		y.sight.Lease.Release()
		y.sight = nil
		y.Request()
	}
	return y.sight
}
