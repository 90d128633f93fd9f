package host

import (
	"errors"
	"fmt"
)

// ErrDriver says that a GPU driver is there and fails, or that a GPU does not say what it is. The
// error is a *DriverError.
var ErrDriver = errors.New("host: GPU driver fails")

// noDevice stands for no particular one.
const noDevice = -1

// DriverError says what the driver could not do. A machine whose driver fails is not one without a
// GPU: nothing is chosen for it until somebody has mended the driver or hidden the GPU.
type DriverError struct {
	// Step is what was asked: "start", "list the devices", "memory".
	Step string
	// Device is the GPU asked about, -1 for the driver itself.
	Device int
	// Code is NVML's status, Reason its words.
	Code   int
	Reason string
}

// Error names the step and what helps.
func (e *DriverError) Error() string {
	where := e.Step
	if e.Device != noDevice {
		where = fmt.Sprintf("GPU %d: %s", e.Device, e.Step)
	}
	return fmt.Sprintf("%v: %s: %s (NVML %d); mend the driver, or hide the GPU with %s=-1", ErrDriver, where, e.Reason, e.Code, hideEnv)
}

// Unwrap returns ErrDriver.
func (e *DriverError) Unwrap() error { return ErrDriver }

// ErrVisible says that it is not known which GPU has which number. The error is a *VisibleError.
var ErrVisible = errors.New("host: which GPU has which number is not known")

// VisibleError names the variable that leaves it open.
type VisibleError struct {
	// Name and Value are the variable's, Reason says why it cannot be used.
	Name, Value, Reason string
}

// Error names the variable and what helps.
func (e *VisibleError) Error() string {
	return fmt.Sprintf("%v: %s=%q: %s", ErrVisible, e.Name, e.Value, e.Reason)
}

// Unwrap returns ErrVisible.
func (e *VisibleError) Unwrap() error { return ErrVisible }
