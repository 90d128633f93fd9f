package compute_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute"
)

// TestHostBudgets derives budgets from facts and guesses none.
func TestHostBudgets(t *testing.T) {
	t.Parallel()
	for field, host := range map[string]compute.Host{
		"host.cores": {MemoryBytes: 1 << 30}, "host.memory_bytes": {Cores: 2},
		"host.gpu_memory_bytes": {Cores: 2, MemoryBytes: 1 << 30, Unified: true, GPUMemoryBytes: 1},
	} {
		_, err := host.Budgets()
		var wrong *compute.FieldError
		if !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	laptop, err := compute.Host{Cores: 2, MemoryBytes: 8 << 30, Providers: map[string]int64{"hosted": 4}}.Budgets()
	if err != nil {
		t.Fatal(err)
	}
	broker, err := compute.NewBroker(compute.Config{Budgets: laptop})
	if err != nil {
		t.Fatal(err)
	}
	gpu := cpuDemand("x")
	gpu.Silicon = compute.SiliconGPU
	if _, err := broker.TryAcquire(gpu); !errors.Is(err, compute.ErrNoBudget) {
		t.Errorf("GPU work on a host without one: %v", err)
	}
	got := map[string]string{}
	station, err := compute.Host{Cores: 16, MemoryBytes: 128 << 30, GPUMemoryBytes: 80 << 30}.Budgets()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range append(station, laptop...) {
		got[b.String()] += fmt.Sprintf("%d/%d/%d ", b.Slots, b.Units, b.Bytes>>30)
	}
	if got["GPU"] != "4/100/72 " || got["CPU"] != "128/16000/64 16/2000/4 " || got["CLOUD/hosted"] != "4/4/0 " {
		t.Errorf("derived %v", got)
	}
}
