package gpu

import (
	"fmt"
	"os"
	"strings"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// hideEnv hides cards from programs, as the CUDA runtime reads it too.
const hideEnv = "CUDA_VISIBLE_DEVICES"

// card is an NVIDIA card.
type card struct {
	name, driver string
	memory       uint64 // bytes
}

// String names it for people.
func (c card) String() string {
	return fmt.Sprintf("%s, %d MB, driver %s", c.name, c.memory>>20, c.driver)
}

// cards lists the NVIDIA cards of this machine. Where there is none, why says so in words.
func cards(lib nvml.Interface) (list []card, why string) {
	if value, set := os.LookupEnv(hideEnv); set && (strings.TrimSpace(value) == "" || strings.TrimSpace(value) == "-1") {
		return nil, fmt.Sprintf("hidden by %s=%q", hideEnv, value)
	}
	switch ret := lib.Init(); ret {
	case nvml.SUCCESS:
	case nvml.ERROR_LIBRARY_NOT_FOUND:
		return nil, "no NVIDIA driver: libnvidia-ml.so.1 is not installed"
	default:
		return nil, "the NVIDIA driver does not start: " + lib.ErrorString(ret)
	}
	defer func() { _ = lib.Shutdown() }() // there is nothing to do about a library that does not close
	driver, ret := lib.SystemGetDriverVersion()
	if ret != nvml.SUCCESS {
		return nil, "the NVIDIA driver does not say its version: " + lib.ErrorString(ret)
	}
	count, ret := lib.DeviceGetCount()
	if ret != nvml.SUCCESS || count == 0 {
		return nil, "the NVIDIA driver lists no cards: " + lib.ErrorString(ret)
	}
	for i := range count {
		c := card{driver: driver}
		d, ret := lib.DeviceGetHandleByIndex(i)
		if ret == nvml.SUCCESS {
			c.name, ret = d.GetName()
		}
		var memory nvml.Memory
		if ret == nvml.SUCCESS {
			memory, ret = d.GetMemoryInfo()
		}
		if ret != nvml.SUCCESS {
			return nil, fmt.Sprintf("card %d does not say what it is: %s", i, lib.ErrorString(ret))
		}
		c.memory = memory.Total
		list = append(list, c)
	}
	return list, ""
}
