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
	// Spin keeps idle worker threads busy for shorter wake-ups. Leave it off in a service.
	Spin bool
	// NoOptimize loads the graph as it is, without rewriting it. For comparisons only.
	NoOptimize bool
	// Runs is how many runs of the native session may be under way at once, for models that need it; 0 means any number. Holders
	// of a pool share the count with the session.
	Runs int
	// WhenBusy says what this holder's Run does when as many are under way.
	WhenBusy WhenBusy
}

// WhenBusy says what a run does that finds a session busy.
type WhenBusy int

// The answers to a busy session.
const (
	Wait   WhenBusy = iota // for its turn, as long as its context allows; the zero value
	Refuse                 // at once, with a [*BusyError]
)

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
