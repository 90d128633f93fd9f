package ort

import (
	"maps"
	"os"
	"testing"
)

// TestCUDASettings: float32 is float32 on a card, a new shape is not searched for seconds, and a
// limit is the session's own.
func TestCUDASettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		opt  Options
		want map[string]string
	}{
		{Options{}, map[string]string{
			"device_id": "0", "arena_extend_strategy": "kSameAsRequested", "use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC",
		}},
		{Options{DeviceID: 2, DeviceMemory: 1 << 20}, map[string]string{
			"device_id": "2", "arena_extend_strategy": "kSameAsRequested", "use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC",
			"gpu_mem_limit": "1048576",
		}},
	} {
		if got := cudaSettings(c.opt); !maps.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.opt, got, c.want)
		}
	}
}

// TestDevicesAreNumberedByTheBus, as the driver's library numbers them, unless somebody has said
// otherwise. It is said when the library is opened.
func TestDevicesAreNumberedByTheBus(t *testing.T) {
	for said, want := range map[string]string{"": "PCI_BUS_ID", "PCI_BUS_ID": "PCI_BUS_ID", "FASTEST_FIRST": "FASTEST_FIRST"} {
		t.Setenv("CUDA_DEVICE_ORDER", said)
		var none environment
		if err := none.open("/nowhere/libonnxruntime.so", nil); err == nil {
			t.Fatal("a library that is not there was opened")
		}
		if got := os.Getenv("CUDA_DEVICE_ORDER"); got != want {
			t.Errorf("%q became %q, want %q", said, got, want)
		}
	}
}
