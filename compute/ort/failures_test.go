package ort_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// keeps fails where a call leaves more or fewer references to the native environment than there
// were.
func keeps(t *testing.T, call func()) {
	t.Helper()
	before := ort.References()
	call()
	if after := ort.References(); after != before {
		t.Errorf("%d references before, %d after", before, after)
	}
}

// sumOf adds two vectors, which need not be of one length as far as the session declares.
func sumOf() graph {
	return graph{
		nodes:   []node{{op: "Add", in: []string{"x", "y"}, out: []string{"z"}}},
		inputs:  []value{{"x", onnx.Float32, []int64{-1}}, {"y", onnx.Float32, []int64{-1}}},
		outputs: []value{{"z", onnx.Float32, []int64{-1}}},
	}
}

// TestARunThatFailsNamesTheModel, with and without a context that can end, and leaves the
// session usable.
func TestARunThatFailsNamesTheModel(t *testing.T) {
	s := load(t, sumOf())
	two := must(t)(ort.Float32([]int64{2}, []float32{1, 2}))
	three := must(t)(ort.Float32([]int64{3}, []float32{1, 2, 3}))
	for name, ctx := range map[string]context.Context{"endless": context.Background(), "can end": t.Context()} {
		outputs := []ort.Tensor{nil}
		var typed *ort.ModelError
		keeps(t, func() {
			if err := s.Run(ctx, []ort.Tensor{two, three}, outputs); !errors.Is(err, ort.ErrRun) || !errors.As(err, &typed) || typed.Model != "test graph" {
				t.Errorf("%s: %v, want ErrRun of the model", name, err)
			}
		})
		if outputs[0] != nil {
			t.Errorf("%s: an output after an error", name)
		}
		if err := s.Run(ctx, []ort.Tensor{two, two}, outputs); err != nil {
			t.Fatalf("%s: afterwards: %v", name, err)
		}
		closeAfter(t, outputs[0])
		if got := outputs[0].Float32s(); !slices.Equal(got, []float32{2, 4}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Run(ended, []ort.Tensor{two, two}, []ort.Tensor{nil}); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}

// TestEveryOutputIsLookedAt, also behind one that the runtime allocates.
func TestEveryOutputIsLookedAt(t *testing.T) {
	g := identity(onnx.Float32, -1)
	g.nodes = append(g.nodes, node{op: "Identity", in: []string{"x"}, out: []string{"z"}})
	g.outputs = append(g.outputs, value{"z", onnx.Float32, []int64{-1}})
	s := load(t, g)
	in := must(t)(ort.Float32([]int64{2}, []float32{1, 2}))
	ints := must(t)(ort.Int64([]int64{2}, make([]int64, 2)))
	for _, c := range []struct {
		out  []ort.Tensor
		want error
	}{{[]ort.Tensor{nil, ints}, ort.ErrType}, {[]ort.Tensor{nil}, ort.ErrCount}, {[]ort.Tensor{nil, nil, nil}, ort.ErrCount}} {
		if err := s.Run(t.Context(), []ort.Tensor{in}, c.out); !errors.Is(err, c.want) {
			t.Errorf("%d outputs: %v, want %v", len(c.out), err, c.want)
		}
	}
}

// TestWhatIsRefusedHoldsNothing: neither memory nor a reference stays behind a call that failed.
func TestWhatIsRefusedHoldsNothing(t *testing.T) {
	rt := open(t)
	dir := t.TempDir()
	noise := filepath.Join(dir, "noise.onnx")
	if err := os.WriteFile(noise, []byte("this is no model"), 0o600); err != nil {
		t.Fatal(err)
	}
	whole := identity(onnx.Float32, 1).encode()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context // one of a table
		src  ort.Source
		opt  ort.Options
		want error
	}{
		"missing":               {t.Context(), ort.Source{Path: filepath.Join(dir, "missing")}, ort.Options{}, ort.ErrModelMissing},
		"in a file":             {t.Context(), ort.Source{Path: filepath.Join(noise, "x")}, ort.Options{}, ort.ErrModelMissing},
		"noise":                 {t.Context(), ort.Source{Path: noise}, ort.Options{}, ort.ErrModelCorrupt},
		"edit":                  {t.Context(), ort.Source{Path: noise, Edit: &ort.Edit{At: 99}}, ort.Options{}, ort.ErrEdit},
		"edit of nothing there": {t.Context(), ort.Source{Bytes: whole, Edit: &ort.Edit{At: int64(len(whole)), Over: []byte{1}}}, ort.Options{}, ort.ErrEdit},
		"provider":              {t.Context(), ort.Source{Bytes: whole}, ort.Options{Provider: ort.CUDA}, ort.ErrProviderMissing},
		"nobody's":              {t.Context(), ort.Source{Bytes: whole}, ort.Options{Provider: 7}, ort.ErrProviderMissing},
		"ended":                 {ended, ort.Source{Bytes: whole}, ort.Options{}, context.Canceled},
	} {
		keeps(t, func() {
			if s, err := rt.Load(c.ctx, c.src, c.opt); s != nil || !errors.Is(err, c.want) {
				t.Errorf("%s: %v, %v; want %v", name, s, err, c.want)
			}
		})
	}
	s := load(t, identity(onnx.Float32, -1))
	keeps(t, func() {
		if m, err := s.Allocate(ort.TypeFloat32, 1<<50); m != nil || !errors.Is(err, ort.ErrOutOfMemory) {
			t.Errorf("more memory than there is: %v, %v", m, err)
		}
		if _, err := ort.Float32([]int64{2}, make([]float32, 3)); !errors.Is(err, ort.ErrShape) {
			t.Errorf("a shape of another size: %v", err)
		}
	})
	m, err := s.Allocate(ort.TypeFloat32, 3)
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, m)
	view := must(t)(m.Tensor(1, 2)) // the last two of three
	copy(view.Float32s(), []float32{4, 5})
	if all := must(t)(m.Tensor(0, 3)).Float32s(); !slices.Equal(all[1:], []float32{4, 5}) {
		t.Errorf("a view from the second element wrote %v", all)
	}
	if end := must(t)(m.Tensor(3, 0)); end.Len() != 0 {
		t.Errorf("a view of nothing at the end has %d", end.Len())
	}
}

// TestAnEditMayTouchEitherEnd of a model.
func TestAnEditMayTouchEitherEnd(t *testing.T) {
	rt := open(t)
	data := identity(onnx.Float32, 1).encode()
	path := filepath.Join(t.TempDir(), "m.onnx")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	last := int64(len(data)) - 1
	for _, src := range []ort.Source{{Path: path}, {Name: "bytes", Bytes: data}} {
		for _, edit := range []ort.Edit{{}, {At: 0, Over: data[:1]}, {At: last, Over: data[last:]}, {At: last + 1}} {
			src.Edit = &edit
			s, err := rt.Load(t.Context(), src, ort.Options{})
			if err != nil {
				t.Errorf("at %d: %v", edit.At, err)
				continue
			}
			closeAfter(t, s)
		}
	}
}

// TestDataThatNobodyTookIsGoneWithItsTensor, and says so: it is nil, not other memory.
func TestDataThatNobodyTookIsGoneWithItsTensor(t *testing.T) {
	s := load(t, identity(onnx.Float32, -1))
	in := must(t)(ort.Float32([]int64{2}, []float32{7, 8}))
	out := []ort.Tensor{nil}
	keeps(t, func() {
		if err := s.Run(t.Context(), []ort.Tensor{in}, out); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := out[0].Close(); err != nil {
				t.Error(err)
			}
		}
	})
	if got := out[0].Float32s(); got != nil || out[0].Len() != 2 {
		t.Errorf("%v of %d", got, out[0].Len())
	}
}

// TestOneLibraryByAnyPath: a relative path is no other library.
func TestOneLibraryByAnyPath(t *testing.T) {
	rt := open(t)
	t.Chdir(filepath.Dir(rt.Path()))
	again, err := ort.Open(ort.Config{LibraryPath: filepath.Base(rt.Path())})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// TestARuntimeThatWasClosedLoadsNothing although another one is open.
func TestARuntimeThatWasClosedLoadsNothing(t *testing.T) {
	open(t)
	rt := open(t)
	pool := pooled(t, ort.PoolConfig{})
	src := ort.Source{Bytes: identity(onnx.Float32, 1).encode()}
	for _, r := range []*ort.Runtime{rt, pool} {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		keeps(t, func() {
			if err := r.Close(); err != nil {
				t.Errorf("second Close: %v", err)
			}
			if s, err := r.Load(t.Context(), src, ort.Options{}); s != nil || !errors.Is(err, ort.ErrClosed) {
				t.Errorf("%v, %v; want ErrClosed", s, err)
			}
		})
	}
}
