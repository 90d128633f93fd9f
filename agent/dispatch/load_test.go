package dispatch_test

import (
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/dispatch"
	"github.com/sensory-agent/sensory-agent/compute"
)

// TestLoadIsAMean: a burst says little, a minute of want says that there is no room; a pool that is
// used and wanted by nobody else says nothing.
func TestLoadIsAMean(t *testing.T) {
	pool := compute.PoolInfo{}
	l := dispatch.NewLoad(func() []compute.PoolInfo { return []compute.PoolInfo{{}, pool} })
	now := time.Now()
	look := func(after time.Duration, level float64, waiting int) float64 {
		now = now.Add(after)
		pool.Level, pool.Waiting = level, waiting
		return l.Share(now)
	}
	if got := look(0, 1, 9); got != 0 {
		t.Errorf("the first look: %v", got)
	}
	if got := look(10*time.Second, 1, 9); got < 0.49 || got > 0.51 {
		t.Errorf("after a half-life: %v", got)
	}
	if got := look(2500*time.Millisecond, 0, 0); got >= 0.5 || got < 0.4 {
		t.Errorf("a pause: %v", got)
	}
	if got := look(time.Minute, 1, 1); got != 1 {
		t.Errorf("a minute of want: %v", got)
	}
	if got := look(time.Minute, 1, 0); got > 0.05 {
		t.Errorf("in use, and wanted by nobody: %v", got)
	}
	if got := dispatch.NewLoad(nil).Share(now); got != 0 {
		t.Errorf("without pools: %v", got)
	}
}
