package engine_test

import (
	"runtime"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
)

// TestLoadingLeavesNothingBehind: models are read and rewritten in memory, hundreds of megabytes of
// it, and when they are open that has gone back to the system.
func TestLoadingLeavesNothingBehind(t *testing.T) {
	const most = 64 << 20
	m := machine(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	models, err := calibrated(t, m, func(*engine.Config) {})
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if err := models.Close(); err != nil {
		t.Error(err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used < 2*most {
		t.Fatalf("loading took %d MB, this test sees nothing", used>>20)
	}
	if kept := after.HeapInuse + after.HeapIdle - after.HeapReleased; kept > before.HeapInuse+most {
		t.Errorf("%d MB are kept after loading, %d MB were in use before", kept>>20, before.HeapInuse>>20)
	}
}
