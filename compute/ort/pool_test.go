package ort_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
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
	src := ort.Source{Name: "copy", Bytes: identity(onnxFloat, -1).encode()}
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
	if st := rt.Pool().Status(); st.Loads != 1 || st.Hits != 2 || st.Sessions[0].Holders != 2 {
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
	if in := load(identity(onnxFloat, -1)).Inputs(); len(in) != 1 {
		t.Errorf("inputs %+v", in)
	}
	if in := load(concat(onnxFloat)).Inputs(); len(in) != 2 {
		t.Errorf("inputs %+v: the old file's session", in)
	}
	if err := os.WriteFile(path, []byte("no model"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := rt.Load(t.Context(), ort.Source{Path: path}, ort.Options{}); !errors.Is(err, ort.ErrModelCorrupt) {
		t.Errorf("got %v, want ErrModelCorrupt", err)
	}
}

// TestBusySession: of two holders of a session that allows one run, the one that does not wait is refused at once while the other's run goes
// on, and the one that waits gives up with its context.
func TestBusySession(t *testing.T) {
	rt := pooled(t, ort.PoolConfig{})
	src := ort.Source{Name: "endless", Bytes: endless().encode()}
	handle := func(busy ort.WhenBusy) *ort.Session {
		s, err := rt.Load(t.Context(), src, ort.Options{Runs: 1, WhenBusy: busy})
		if err != nil {
			t.Fatal(err)
		}
		closeAfter(t, s)
		return s
	}
	worker, waiter, hasty := handle(ort.Wait), handle(ort.Wait), handle(ort.Refuse)
	inputs := []ort.Tensor{
		must(t)(ort.Int64(nil, []int64{math.MaxInt64})), must(t)(ort.Bool(nil, []bool{true})), must(t)(ort.Int64(nil, []int64{1})),
	}
	run := func(ctx context.Context, s *ort.Session) error { return s.Run(ctx, inputs, []ort.Tensor{nil}) }
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- run(ctx, worker) }()
	for rt.Pool().Status().Sessions[0].Running == 0 {
		<-time.After(time.Millisecond)
	}
	var busy *ort.BusyError
	if err := run(t.Context(), hasty); !errors.As(err, &busy) || busy.Running != 1 || busy.Model != "endless" || !errors.Is(err, ort.ErrBusy) {
		t.Errorf("refusing holder: %v", err)
	}
	short, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	if err := run(short, waiter); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting holder: %v", err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("running holder: %v", err)
	}
	inputs[0] = must(t)(ort.Int64(nil, []int64{3}))
	for _, s := range []*ort.Session{worker, waiter, hasty} {
		outputs := []ort.Tensor{nil}
		if err := s.Run(t.Context(), inputs, outputs); err != nil {
			t.Errorf("afterwards: %v", err)
			continue
		}
		closeAfter(t, outputs[0])
	}
}
