package ort

import (
	"errors"
	"testing"
)

// TestProviderErrors classifies what ONNX Runtime 1.31.1 says about CUDA.
func TestProviderErrors(t *testing.T) {
	const load = "[ONNXRuntimeError] : 1 : FAIL : Failed to load library /x/libonnxruntime_providers_cuda.so with error: "
	for _, c := range []struct {
		text    string
		kind    error
		library string
	}{
		{load + "libcublasLt.so.13: cannot open shared object file: No such file or directory", ErrProviderMissing, "libcublasLt.so.13"},
		{load + "libcuda.so.1: cannot open shared object file: No such file or directory", ErrDriverMissing, "libcuda.so.1"},
		{"CUDA execution provider is not enabled in this build.", ErrProviderMissing, ""},
		{"CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version", ErrDriverMissing, ""},
		{"CUDA failure 100: no CUDA-capable device is detected", ErrDriverMissing, ""},
		{"CUDA failure 2: out of memory", ErrOutOfMemory, ""},
	} {
		var e *ProviderError
		if err := providerError(CUDA, errors.New(c.text)); !errors.As(err, &e) || !errors.Is(err, c.kind) || e.Library != c.library {
			t.Errorf("%q: got %v, library %q; want %v, %q", c.text, err, e.Library, c.kind, c.library)
		}
	}
}
