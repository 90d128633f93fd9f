package ort

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrLibraryMissing means that no ONNX Runtime library was found. The error is a
	// [*LibraryError] with the paths tried.
	ErrLibraryMissing = errors.New("onnx runtime library not found")
	// ErrLibraryUnusable means that a library was found, but the loader refused it. The error is a
	// [*LibraryError].
	ErrLibraryUnusable = errors.New("onnx runtime library cannot be loaded")
	// ErrVersion means that the library is older than the interface this package was built for. The
	// error is a [*LibraryError].
	ErrVersion = errors.New("onnx runtime library is too old")
	// ErrLibraryConflict means that another library is already open in this process. The error is a
	// [*LibraryError].
	ErrLibraryConflict = errors.New("another onnx runtime library is already open")
	// ErrClosed means that the runtime, session, memory or tensor was closed, or no runtime is
	// open.
	ErrClosed = errors.New("closed")
	// ErrModelMissing means that the model file does not exist or cannot be read. The error is a
	// [*ModelError].
	ErrModelMissing = errors.New("model file missing")
	// ErrModelCorrupt means that the bytes are not a complete, valid model. The error is a
	// [*ModelError].
	ErrModelCorrupt = errors.New("model is corrupt or not an onnx model")
	// ErrModelUnsupported means that the model is valid but needs an operator or version that this
	// library lacks. The error is a [*ModelError].
	ErrModelUnsupported = errors.New("model is not supported by this onnx runtime")
	// ErrSource means that a [Source] does not name exactly one of path and bytes.
	ErrSource = errors.New("model source needs exactly one of path and bytes")
	// ErrEdit means that an [Edit] reaches outside of the model.
	ErrEdit = errors.New("edit reaches outside of the model")
	// ErrProviderMissing means that the library has no such execution provider, or its shared
	// libraries are absent. The error is a [*ProviderError].
	ErrProviderMissing = errors.New("execution provider unavailable")
	// ErrDriverMissing means that the provider is there, but no driver or no device answers. The
	// error is a [*ProviderError].
	ErrDriverMissing = errors.New("device driver or device missing")
	// ErrOutOfMemory means that the device or host had no memory left for this call. The session
	// stays usable.
	ErrOutOfMemory = errors.New("out of memory")
	// ErrCount means that the number of tensors differs from the number of inputs or outputs.
	ErrCount = errors.New("wrong number of tensors")
	// ErrName means that the session has no input or output of that name. The error is a
	// [*TensorError].
	ErrName = errors.New("no such tensor")
	// ErrType means that the element type differs from what the session declares. The error is a
	// [*TensorError].
	ErrType = errors.New("element type mismatch")
	// ErrShape means that the shape is invalid or differs from what the session declares. The error
	// is a [*TensorError].
	ErrShape = errors.New("shape mismatch")
	// ErrCapacity means that a pool has no room for a model and nothing idle to close for it. The
	// error is a [*CapacityError].
	ErrCapacity = errors.New("no room for the model")
	// ErrRun means that the graph failed while running. The error is a [*ModelError].
	ErrRun = errors.New("model run failed")
)

// LibraryError says which library files were tried and how to get one.
type LibraryError struct {
	Kind   error    // one of ErrLibraryMissing, ErrLibraryUnusable, ErrVersion, ErrLibraryConflict
	Paths  []string // every path tried, in order
	Detail string   // the loader's words, or the library already open; may be empty
}

// Error names the paths tried and the command that installs the library.
func (e *LibraryError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v (tried %s)", e.Kind, strings.Join(e.Paths, ", "))
	if e.Detail != "" {
		fmt.Fprintf(&b, ": %s", e.Detail)
	}
	if !errors.Is(e.Kind, ErrLibraryConflict) {
		fmt.Fprintf(&b, "; install it with: %s", InstallCommand)
	}
	return b.String()
}

// Unwrap returns the sentinel.
func (e *LibraryError) Unwrap() error { return e.Kind }

// ModelError names the model that could not be loaded or run.
type ModelError struct {
	Kind   error  // one of ErrSource, ErrEdit, ErrModelMissing, ErrModelCorrupt, ErrModelUnsupported, ErrOutOfMemory, ErrRun
	Model  string // path or name from [Source]
	Detail string // the runtime's words
}

// Error names the model and what the runtime said.
func (e *ModelError) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("%s: %v", e.Model, e.Kind)
	}
	return fmt.Sprintf("%s: %v: %s", e.Model, e.Kind, e.Detail)
}

// Unwrap returns the sentinel.
func (e *ModelError) Unwrap() error { return e.Kind }

// ProviderError names the execution provider that could not be used.
type ProviderError struct {
	Kind     error // ErrProviderMissing, ErrDriverMissing or ErrOutOfMemory
	Provider Provider
	Library  string // the shared library that was not found; may be empty
	Detail   string // the runtime's words
}

// Error names the provider, what the runtime said, and for a missing library which one and what
// brings it.
func (e *ProviderError) Error() string {
	switch {
	case e.Library == "":
		return fmt.Sprintf("%s: %v: %s", e.Provider, e.Kind, e.Detail)
	case errors.Is(e.Kind, ErrDriverMissing):
		return fmt.Sprintf("%s: %v: %s comes with the device driver and was not found", e.Provider, e.Kind, e.Library)
	}
	return fmt.Sprintf("%s: %v: %s was not found; the runtime library comes with: sensory-agent models pull runtime-cuda, "+
		"the rest with CUDA 13 and cuDNN 9", e.Provider, e.Kind, e.Library)
}

// Unwrap returns the sentinel.
func (e *ProviderError) Unwrap() error { return e.Kind }

// TensorError names the tensor that does not fit.
type TensorError struct {
	Kind  error  // ErrName, ErrType or ErrShape
	Model string // path or name from [Source]; empty when no session is involved
	Name  string // tensor name; empty when no session is involved
	Want  string
	Got   string
}

// Error names model, tensor, what was wanted and what came.
func (e *TensorError) Error() string {
	where := e.Name
	if e.Model != "" {
		where = e.Model + ": tensor " + e.Name
	}
	if where == "" {
		where = "tensor"
	}
	if e.Want == "" {
		return fmt.Sprintf("%s: %v: got %s", where, e.Kind, e.Got)
	}
	return fmt.Sprintf("%s: %v: want %s, got %s", where, e.Kind, e.Want, e.Got)
}

// Unwrap returns the sentinel.
func (e *TensorError) Unwrap() error { return e.Kind }

// CapacityError says what a model would need and what there is. All sizes are in bytes of model
// files.
type CapacityError struct {
	Model string
	Place Place
	// Need is what the model takes, Used what loaded ones do, Idle the part of it that nobody
	// holds, Limit all there is.
	Need, Used, Idle, Limit int64
	// Held are the loaded models that somebody holds.
	Held int
}

// Error has the numbers and what helps.
func (e *CapacityError) Error() string {
	if e.Need > e.Limit {
		return fmt.Sprintf("%s: %v on %s: it takes %d bytes, the whole budget is %d", e.Model, ErrCapacity, e.Place, e.Need, e.Limit)
	}
	return fmt.Sprintf("%s: %v on %s: it takes %d bytes, %d of %d are taken by models in use (%d of them), %d by idle ones", e.Model, ErrCapacity, e.Place,
		e.Need, e.Used-e.Idle, e.Limit, e.Held, e.Idle)
}

// Unwrap returns ErrCapacity.
func (e *CapacityError) Unwrap() error { return ErrCapacity }
