package rtpin

import "time"

const (
	// maxAhead is how much sound a track may give beyond the time that has passed: what a stalled
	// network delivers at once when it goes on.
	maxAhead = 10 * opusClock
	// driftPart is the share by which a sender's clock may run faster than ours, one part in so
	// many. Crystals differ by some parts in ten thousand; this leaves room for senders that catch
	// up.
	driftPart = 10
)

// pace bounds the sound that comes out of a track by the time that passes, whatever timestamps and
// lengths the sender claims: listening costs work for each second of it, silence included.
type pace struct {
	at     time.Time
	credit int64 // ticks of sound that may come out now
}

// refill adds the time up to now.
func (p *pace) refill(now time.Time) {
	if p.at.IsZero() {
		p.at, p.credit = now, maxAhead
		return
	}
	passed := min(max(now.Sub(p.at), 0), time.Minute)
	p.at = p.at.Add(max(now.Sub(p.at), 0))
	p.credit = min(p.credit+toTicks(passed+passed/driftPart), maxAhead)
}

// take takes n ticks of the credit and reports whether there were as many.
func (p *pace) take(n int64) bool {
	if p.credit < n {
		return false
	}
	p.credit -= n
	return true
}
