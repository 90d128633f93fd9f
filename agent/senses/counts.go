package senses

import (
	"sync/atomic"

	"github.com/sensory-agent/sensory-agent/agent/engine"
)

// counted is what an eye counts while it reads, for any goroutine.
type counted struct{ decoded, sampled, rested atomic.Uint64 }

// Counts are what an eye has counted so far.
type Counts struct {
	// Decoded are pictures of the track, Sampled those that were taken to be looked at, Dropped those
	// of them that a gaze did not look at since a newer one came: one a gaze.
	Decoded, Sampled, Dropped uint64
	// Rested are sampled pictures that slow eyes left alone, since nobody spoke: one a gaze.
	Rested uint64
}

// Counts returns what was counted. It is safe from any goroutine.
func (y *Eye) Counts() Counts {
	out := Counts{Decoded: y.counted.decoded.Load(), Sampled: y.counted.sampled.Load(), Rested: y.counted.rested.Load()}
	y.mu.Lock()
	defer y.mu.Unlock()
	out.Dropped = y.dropped
	for _, g := range y.gazes {
		out.Dropped += g.slot.Drops()
	}
	return out
}

// Sights are the newest ones of all gazes, by the names of their encoders. It is safe from any
// goroutine, and waits for nothing.
func (y *Eye) Sights() map[string]*engine.Sight {
	y.mu.Lock()
	defer y.mu.Unlock()
	out := map[string]*engine.Sight{}
	for _, g := range y.gazes {
		if s := g.Now(); s != nil {
			out[g.encoder.name] = s
		}
	}
	return out
}
