package agent

import "github.com/sensory-agent/sensory-agent/agent/engine"

// view is the track as the choice between tracks sees it.
func (y *eye) view() view {
	y.mu.Lock()
	defer y.mu.Unlock()
	return view{SID: y.sid, Who: y.who, Screen: y.screen, Seen: y.sight != nil, Since: y.since}
}

// replaced tells whether another sight has taken this one's place.
func (y *eye) replaced(s *engine.Sight) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.sight != s
}

// show puts a sight in the place of the older one, whose lease ends, and reports it. A sight whose lease has ended, or that is older than
// one shown before, is refused and given back: compute.ErrFenced.
func (y *eye) show(next *engine.Sight, saw Saw) error {
	if y.computed != nil {
		y.computed(next.Lease, next.Lease)
	}
	y.mu.Lock()
	if err := y.fences.sight.Accept(next.Lease); err != nil {
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
	y.session.post(sawFrame{saw})
	return nil
}

// current is the newest sight. One whose lease was taken back or has expired shows nothing any more: another picture is asked for.
// y.mu is held.
func (y *eye) current() *engine.Sight {
	if y.sight != nil && y.sight.Lease.Err() != nil {
		y.sight.Lease.Release()
		y.sight = nil
		y.request()
	}
	return y.sight
}
