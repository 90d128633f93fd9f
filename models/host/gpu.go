package host

import (
	"fmt"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// gpus lists the NVIDIA GPUs, or says in words why there is none.
func gpus() ([]model.GPU, string) {
	none := []model.GPU{}
	if ret := nvml.Init(); ret != nvml.SUCCESS {
		return none, "no NVIDIA driver: " + reason(ret)
	}
	defer func() { _ = nvml.Shutdown() }() // there is nothing to do about a library that does not close
	driver, ret := nvml.SystemGetDriverVersion()
	if ret != nvml.SUCCESS {
		driver = ""
	}
	count, ret := nvml.DeviceGetCount()
	if ret != nvml.SUCCESS {
		return none, "the NVIDIA driver lists no devices: " + reason(ret)
	}
	out, problem := none, ""
	for i := range count {
		g, err := gpu(i)
		if err != nil {
			problem = err.Error()
			continue
		}
		g.Driver = driver
		out = append(out, g)
	}
	if count == 0 {
		problem = "the NVIDIA driver lists no devices"
	}
	return out, problem
}

func gpu(index int) (model.GPU, error) {
	d, ret := nvml.DeviceGetHandleByIndex(index)
	if ret != nvml.SUCCESS {
		return model.GPU{}, fmt.Errorf("GPU %d: %s", index, reason(ret))
	}
	g := model.GPU{Index: index, Provider: model.ProviderCUDA}
	if g.Name, ret = d.GetName(); ret != nvml.SUCCESS {
		g.Name = fmt.Sprintf("NVIDIA GPU %d", index)
	}
	memory, ret := d.GetMemoryInfo()
	if ret != nvml.SUCCESS {
		return model.GPU{}, fmt.Errorf("GPU %d: memory: %s", index, reason(ret))
	}
	g.MemoryBytes, g.MemoryFree = bytesOf(memory.Total), bytesOf(memory.Free)
	if major, minor, ret := d.GetCudaComputeCapability(); ret == nvml.SUCCESS {
		g.Capability = fmt.Sprintf("%d.%d", major, minor)
	}
	return g, nil
}

// reason puts a status into words; before the library is loaded it has no words of its own.
func reason(ret nvml.Return) string {
	if ret == nvml.ERROR_LIBRARY_NOT_FOUND {
		return "libnvidia-ml.so.1 is not installed"
	}
	return ret.Error()
}
