package ort_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// wantText fails unless the error names every part.
func wantText(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestOpenMissingLibrary(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "libonnxruntime.so.1")
	_, err := ort.Open(ort.Config{LibraryPath: path})
	if !errors.Is(err, ort.ErrLibraryMissing) {
		t.Fatalf("got %v", err)
	}
	wantText(t, err, path, "sensory-agent models pull runtime-cpu")

	t.Setenv("SENSORY_AGENT_MODELS", dir)
	_, err = ort.Open(ort.Config{})
	if !errors.Is(err, ort.ErrLibraryMissing) {
		t.Fatalf("got %v", err)
	}
	wantText(t, err, filepath.Join(dir, "runtime-cpu"))

	t.Setenv("SENSORY_AGENT_MODELS", "")
	for _, c := range []struct{ data, home, want string }{
		{dir, "/nowhere", filepath.Join(dir, "sensory-agent", "models", "runtime-cpu")},
		{"", dir, filepath.Join(dir, ".local", "share", "sensory-agent", "models", "runtime-cpu")},
		{"", "", filepath.Join("sensory-agent", "models", "runtime-cpu")},
	} {
		t.Setenv("XDG_DATA_HOME", c.data)
		t.Setenv("HOME", c.home)
		_, err = ort.Open(ort.Config{})
		var missing *ort.LibraryError
		if !errors.As(err, &missing) || !errors.Is(err, ort.ErrLibraryMissing) || len(missing.Paths) != 1 || missing.Paths[0] != c.want {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}

// TestTheLastLibraryOfADirectory by name is taken, and a directory without one says what was looked
// for.
func TestTheLastLibraryOfADirectory(t *testing.T) {
	dir := t.TempDir()
	_, err := ort.Open(ort.Config{LibraryPath: dir})
	if !errors.Is(err, ort.ErrLibraryMissing) {
		t.Fatalf("got %v", err)
	}
	wantText(t, err, filepath.Join(dir, "libonnxruntime.so*"))
	for _, name := range []string{"libonnxruntime.so.1.31.0", "libonnxruntime.so.1.31.1", "libonnxruntime.so.1.2"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("not a library"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err = ort.Open(ort.Config{LibraryPath: dir})
	var broken *ort.LibraryError
	if !errors.As(err, &broken) || !errors.Is(err, ort.ErrLibraryUnusable) || len(broken.Paths) != 3 {
		t.Fatalf("got %v", err)
	}
	wantText(t, err, filepath.Join(dir, "libonnxruntime.so.1.31.1"))
}

// TestOneLibraryAProcess: a second one would have an environment of its own, and values of one are
// none of the other.
func TestOneLibraryAProcess(t *testing.T) {
	rt := open(t)
	other := filepath.Join(t.TempDir(), "libonnxruntime.so.2")
	if err := os.WriteFile(other, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := ort.Open(ort.Config{LibraryPath: other})
	var conflict *ort.LibraryError
	if !errors.As(err, &conflict) || !errors.Is(err, ort.ErrLibraryConflict) || conflict.Detail != rt.Path() {
		t.Errorf("got %v", err)
	}
}

func TestOpenUnusableLibrary(t *testing.T) {
	path := filepath.Join(t.TempDir(), "libonnxruntime.so.1")
	if err := os.WriteFile(path, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := ort.Open(ort.Config{LibraryPath: path})
	if !errors.Is(err, ort.ErrLibraryUnusable) {
		t.Fatalf("got %v", err)
	}
	wantText(t, err, path)
}

func TestDeviceLibraries(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "libcudart.so.13")
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t), DeviceLibraries: []string{dir, filepath.Join(dir, "missing")}})
	if err != nil {
		t.Fatalf("directories without libraries: %v", err)
	}
	closeAfter(t, rt)
	if err := os.WriteFile(path, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t), DeviceLibraries: []string{dir}})
	if !errors.Is(err, ort.ErrLibraryUnusable) {
		t.Fatalf("got %v", err)
	}
	wantText(t, err, path)
}

func TestOpenCountsReferences(t *testing.T) {
	path := testmodels.Runtime(t)
	first, err := ort.Open(ort.Config{LibraryPath: path})
	if err != nil {
		t.Fatal(err)
	}
	second, err := ort.Open(ort.Config{LibraryPath: filepath.Dir(path)})
	if err != nil {
		t.Fatal(err)
	}
	if first.Version() == "" || first.Version() != second.Version() {
		t.Errorf("versions %q and %q", first.Version(), second.Version())
	}
	tensor, err := ort.Float32([]int64{1}, []float32{1})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []interface{ Close() error }{first, first, second, tensor, tensor} {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := ort.Float32([]int64{1}, []float32{1}); !errors.Is(err, ort.ErrClosed) {
		t.Errorf("after the last close: got %v, want ErrClosed", err)
	}
	if _, err := first.Load(t.Context(), ort.Source{Path: "x"}, ort.Options{}); !errors.Is(err, ort.ErrClosed) {
		t.Errorf("load after close: got %v, want ErrClosed", err)
	}
	again, err := ort.Open(ort.Config{LibraryPath: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestLoadErrors(t *testing.T) {
	rt := open(t)
	dir := t.TempDir()
	whole := identity(onnx.Float32, 1).encode()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	unknown := graph{
		nodes:   []node{{op: "NoSuchOperator", in: []string{"x"}, out: []string{"y"}}},
		inputs:  []value{{"x", onnx.Float32, []int64{1}}},
		outputs: []value{{"y", onnx.Float32, []int64{1}}},
	}
	for _, c := range []struct {
		name string
		src  ort.Source
		want error
	}{
		{"missing", ort.Source{Path: filepath.Join(dir, "missing.onnx")}, ort.ErrModelMissing},
		{"empty", ort.Source{Path: write("empty.onnx", nil)}, ort.ErrModelCorrupt},
		{"noise", ort.Source{Path: write("noise.onnx", []byte("this is no model"))}, ort.ErrModelCorrupt},
		{"truncated", ort.Source{Path: write("truncated.onnx", whole[:len(whole)-9])}, ort.ErrModelCorrupt},
		{"truncated bytes", ort.Source{Name: "embedded.onnx", Bytes: whole[:len(whole)-9]}, ort.ErrModelCorrupt},
		{"operator", ort.Source{Name: "operator.onnx", Bytes: unknown.encode()}, ort.ErrModelUnsupported},
		{"nothing", ort.Source{Name: "nothing.onnx"}, ort.ErrSource},
		{"both", ort.Source{Name: "both.onnx", Path: "x", Bytes: whole}, ort.ErrSource},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := rt.Load(t.Context(), c.src, ort.Options{})
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			name := c.src.Name
			if name == "" {
				name = c.src.Path
			}
			wantText(t, err, name)
		})
	}
}

func TestCUDAIsNeverReplaced(t *testing.T) {
	rt := open(t)
	_, err := rt.Load(t.Context(), ort.Source{Name: "x", Bytes: identity(onnx.Float32, 1).encode()}, ort.Options{Provider: ort.CUDA})
	var pe *ort.ProviderError
	if !errors.As(err, &pe) || pe.Provider != ort.CUDA {
		t.Fatalf("the processor build of the library loaded a CUDA session: %v", err)
	}
	if !errors.Is(err, ort.ErrProviderMissing) {
		t.Errorf("got %v, want ErrProviderMissing", err)
	}
}
