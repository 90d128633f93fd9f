package dispatch

import (
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// Load is load.
type Load struct{ load }

// NewLoad makes one.
func NewLoad(pools func() []compute.PoolInfo) *Load { return &Load{load{pools: pools}} }

// Share is share.
func (l *Load) Share(now time.Time) float64 { return l.share(now) }
