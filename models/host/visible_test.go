package host_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"github.com/sensory-agent/sensory-agent/models/host"
)

// TestNumbersAreCUDAs: which GPU CUDA knows by which number, of three that the driver lists by
// their place on the bus.
func TestNumbersAreCUDAs(t *testing.T) {
	uuids := []string{"GPU-aa11", "GPU-aa22", "GPU-bb33"}
	for list, want := range map[string][]int{
		"0": {0}, "2,0": {2, 0}, "1, 2": {1, 2}, " 1 ": {1}, "+1": {1}, "0,1,2": {0, 1, 2},
		"0,7,1": {0}, "7": nil, "1,-1,0": {1}, "2,,0": {2}, "1,x,0": {1}, "1gpu,2nd": {1, 2}, // behind one that is none nothing counts
		"-1": nil, "": nil, " ": nil, "none": nil, "NoDevFiles": nil, "99999999999999999999": nil,
		"1,1": nil, "0,1,0": nil, // twice
		"GPU-bb33,GPU-aa11": {2, 0}, "GPU-b": {2}, "GPU-aa2,GPU-bb": {1, 2}, "GPU-aa": nil, "GPU-bb,GPU-aa": {2},
		"GPU-cc": nil, "GPU-bb,GPU-cc,GPU-aa1": {2}, "GPU-bb,0": {2}, "GPU-b,GPU-bb": nil, "GPU-bb,GPU-bb": nil, "0,GPU-bb": {0},
	} {
		got, err := host.Visible(list, uuids)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v, want %v", list, got, err, want)
		}
	}
	var wrong *host.VisibleError
	if _, err := host.Visible("MIG-GPU-aa11/1/0", uuids); !errors.As(err, &wrong) || !errors.Is(err, host.ErrVisible) || wrong.Name != "CUDA_VISIBLE_DEVICES" {
		t.Errorf("a part of a GPU: %v", err)
	}
}

// env is an environment with these two variables; empty ones are not set.
func env(visible, order string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value := map[string]string{"CUDA_VISIBLE_DEVICES": visible, "CUDA_DEVICE_ORDER": order}[name]
		return value, value != ""
	}
}

// TestAListOfVisibleGPUsIsHeeded: only these are looked at, under CUDA's numbers.
func TestAListOfVisibleGPUsIsHeeded(t *testing.T) {
	for list, want := range map[string][]string{"1": {"L4"}, "1,0": {"L4", "H100"}, "GPU-L": {"L4"}, "0,5": {"H100"}} {
		h, err := host.ProbeWith(t.Context(), nil, driver(card("H100", 80e9, 79e9), card("L4", 24e9, 1e9)), env(list, ""))
		var names []string
		for i, g := range h.GPUs {
			names = append(names, g.Name)
			if g.Index != i || g.UUID != "GPU-"+g.Name {
				t.Errorf("%s: %+v has number %d", list, g, i)
			}
		}
		if err != nil || !slices.Equal(names, want) {
			t.Errorf("%s: %q, %v, want %q", list, names, err, want)
		}
	}
	h, err := host.ProbeWith(t.Context(), nil, driver(card("H100", 1, 1)), env("3", ""))
	if err != nil || len(h.GPUs) != 0 || !strings.Contains(h.GPUProblem, `hidden by CUDA_VISIBLE_DEVICES="3"`) {
		t.Errorf("one that is not there: %+v, %v", h.GPUs, err)
	}
	lost := driver(card("H100", 1, 1), card("L4", 1, 1))
	lost.DeviceGetHandleByIndexFunc = func(i int) (nvml.Device, nvml.Return) {
		if i == 0 {
			return nil, nvml.ERROR_GPU_IS_LOST
		}
		return card("L4", 1, 1), nvml.SUCCESS
	}
	if h, err := host.ProbeWith(t.Context(), nil, lost, env("1", "")); err != nil || len(h.GPUs) != 1 {
		t.Errorf("beside one that is lost and hidden: %+v, %v", h.GPUs, err)
	}
}

// TestNobodyGuessesAnOrder: in the order of their speed only CUDA knows which GPU has which number.
func TestNobodyGuessesAnOrder(t *testing.T) {
	for _, c := range []struct {
		visible, order string
		gpus           int
		known          bool
	}{
		{"", "PCI_BUS_ID", 2, true},
		{"", "FASTEST_FIRST", 2, false},
		{"1", "FASTEST_FIRST", 2, false},
		{"GPU-L4", "FASTEST_FIRST", 2, true},
		{"", "FASTEST_FIRST", 1, true},
		{"-1", "FASTEST_FIRST", 2, true}, // hidden
	} {
		lib := driver(card("H100", 1, 1), card("L4", 1, 1))
		if c.gpus == 1 {
			lib = driver(card("H100", 1, 1))
		}
		h, err := host.ProbeWith(t.Context(), nil, lib, env(c.visible, c.order))
		var wrong *host.VisibleError
		if errors.As(err, &wrong) == c.known || (err == nil) != c.known {
			t.Errorf("%+v: %v", c, err)
		}
		if !c.known && (len(h.GPUs) != 0 || wrong.Name != "CUDA_DEVICE_ORDER" || h.GPUProblem != err.Error()) {
			t.Errorf("%+v: %+v, %q, %v", c, h.GPUs, h.GPUProblem, err)
		}
	}
}
