package compute_test

import (
	"errors"
	"fmt"
	"strings"
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

// TestBudgetsOfSmallAndLargeHosts states every number that is derived, of the smallest host up.
func TestBudgetsOfSmallAndLargeHosts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		host compute.Host
		want string
	}{
		{
			compute.Host{Cores: 1, MemoryBytes: 4 << 30},
			"CPU 8/1000/2, NETWORK 64/100/0, DISK 8/100/0, BACKGROUND 1/100/0",
		},
		{
			compute.Host{Cores: 5, MemoryBytes: 4 << 30, GPUMemoryBytes: 10 << 30},
			"CPU 40/5000/2, NETWORK 64/100/0, DISK 8/100/0, BACKGROUND 2/100/0, GPU 4/100/9",
		},
		{
			compute.Host{Cores: 4, MemoryBytes: 16 << 30, Unified: true},
			"CPU 32/4000/8, NETWORK 64/100/0, DISK 8/100/0, BACKGROUND 2/100/0, UNIFIED_MEMORY 4/100/8",
		},
		{
			compute.Host{Cores: 2, MemoryBytes: 2 << 30, Providers: map[string]int64{"p": 1}},
			"CPU 16/2000/1, NETWORK 64/100/0, DISK 8/100/0, BACKGROUND 1/100/0, CLOUD/p 1/1/0",
		},
	} {
		budgets, err := c.host.Budgets()
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, b := range budgets {
			list = append(list, fmt.Sprintf("%v %d/%d/%d", b.Pool, b.Slots, b.Units, b.Bytes>>30))
		}
		if got := strings.Join(list, ", "); got != c.want {
			t.Errorf("%+v:\n%s, want\n%s", c.host, got, c.want)
		}
	}
	for name, host := range map[string]compute.Host{
		"no places":           {Cores: 1, MemoryBytes: 1, Providers: map[string]int64{"p": 0}},
		"negative GPU memory": {Cores: 1, MemoryBytes: 1, GPUMemoryBytes: -1},
		"negative memory":     {Cores: 1, MemoryBytes: -1},
		"negative cores":      {Cores: -1, MemoryBytes: 1},
	} {
		if budgets, err := host.Budgets(); !errors.Is(err, compute.ErrInvalid) || budgets != nil {
			t.Errorf("%s: %v, %v", name, budgets, err)
		}
	}
}
