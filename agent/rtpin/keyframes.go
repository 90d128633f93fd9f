package rtpin

import "time"

// keyframeLimiter decides when to ask the sender for a keyframe: at once when one is needed, but never sooner than
// interval after the request before.
type keyframeLimiter struct {
	interval time.Duration
	asked    time.Time
}

// ask reports whether a request should be sent now.
func (k *keyframeLimiter) ask(now time.Time, need bool) bool {
	if !need || (!k.asked.IsZero() && now.Sub(k.asked) < k.interval) {
		return false
	}
	k.asked = now
	return true
}
