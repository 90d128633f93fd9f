package host

import (
	"fmt"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// GPUs lists the NVIDIA GPUs that CUDA shows to a process with this environment, under its numbers,
// or says in words why there is none: no driver is installed, it lists no devices, or somebody has
// hidden them. Errors: a *DriverError for a driver that is there and fails, or a device that does
// not say what it is; a *VisibleError where it is not known which device has which number.
func GPUs(lib nvml.Interface, env func(string) (string, bool)) (list []model.GPU, problem string, err error) {
	none := []model.GPU{}
	value, set := env(hideEnv)
	var want wanted
	if set {
		if want, err = read(value); err != nil {
			return none, "", err
		}
		if want.none() {
			return none, fmt.Sprintf("hidden by %s=%q", hideEnv, value), nil
		}
	}
	switch ret := lib.Init(); ret {
	case nvml.SUCCESS:
	case nvml.ERROR_LIBRARY_NOT_FOUND:
		return none, "no NVIDIA driver: libnvidia-ml.so.1 is not installed", nil
	default:
		return none, "", fault(lib, "start", noDevice, ret)
	}
	defer func() { _ = lib.Shutdown() }() // there is nothing to do about a library that does not close
	driver, ret := lib.SystemGetDriverVersion()
	if ret != nvml.SUCCESS {
		return none, "", fault(lib, "version", noDevice, ret)
	}
	count, ret := lib.DeviceGetCount()
	if ret != nvml.SUCCESS {
		return none, "", fault(lib, "list the devices", noDevice, ret)
	}
	if count == 0 {
		return none, "the NVIDIA driver lists no devices", nil
	}
	places, err := want.places(lib, env, set, count)
	if err != nil {
		return none, "", err
	}
	if len(places) == 0 {
		return none, fmt.Sprintf("hidden by %s=%q, which names none of the %d that are there", hideEnv, value, count), nil
	}
	for number, place := range places {
		g, err := gpu(lib, place)
		if err != nil {
			return none, "", err
		}
		g.Index, g.Driver = number, driver
		list = append(list, g)
	}
	return list, "", nil
}

// places are those on the bus of the GPUs that are visible, in CUDA's order: all of them where
// nobody has chosen.
func (w *wanted) places(lib nvml.Interface, env func(string) (string, bool), chosen bool, count int) ([]int, error) {
	if err := w.ordered(env, count); err != nil {
		return nil, err
	}
	uuids := make([]string, count)
	if len(w.uuids) > 0 {
		for i := range uuids {
			d, ret := lib.DeviceGetHandleByIndex(i)
			if ret == nvml.SUCCESS {
				uuids[i], ret = d.GetUUID()
			}
			if ret != nvml.SUCCESS {
				return nil, fault(lib, "UUID", i, ret)
			}
		}
	}
	if chosen {
		return w.visible(uuids), nil
	}
	all := make([]int, count)
	for i := range all {
		all[i] = i
	}
	return all, nil
}

// gpu asks the device at a place on the bus what it is.
func gpu(lib nvml.Interface, index int) (model.GPU, error) {
	d, ret := lib.DeviceGetHandleByIndex(index)
	if ret != nvml.SUCCESS {
		return model.GPU{}, fault(lib, "open", index, ret)
	}
	g := model.GPU{Provider: model.ProviderCUDA}
	if g.Name, ret = d.GetName(); ret != nvml.SUCCESS {
		return model.GPU{}, fault(lib, "name", index, ret)
	}
	if g.UUID, ret = d.GetUUID(); ret != nvml.SUCCESS {
		return model.GPU{}, fault(lib, "UUID", index, ret)
	}
	memory, ret := d.GetMemoryInfo()
	if ret != nvml.SUCCESS {
		return model.GPU{}, fault(lib, "memory", index, ret)
	}
	g.MemoryBytes, g.MemoryFree = bytesOf(memory.Total), bytesOf(memory.Free)
	major, minor, ret := d.GetCudaComputeCapability()
	if ret != nvml.SUCCESS {
		return model.GPU{}, fault(lib, "compute capability", index, ret)
	}
	g.Capability = fmt.Sprintf("%d.%d", major, minor)
	if g.Name == "" || g.MemoryBytes == 0 {
		return model.GPU{}, &DriverError{Step: "identify", Device: index, Reason: fmt.Sprintf("it says its name is %q and its memory %d bytes", g.Name, g.MemoryBytes)}
	}
	return g, nil
}

// fault puts a status into words.
func fault(lib nvml.Interface, step string, device int, ret nvml.Return) error {
	return &DriverError{Step: step, Device: device, Code: int(ret), Reason: lib.ErrorString(ret)}
}
