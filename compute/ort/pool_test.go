package ort_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// pooled returns a runtime whose sessions are shared.
func pooled(t *testing.T, cfg ort.PoolConfig) *ort.Runtime {
	t.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t), Pool: &cfg})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, rt)
	return rt
}

func TestSharedSessionRunsForEachOfItsHolders(t *testing.T) {
	rt := pooled(t, ort.PoolConfig{})
	src := ort.Source{Name: "copy", Bytes: identity(onnx.Float32, -1).encode()}
	var sessions [3]*ort.Session
	for i := range sessions {
		var err error
		if sessions[i], err = rt.Load(t.Context(), src, ort.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := sessions[0].Close(); err != nil {
		t.Fatal(err)
	}
	in := must(t)(ort.Float32([]int64{3}, []float32{1, 2, 3}))
	for i, s := range sessions {
		out := must(t)(ort.Float32([]int64{3}, make([]float32, 3)))
		err := s.Run(t.Context(), []ort.Tensor{in}, []ort.Tensor{out})
		if i == 0 {
			if !errors.Is(err, ort.ErrClosed) {
				t.Errorf("a closed handle: %v", err)
			}
			continue
		}
		if err != nil || out.Float32s()[2] != 3 {
			t.Errorf("handle %d: %v, %v", i, out.Float32s(), err)
		}
	}
	if st := rt.Pool().Status(); st.Loads != 1 || st.Hits != 2 || st.Models[0].Holders != 2 {
		t.Errorf("status %+v", st)
	}
	closeAfter(t, sessions[1])
	closeAfter(t, sessions[2])
}

func TestPoolSeesThatAFileChanged(t *testing.T) {
	rt := pooled(t, ort.PoolConfig{})
	path := filepath.Join(t.TempDir(), "model.onnx")
	load := func(g graph) *ort.Session {
		if err := os.WriteFile(path, g.encode(), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := rt.Load(t.Context(), ort.Source{Path: path}, ort.Options{})
		if err != nil {
			t.Fatal(err)
		}
		closeAfter(t, s)
		return s
	}
	if in := load(identity(onnx.Float32, -1)).Inputs(); len(in) != 1 {
		t.Errorf("inputs %+v", in)
	}
	if in := load(concat(onnx.Float32)).Inputs(); len(in) != 2 {
		t.Errorf("inputs %+v: the old file's session", in)
	}
	if err := os.WriteFile(path, []byte("no model"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := rt.Load(t.Context(), ort.Source{Path: path}, ort.Options{}); !errors.Is(err, ort.ErrModelCorrupt) {
		t.Errorf("got %v, want ErrModelCorrupt", err)
	}
}
