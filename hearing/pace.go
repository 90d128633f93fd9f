package hearing

import (
	"math"
	"time"
)

// Pace is what is known of how somebody pauses inside turns. Zero is that of a stranger.
type Pace struct {
	Longest time.Duration // the longest pause of late; 0 before the first
	Met     bool          // they have finished a turn
	Flowing uint8         // turns without a pause since the last one with one; stays at 255
}

// fading is the part of the difference that a shorter pause takes away: after five of them half of
// it is left. Both numbers are from scripts/bench-turns, its first set.
const (
	fading = 8
	beyond = 3 // a third more
)

// flowing is how many turns without a pause in a row make somebody one who does not pause inside
// sentences.
const flowing = 3

// paused takes note of a pause after which the same turn went on.
func (p *Pace) paused(d time.Duration) {
	p.Flowing = 0
	if d >= p.Longest {
		p.Longest = d
		return
	}
	p.Longest -= (p.Longest - d) / fading
}

// flowed takes note of a turn without a pause: whoever paused once is not waited for for ever.
func (p *Pace) flowed() {
	p.Longest -= p.Longest / fading
	p.Flowing = min(p.Flowing, math.MaxUint8-1) + 1
}

// wait is how long a silence may be before it is probably no pause: a third more than the longest,
// and at most most.
func (p *Pace) wait(most time.Duration) time.Duration {
	return min(most, p.Longest+p.Longest/beyond)
}
