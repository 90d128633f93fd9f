package media

import "time"

// Clock turns RTP timestamps of one stream into media time: the first timestamp seen is zero,
// wrapping at 2^32 is followed in both directions. It holds no goroutine and reads no time of its
// own. Not safe for concurrent use.
type Clock struct {
	rate    int64
	started bool
	last    uint32
	ticks   int64
}

// NewClock returns a clock for timestamps of rate ticks a second (48000 for Opus, 90000 for video).
func NewClock(rate int) *Clock {
	return &Clock{rate: int64(max(rate, 1))}
}

// Time returns the media time of timestamp ts. A timestamp less than half the range (2^31 ticks)
// behind the newest one is in the past and may give a smaller, even a negative, time.
func (c *Clock) Time(ts uint32) time.Duration {
	return c.duration(c.Ticks(ts))
}

// Ticks is like Time but returns the distance to the first timestamp in ticks.
func (c *Clock) Ticks(ts uint32) int64 {
	if !c.started {
		c.started, c.last = true, ts
		return 0
	}
	diff := int64(int32(ts - c.last))
	if diff <= 0 {
		return c.ticks + diff
	}
	c.last = ts
	c.ticks += diff
	return c.ticks
}

// Reset makes the next timestamp continue at media time at: used when a sender starts over with new
// timestamps.
func (c *Clock) Reset(ts uint32, at time.Duration) {
	c.started, c.last = true, ts
	sec, rest := int64(at/time.Second), int64(at%time.Second)
	c.ticks = sec*c.rate + rest*c.rate/int64(time.Second)
}

func (c *Clock) duration(ticks int64) time.Duration {
	sec, rest := ticks/c.rate, ticks%c.rate
	return time.Duration(sec)*time.Second + time.Duration(rest)*time.Second/time.Duration(c.rate)
}
