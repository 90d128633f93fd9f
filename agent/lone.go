package agent

import "context"

// Lone waits for the end of one persona's seat at a host: where the persona is what a program is
// there for, an end that others would get over is that of the program. Its methods are safe from
// any goroutine.
type Lone struct {
	identity string
	ended    chan SeatStatus
}

// NewLone makes one for the persona of an identity.
func NewLone(identity string) *Lone { return &Lone{identity, make(chan SeatStatus, 1)} }

// Report is for HostConfig.Report; it never blocks.
func (l *Lone) Report(st SeatStatus) {
	if st.Identity != l.identity || st.State != SeatFailed && st.State != SeatWaiting {
		return
	}
	select {
	case l.ended <- st:
	default: // the first one is told
	}
}

// Wait returns when ctx ends, which is no error, or the persona is not in its room any more and
// does not come back by itself: with what stands in its way. A room that the server has closed is
// opened again, and is no end.
func (l *Lone) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case st := <-l.ended:
		return st.Err
	}
}
