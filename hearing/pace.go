package hearing

import "time"

// pace follows how long a speaker pauses inside turns. It is part of an Endpointer, so it is known
// as long as the track lasts.
type pace struct {
	longest time.Duration // the longest pause of late; 0 before the first
}

// fading is the part of the difference that a shorter pause takes away: after five of them half of
// it is left. Both numbers are from scripts/bench-turns, its first set.
const (
	fading = 8
	beyond = 3 // a third more
)

// paused takes note of a pause after which the same turn went on.
func (p *pace) paused(d time.Duration) {
	if d >= p.longest {
		p.longest = d
		return
	}
	p.longest -= (p.longest - d) / fading
}

// wait is how long a silence may be before it is probably no pause: a third more than the longest,
// and at most most.
func (p *pace) wait(most time.Duration) time.Duration {
	return min(most, p.longest+p.longest/beyond)
}
