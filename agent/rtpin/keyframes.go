package rtpin

import "time"

// keyframeLimiter decides when to ask the sender for a keyframe: at once when one is needed, again after interval as
// long as none came.
type keyframeLimiter struct {
	interval time.Duration
	asked    time.Time
	asking   bool
}

// ask reports whether a request should be sent now.
func (k *keyframeLimiter) ask(now time.Time, need bool) bool {
	if !need {
		k.asking = false
		return false
	}
	if now.Sub(k.asked) < k.interval && (k.asking || !k.asked.IsZero()) {
		return false
	}
	k.asking, k.asked = true, now
	return true
}
