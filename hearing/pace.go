package hearing

import "time"

// pace follows how long a speaker pauses inside turns. It is part of an Endpointer, so it is known
// as long as the track lasts.
type pace struct {
	longest time.Duration // the longest pause of late; 0 before the first
}

// fading is how much of the difference a shorter pause takes away: after five of them a speaker who
// was slow once is waited for half as long beyond what they need.
const fading = 8

// paused takes note of a pause after which the same turn went on.
func (p *pace) paused(d time.Duration) {
	if d >= p.longest {
		p.longest = d
		return
	}
	p.longest -= (p.longest - d) / fading
}

// wait is how long a silence may be before it is probably no pause: a quarter more than the longest,
// and at most most.
func (p *pace) wait(most time.Duration) time.Duration {
	return min(most, p.longest+p.longest/4)
}
