package host

import (
	"fmt"
	"strings"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// hideEnv hides GPUs from programs, as the CUDA runtime reads it too.
const hideEnv = "CUDA_VISIBLE_DEVICES"

// gpus lists the NVIDIA GPUs, or says in words why there is none: no driver is installed, it lists no devices, or somebody has hidden them. A
// driver that is there and fails, or a device that does not say what it is, is a *DriverError.
func gpus(lib nvml.Interface, env func(string) (string, bool)) (list []model.GPU, problem string, err error) {
	none := []model.GPU{}
	if value, set := env(hideEnv); set && (strings.TrimSpace(value) == "" || strings.TrimSpace(value) == "-1") {
		return none, fmt.Sprintf("hidden by %s=%q", hideEnv, value), nil
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
	for i := range count {
		g, err := gpu(lib, i)
		if err != nil {
			return none, "", err
		}
		g.Driver = driver
		list = append(list, g)
	}
	return list, "", nil
}

// gpu asks one device what it is.
func gpu(lib nvml.Interface, index int) (model.GPU, error) {
	d, ret := lib.DeviceGetHandleByIndex(index)
	if ret != nvml.SUCCESS {
		return model.GPU{}, fault(lib, "open", index, ret)
	}
	g := model.GPU{Index: index, Provider: model.ProviderCUDA}
	if g.Name, ret = d.GetName(); ret != nvml.SUCCESS {
		return model.GPU{}, fault(lib, "name", index, ret)
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
