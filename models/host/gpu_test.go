package host_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
	"github.com/NVIDIA/go-nvml/pkg/nvml/mock"
	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models/host"
)

// card is a device that works.
func card(name string, total, free uint64) *mock.Device {
	return &mock.Device{
		GetUUIDFunc:                  func() (string, nvml.Return) { return "GPU-" + name, nvml.SUCCESS },
		GetNameFunc:                  func() (string, nvml.Return) { return name, nvml.SUCCESS },
		GetMemoryInfoFunc:            func() (nvml.Memory, nvml.Return) { return nvml.Memory{Total: total, Free: free}, nvml.SUCCESS },
		GetCudaComputeCapabilityFunc: func() (int, int, nvml.Return) { return 9, 0, nvml.SUCCESS },
	}
}

// driver is one that works, with these devices.
func driver(cards ...*mock.Device) *mock.Interface {
	return &mock.Interface{
		InitFunc:                   func() nvml.Return { return nvml.SUCCESS },
		ShutdownFunc:               func() nvml.Return { return nvml.SUCCESS },
		SystemGetDriverVersionFunc: func() (string, nvml.Return) { return "580.1", nvml.SUCCESS },
		DeviceGetCountFunc:         func() (int, nvml.Return) { return len(cards), nvml.SUCCESS },
		DeviceGetHandleByIndexFunc: func(i int) (nvml.Device, nvml.Return) { return cards[i], nvml.SUCCESS },
		ErrorStringFunc:            func(r nvml.Return) string { return "words for it" },
	}
}

func noEnv(string) (string, bool) { return "", false }

func TestGPUsAreReportedAsTheyAre(t *testing.T) {
	some := env("0,1", "")
	h, err := host.ProbeWith(t.Context(), nil, driver(card("H100", 80e9, 79e9), card("L4", 24e9, 1e9)), some)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]model.GPU{
		{Index: 0, UUID: "GPU-H100", Name: "H100", Provider: "cuda", Driver: "580.1", Capability: "9.0", MemoryBytes: 80e9, MemoryFree: 79e9},
		{Index: 1, UUID: "GPU-L4", Name: "L4", Provider: "cuda", Driver: "580.1", Capability: "9.0", MemoryBytes: 24e9, MemoryFree: 1e9},
	}, h.GPUs); diff != "" || h.GPUProblem != "" {
		t.Errorf("%s; problem %q", diff, h.GPUProblem)
	}
}

// TestTheDriverIsClosed whatever it answers, and not where it was never opened.
func TestTheDriverIsClosed(t *testing.T) {
	lost := driver(card("H100", 1, 1))
	lost.DeviceGetHandleByIndexFunc = func(int) (nvml.Device, nvml.Return) { return nil, nvml.ERROR_GPU_IS_LOST }
	absent := driver()
	absent.InitFunc = func() nvml.Return { return nvml.ERROR_LIBRARY_NOT_FOUND }
	for name, c := range map[string]struct {
		lib  *mock.Interface
		want int
	}{"works": {driver(card("H100", 1, 1)), 1}, "without devices": {driver(), 1}, "fails": {lost, 1}, "absent": {absent, 0}} {
		_, _ = host.ProbeWith(t.Context(), nil, c.lib, noEnv)
		if got := len(c.lib.ShutdownCalls()); got != c.want {
			t.Errorf("%s: closed %d times, want %d", name, got, c.want)
		}
	}
}

// TestNoGPUIsAFact: no driver, a driver without devices, devices that somebody has hidden.
func TestNoGPUIsAFact(t *testing.T) {
	absent := driver()
	absent.InitFunc = func() nvml.Return { return nvml.ERROR_LIBRARY_NOT_FOUND }
	broken := driver()
	broken.InitFunc = func() nvml.Return { return nvml.ERROR_UNKNOWN }
	for name, c := range map[string]struct {
		lib  *mock.Interface
		hide string
		set  bool
		want string
	}{
		"no driver":                     {absent, "", false, "libnvidia-ml.so.1 is not installed"},
		"no devices":                    {driver(), "", false, "lists no devices"},
		"hidden":                        {driver(card("H100", 1, 1)), "-1", true, "hidden by CUDA_VISIBLE_DEVICES"},
		"hidden with a space":           {driver(card("H100", 1, 1)), " -1 ", true, "hidden by CUDA_VISIBLE_DEVICES"},
		"hidden by the empty list":      {driver(card("H100", 1, 1)), "", true, "hidden by CUDA_VISIBLE_DEVICES"},
		"hidden behind a broken driver": {broken, "-1", true, "hidden by CUDA_VISIBLE_DEVICES"},
	} {
		h, err := host.ProbeWith(t.Context(), nil, c.lib, func(string) (string, bool) { return c.hide, c.set })
		if err != nil || len(h.GPUs) != 0 || h.GPUs == nil || !strings.Contains(h.GPUProblem, c.want) {
			t.Errorf("%s: %v, problem %q, %v", name, h.GPUs, h.GPUProblem, err)
		}
	}
}

// TestFailingDriverIsNoProcessor: wherever the driver fails the probe does, with the step, the
// device and the code; what is known of the rest of the machine is there all the same.
func TestFailingDriverIsNoProcessor(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  func(*mock.Interface, *mock.Device)
		step   string
		device int
		code   nvml.Return
	}{
		"kernel module missing": {func(l *mock.Interface, _ *mock.Device) {
			l.InitFunc = func() nvml.Return { return nvml.ERROR_DRIVER_NOT_LOADED }
		}, "start", -1, nvml.ERROR_DRIVER_NOT_LOADED},
		"library of another driver": {func(l *mock.Interface, _ *mock.Device) {
			l.InitFunc = func() nvml.Return { return nvml.ERROR_LIB_RM_VERSION_MISMATCH }
		}, "start", -1, nvml.ERROR_LIB_RM_VERSION_MISMATCH},
		"a status nobody knows": {func(l *mock.Interface, _ *mock.Device) {
			l.InitFunc = func() nvml.Return { return nvml.Return(4711) }
		}, "start", -1, nvml.Return(4711)},
		"no version": {func(l *mock.Interface, _ *mock.Device) {
			l.SystemGetDriverVersionFunc = func() (string, nvml.Return) { return "", nvml.ERROR_UNKNOWN }
		}, "version", -1, nvml.ERROR_UNKNOWN},
		"no list": {func(l *mock.Interface, _ *mock.Device) {
			l.DeviceGetCountFunc = func() (int, nvml.Return) { return 0, nvml.ERROR_UNKNOWN }
		}, "list the devices", -1, nvml.ERROR_UNKNOWN},
		"fell off the bus": {func(l *mock.Interface, _ *mock.Device) {
			next := l.DeviceGetHandleByIndexFunc
			l.DeviceGetHandleByIndexFunc = func(i int) (nvml.Device, nvml.Return) {
				if i == 1 {
					return nil, nvml.ERROR_GPU_IS_LOST
				}
				return next(i)
			}
		}, "open", 1, nvml.ERROR_GPU_IS_LOST},
		"no name": {func(_ *mock.Interface, d *mock.Device) {
			d.GetNameFunc = func() (string, nvml.Return) { return "", nvml.ERROR_UNKNOWN }
		}, "name", 1, nvml.ERROR_UNKNOWN},
		"no UUID": {func(_ *mock.Interface, d *mock.Device) {
			d.GetUUIDFunc = func() (string, nvml.Return) { return "", nvml.ERROR_UNKNOWN }
		}, "UUID", 1, nvml.ERROR_UNKNOWN},
		"no memory": {func(_ *mock.Interface, d *mock.Device) {
			d.GetMemoryInfoFunc = func() (nvml.Memory, nvml.Return) { return nvml.Memory{}, nvml.ERROR_NOT_SUPPORTED }
		}, "memory", 1, nvml.ERROR_NOT_SUPPORTED},
		"no capability": {func(_ *mock.Interface, d *mock.Device) {
			d.GetCudaComputeCapabilityFunc = func() (int, int, nvml.Return) { return 0, 0, nvml.ERROR_NOT_SUPPORTED }
		}, "compute capability", 1, nvml.ERROR_NOT_SUPPORTED},
		"a name of nothing": {func(_ *mock.Interface, d *mock.Device) {
			d.GetNameFunc = func() (string, nvml.Return) { return "", nvml.SUCCESS }
		}, "identify", 1, nvml.SUCCESS},
		"memory of nothing": {func(_ *mock.Interface, d *mock.Device) {
			d.GetMemoryInfoFunc = func() (nvml.Memory, nvml.Return) { return nvml.Memory{}, nvml.SUCCESS }
		}, "identify", 1, nvml.SUCCESS},
	} {
		second := card("L4", 24e9, 24e9)
		lib := driver(card("H100", 80e9, 80e9), second)
		c.spoil(lib, second)
		h, err := host.ProbeWith(t.Context(), []model.Family{{Name: "x", Roles: model.Roles()}}, lib, noEnv)
		var wrong *host.DriverError
		if !errors.As(err, &wrong) || !errors.Is(err, host.ErrDriver) || wrong.Step != c.step || wrong.Device != c.device || wrong.Code != int(c.code) || wrong.Reason == "" {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if strings.Contains(err.Error(), "GPU 1: ") != (c.device == 1) || strings.Contains(err.Error(), "GPU -1") {
			t.Errorf("%s: which device? %v", name, err)
		}
		if len(h.GPUs) != 0 || h.GPUProblem != err.Error() || h.Cores < 1 || h.MemoryBytes < 1 || !strings.Contains(err.Error(), "CUDA_VISIBLE_DEVICES=-1") {
			t.Errorf("%s: facts %+v beside %v", name, h, err)
		}
	}
}
