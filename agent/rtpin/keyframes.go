package rtpin

import (
	"slices"
	"time"
)

// keyframeLimiter decides when to ask the sender for a keyframe: at once when one is needed, but
// never sooner than interval, or pause where that is longer, after the request before.
type keyframeLimiter struct {
	interval time.Duration
	asked    time.Time
}

// ask reports whether a request should be sent now.
func (k *keyframeLimiter) ask(now time.Time, need bool, pause time.Duration) bool {
	if !need || (!k.asked.IsZero() && now.Sub(k.asked) < max(k.interval, pause)) {
		return false
	}
	k.asked = now
	return true
}

const (
	// oversizePause is the time between two requests while the pictures are too large: the keyframe
	// that answers costs everybody in the room bandwidth and will be refused, unless a smaller one
	// was lost.
	oversizePause = 10 * time.Second
	// maxOversizes is how many sizes are remembered as reported; a sender with more of them is
	// reported no further.
	maxOversizes = 16
)

// oversize follows a track whose pictures are too large.
type oversize struct {
	sizes  [maxOversizes][2]int
	count  int
	active bool // the last keyframe was refused
	lost   bool // something was lost since
}

// refused takes the size of a picture that was too large and reports whether it is the first of
// this size.
func (o *oversize) refused(w, h int) bool {
	o.active, o.lost = true, false
	size := [2]int{w, h}
	if o.count == maxOversizes || slices.Contains(o.sizes[:o.count], size) {
		return false
	}
	o.sizes[o.count] = size
	o.count++
	return true
}

// fits says that a picture could be decoded.
func (o *oversize) fits() { o.active = false }

// gap says that something was lost.
func (o *oversize) gap() { o.lost = true }

// mayAsk reports whether a keyframe could help.
func (o *oversize) mayAsk() bool { return !o.active || o.lost }

// pause returns how long the next request has to wait for the one before.
func (o *oversize) pause() time.Duration {
	if o.active {
		return oversizePause
	}
	return 0
}
