package ort_test

import (
	"errors"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// TestWhatErrorsSay is read by people: what is wrong, where, and what helps.
func TestWhatErrorsSay(t *testing.T) {
	const install = "; install it with: sensory-agent models pull runtime-cpu"
	for want, err := range map[string]error{
		"onnx runtime library not found (tried a, b)" + install: &ort.LibraryError{Kind: ort.ErrLibraryMissing, Paths: []string{"a", "b"}},
		"onnx runtime library is too old (tried a): words" + install: &ort.LibraryError{
			Kind: ort.ErrVersion, Paths: []string{"a"}, Detail: "words",
		},
		"another onnx runtime library is already open (tried a): b": &ort.LibraryError{Kind: ort.ErrLibraryConflict, Paths: []string{"a"}, Detail: "b"},
		"m: model file missing":      &ort.ModelError{Kind: ort.ErrModelMissing, Model: "m"},
		"m: model run failed: words": &ort.ModelError{Kind: ort.ErrRun, Model: "m", Detail: "words"},
		"cuda: out of memory: words": &ort.ProviderError{Kind: ort.ErrOutOfMemory, Provider: ort.CUDA, Detail: "words"},
		"cuda: device driver or device missing: libcuda.so.1 comes with the device driver and was not found": &ort.ProviderError{
			Kind: ort.ErrDriverMissing, Provider: ort.CUDA, Library: "libcuda.so.1", Detail: "words",
		},
		"cuda: execution provider unavailable: libcudnn.so.9 was not found; the runtime library comes with: " +
			"sensory-agent models pull runtime-cuda, the rest with CUDA 13 and cuDNN 9": &ort.ProviderError{
			Kind: ort.ErrProviderMissing, Provider: ort.CUDA, Library: "libcudnn.so.9", Detail: "words",
		},
		"m: tensor x: shape mismatch: want [1], got [2]":                           &ort.TensorError{Kind: ort.ErrShape, Model: "m", Name: "x", Want: "[1]", Got: "[2]"},
		"tensor: shape mismatch: want [1], got [2]":                                &ort.TensorError{Kind: ort.ErrShape, Want: "[1]", Got: "[2]"},
		"m: tensor z: no such tensor: got [x y]":                                   &ort.TensorError{Kind: ort.ErrName, Model: "m", Name: "z", Got: "[x y]"},
		"m: no room for the model on cpu: it takes 9 bytes, the whole budget is 8": &ort.CapacityError{Model: "m", Need: 9, Limit: 8},
		"m: no room for the model on cuda:1: it takes 5 bytes, 3 of 8 are taken by models in use (2 of them), 1 by idle ones": &ort.CapacityError{
			Model: "m", Place: ort.Place{Provider: ort.CUDA, Device: 1}, Need: 5, Used: 4, Idle: 1, Limit: 8, Held: 2,
		},
	} {
		if got := err.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for err, kind := range map[error]error{
		&ort.CapacityError{}: ort.ErrCapacity, &ort.LibraryError{Kind: ort.ErrVersion}: ort.ErrVersion,
		&ort.ModelError{Kind: ort.ErrRun}: ort.ErrRun, &ort.ProviderError{Kind: ort.ErrDriverMissing}: ort.ErrDriverMissing,
		&ort.TensorError{Kind: ort.ErrType}: ort.ErrType,
	} {
		if !errors.Is(err, kind) {
			t.Errorf("%T is not %v", err, kind)
		}
	}
}

func TestNamesOfWords(t *testing.T) {
	for value, want := range map[interface{ String() string }]string{
		ort.CPU: "cpu", ort.CUDA: "cuda", ort.Provider(7): "provider(7)", ort.TypeFloat32: "float32", ort.TypeFloat16: "float16",
		ort.TypeInt64: "int64", ort.TypeInt32: "int32", ort.TypeUint8: "uint8", ort.TypeBool: "bool", ort.ElementType(0): "type(0)",
		ort.ElementType(7): "type(7)", ort.ElementType(-1): "type(-1)",
	} {
		if got := value.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for kind, want := range map[ort.ElementType]int{
		ort.TypeFloat32: 4, ort.TypeFloat16: 2, ort.TypeInt64: 8, ort.TypeInt32: 4, ort.TypeUint8: 1, ort.TypeBool: 1,
	} {
		if kind.Size() != want {
			t.Errorf("%v has %d bytes", kind, kind.Size())
		}
	}
}

// TestSessionsSayWhatTheyAre finds inputs and outputs by name and keeps the options.
func TestSessionsSayWhatTheyAre(t *testing.T) {
	rt := open(t)
	g := concat(onnx.Float32)
	s, err := rt.Load(t.Context(), ort.Source{Name: "joins", Bytes: g.encode()}, ort.Options{Threads: 2, NoOptimize: true, Spin: true})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, s)
	if s.Name() != "joins" || s.Options().Threads != 2 || !s.Options().NoOptimize {
		t.Errorf("%q, %+v", s.Name(), s.Options())
	}
	for name, want := range map[string]int{"past": 0, "new": 1} {
		if i, err := s.Input(name); err != nil || i != want {
			t.Errorf("input %s: %d, %v", name, i, err)
		}
	}
	if i, err := s.Output("present"); err != nil || i != 0 {
		t.Errorf("output: %d, %v", i, err)
	}
	for _, find := range []func(string) (int, error){s.Input, s.Output} {
		i, err := find("nobody")
		var wrong *ort.TensorError
		if i != -1 || !errors.As(err, &wrong) || !errors.Is(err, ort.ErrName) || wrong.Name != "nobody" || wrong.Model != "joins" {
			t.Errorf("%d, %v", i, err)
		}
	}
	if rt.Path() == "" || rt.Pool() != nil {
		t.Errorf("library %q, pool %v", rt.Path(), rt.Pool())
	}
}

func TestInt32Tensors(t *testing.T) {
	s := load(t, identity(onnx.Int32, -1))
	in := must(t)(ort.Int32([]int64{3}, []int32{1, -2, 3}))
	out := []ort.Tensor{nil}
	if err := s.Run(t.Context(), []ort.Tensor{in}, out); err != nil {
		t.Fatal(err)
	}
	closeAfter(t, out[0])
	got := out[0].Int32s()
	if len(got) != 3 || got[0] != 1 || got[1] != -2 || got[2] != 3 || out[0].Type() != ort.TypeInt32 || out[0].Int64s() != nil {
		t.Errorf("%v of %v", got, out[0].Type())
	}
}
