package ort

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// TestWhatIsTheSameModel: a file with those beside it, as it is now, by whatever path.
func TestWhatIsTheSameModel(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write := func(name string, size int) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	of := func(src Source, opt Options) (identity, int64) {
		t.Helper()
		id, bytes, err := identify(src, opt)
		if err != nil {
			t.Fatal(err)
		}
		return id, bytes
	}
	path := filepath.Join(dir, "m.onnx")
	write("m.onnx", 10)
	alone, bytes := of(Source{Path: path}, Options{})
	if relative, _ := of(Source{Name: "other", Path: "m.onnx"}, Options{Threads: 1}); relative != alone || bytes != 10 {
		t.Errorf("%d bytes; a relative path, another name and one thread, said in another way, make another model", bytes)
	}
	write("m.onnx_data", 200)
	first, bytes := of(Source{Path: path}, Options{})
	if first == alone || bytes != 210 {
		t.Errorf("with data beside it: %d bytes, the same %v", bytes, first == alone)
	}
	write("m.onnx.data", 3000)
	both, bytes := of(Source{Path: path}, Options{})
	if both == first || bytes != 3210 {
		t.Errorf("with more data beside it: %d bytes, the same %v", bytes, both == first)
	}
	if err := os.Chtimes(path+"_data", time.Time{}, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if later, _ := of(Source{Path: path}, Options{}); later == both {
		t.Error("data that were written again are the same")
	}
	if id, _ := of(Source{Path: path, Edit: &Edit{}}, Options{}); id == both {
		t.Error("an edit of nothing is no edit")
	}
	if _, _, err := identify(Source{Path: path + "x"}, Options{}); !errors.Is(err, ErrModelMissing) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestPlaces(t *testing.T) {
	for opt, want := range map[Options]string{
		{}: "cpu", {DeviceID: 3}: "cpu", {Provider: CUDA}: "cuda:0", {Provider: CUDA, DeviceID: 3}: "cuda:3",
	} {
		if got := (identity{opt: opt}).place(); got.String() != want || opt.Provider == CPU && got != (Place{}) {
			t.Errorf("%+v is at %v, want %s", opt, got, want)
		}
	}
	for threads, want := range map[int]int{0: 1, 1: 1, 7: 7, -1: runtime.NumCPU(), -5: runtime.NumCPU()} {
		if got := (Options{Threads: threads}).threads(); got != want {
			t.Errorf("%d threads mean %d, want %d", threads, got, want)
		}
	}
	for src, want := range map[[2]string]string{{"n", "p"}: "n", {"", "p"}: "p", {"", ""}: "embedded model"} {
		if got := (Source{Name: src[0], Path: src[1]}).label(); got != want {
			t.Errorf("%v is called %q, want %q", src, got, want)
		}
	}
}

// TestModelAndRunErrors classifies what ONNX Runtime says of models and runs.
func TestModelAndRunErrors(t *testing.T) {
	for text, want := range map[string][2]error{
		"Protobuf parsing failed":                                            {ErrModelCorrupt, ErrRun},
		"Fatal error: Foo(1) is not a registered function/op":                {ErrModelUnsupported, ErrRun},
		"Could not find an implementation for Foo(13)":                       {ErrModelUnsupported, ErrRun},
		"Unsupported model IR version: 99":                                   {ErrModelUnsupported, ErrRun},
		"BFCArena: Failed to allocate memory for requested buffer of size 9": {ErrOutOfMemory, ErrOutOfMemory},
		"std::bad_alloc": {ErrOutOfMemory, ErrOutOfMemory},
	} {
		for i, err := range []error{loadError("m", Options{}, errors.New(text)), runError("m", errors.New(text))} {
			var typed *ModelError
			if !errors.As(err, &typed) || !errors.Is(err, want[i]) || typed.Model != "m" || typed.Detail != text {
				t.Errorf("%q: %v, want %v", text, err, want[i])
			}
		}
	}
	// On a device the provider may be what failed; on the processor the same words are the model's.
	words := errors.New("CUDA failure 100: no CUDA-capable device is detected")
	var provider *ProviderError
	if err := loadError("m", Options{Provider: CUDA}, words); !errors.As(err, &provider) || !errors.Is(err, ErrDriverMissing) {
		t.Errorf("on a device: %v", err)
	}
	if err := loadError("m", Options{}, words); errors.As(err, &provider) {
		t.Errorf("on the processor: %v", err)
	}
	if err := loadError("m", Options{Provider: CUDA}, errors.New("Protobuf parsing failed")); !errors.Is(err, ErrModelCorrupt) {
		t.Errorf("a broken model on a device: %v", err)
	}
	if terminated(nil) || terminated(errors.New("x")) || !terminated(errors.New("run: Exiting due to terminate flag being set to true")) {
		t.Error("what was stopped is not told from what failed")
	}
}
