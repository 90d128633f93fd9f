package ort

import (
	"fmt"
	"runtime"
)

// Provider is where the kernels of a session run.
type Provider int

// The execution providers.
const (
	CPU  Provider = iota // the processor; the zero value
	CUDA                 // an NVIDIA device
)

// String returns the provider's usual name.
func (p Provider) String() string {
	switch p {
	case CPU:
		return "cpu"
	case CUDA:
		return "cuda"
	}
	return fmt.Sprintf("provider(%d)", int(p))
}

// Options of one session. The zero value is one thread on the processor.
type Options struct {
	Threads  int      // threads inside one operator; 0 means 1, below 0 means all processors
	Provider Provider // never replaced by another one: an unavailable provider is an error
	DeviceID int      // device number for CUDA
	// DeviceMemory limits the arena of a CUDA session, in bytes; 0 means no limit.
	DeviceMemory int64
	// NoFallback refuses a graph of which a device would leave a part to the processor; without it
	// the runtime does so in silence.
	NoFallback bool
	// Spin keeps idle worker threads busy for shorter wake-ups. Leave it off in a service.
	Spin bool
	// NoOptimize loads the graph as it is, without rewriting it. For comparisons only.
	NoOptimize bool
}

// threads is the effective thread count.
func (o Options) threads() int {
	switch {
	case o.Threads == 0:
		return 1
	case o.Threads < 0:
		return runtime.NumCPU()
	}
	return o.Threads
}
