package dispatch

import (
	"math"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// The work of a persona comes in bursts, so that one look at the ledger says little: what is told
// to servers is a mean over some answers. Half of a difference is in it after halfLife.
const (
	halfLife = 10 * time.Second
	// pressed is the mean from which on there is no room for one more: from there the ledger takes
	// back what it may (compute.Critical).
	pressed = 0.95
	// below is what is told while there is room, at most.
	below = 0.99
)

// load is how busy the machine has been. It is safe for concurrent use.
type load struct {
	pools func() []compute.PoolInfo

	mu   sync.Mutex
	mean float64
	at   time.Time
}

// share is the mean, 1 where there is no room for one more.
func (l *load) share(now time.Time) float64 {
	if l.pools == nil {
		return 0
	}
	level := 0.0
	for _, p := range l.pools() {
		if p.Waiting > 0 { // what is in use and wanted by nobody else is no shortage
			level = max(level, p.Level)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.at.IsZero() {
		l.mean = mean(l.mean, level, now.Sub(l.at))
	}
	l.at = now
	if l.mean >= pressed {
		return 1
	}
	return min(l.mean, below)
}

// mean moves an old mean towards a new value, by how long that has held.
func mean(old, value float64, held time.Duration) float64 {
	return value + (old-value)*math.Exp2(-held.Seconds()/halfLife.Seconds())
}
