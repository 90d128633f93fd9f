package ort

import (
	"maps"
	"testing"
)

// TestCUDASettings: float32 is float32 on a card, and a limit is the session's own.
func TestCUDASettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		opt  Options
		want map[string]string
	}{
		{Options{}, map[string]string{"device_id": "0", "arena_extend_strategy": "kSameAsRequested", "use_tf32": "0"}},
		{Options{DeviceID: 2, DeviceMemory: 1 << 20}, map[string]string{
			"device_id": "2", "arena_extend_strategy": "kSameAsRequested", "use_tf32": "0", "gpu_mem_limit": "1048576",
		}},
	} {
		if got := cudaSettings(c.opt); !maps.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.opt, got, c.want)
		}
	}
}
