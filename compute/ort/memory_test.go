package ort_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
)

func TestMemoryHoldsAGrowingCache(t *testing.T) {
	s := load(t, concat(onnx.Float32))
	var room [2]*ort.Memory
	for i := range room {
		m, err := s.Allocate(ort.TypeFloat32, 8)
		if err != nil {
			t.Fatal(err)
		}
		closeAfter(t, m)
		room[i] = m
	}
	fresh := must(t)(ort.Float32([]int64{1, 2}, []float32{5, 6}))
	past := must(t)(room[0].Tensor(0, 0, 2))
	for step := 1; step <= 4; step++ {
		present := must(t)(room[step%2].Tensor(0, int64(step), 2))
		if err := s.Run(t.Context(), []ort.Tensor{past, fresh}, []ort.Tensor{present}); err != nil {
			t.Fatal(err)
		}
		past = present
	}
	if want := []float32{5, 6, 5, 6, 5, 6, 5, 6}; !slices.Equal(past.Float32s(), want) {
		t.Errorf("got %v, want %v", past.Float32s(), want)
	}
	if room[0].Bytes() != 32 || room[0].Len() != 8 || room[0].Type() != ort.TypeFloat32 {
		t.Errorf("memory of %d bytes, %d %v", room[0].Bytes(), room[0].Len(), room[0].Type())
	}
}

func TestMemoryRefusesWhatDoesNotFit(t *testing.T) {
	s := load(t, concat(onnx.Float32))
	m, err := s.Allocate(ort.TypeFloat32, 8)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		offset int
		shape  []int64
	}{{0, []int64{9}}, {1, []int64{4, 2}}, {-1, []int64{1}}, {9, nil}, {0, []int64{-1}}} {
		if _, err := m.Tensor(c.offset, c.shape...); !errors.Is(err, ort.ErrShape) {
			t.Errorf("offset %d, shape %v: %v", c.offset, c.shape, err)
		}
	}
	if _, err := s.Allocate(ort.TypeFloat32, -1); !errors.Is(err, ort.ErrShape) {
		t.Errorf("a negative size: %v", err)
	}
	for range 2 {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := m.Tensor(0, 1); !errors.Is(err, ort.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

// TestOutOfMemoryLeavesTheSessionUsable asks for more than any machine has.
func TestOutOfMemoryLeavesTheSessionUsable(t *testing.T) {
	s := load(t, identity(onnx.Float32, -1))
	_, err := s.Allocate(ort.TypeFloat32, 1<<50)
	if !errors.Is(err, ort.ErrOutOfMemory) {
		t.Fatalf("got %v, want ErrOutOfMemory", err)
	}
	wantText(t, err, "test graph")
	in := must(t)(ort.Float32([]int64{1}, []float32{3}))
	got := make([]float32, 1)
	out := must(t)(ort.Float32([]int64{1}, got))
	if err := s.Run(t.Context(), []ort.Tensor{in}, []ort.Tensor{out}); err != nil || got[0] != 3 {
		t.Errorf("after that a run gives %v: %v", got, err)
	}
}

func TestMemoryOutlivesItsSession(t *testing.T) {
	s := load(t, concat(onnx.Float32))
	m, err := s.Allocate(ort.TypeFloat32, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	view := must(t)(m.Tensor(0, 2))
	copy(view.Float32s(), []float32{3, 4})
	if !slices.Equal(view.Float32s(), []float32{3, 4}) {
		t.Errorf("got %v", view.Float32s())
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Allocate(ort.TypeFloat32, 2); !errors.Is(err, ort.ErrClosed) {
		t.Errorf("allocation in a closed session: %v", err)
	}
}

func TestOutputOutlivesClose(t *testing.T) {
	s := load(t, identity(onnx.Float32, -1))
	in := must(t)(ort.Float32([]int64{2}, []float32{7, 8}))
	out := []ort.Tensor{nil}
	if err := s.Run(t.Context(), []ort.Tensor{in}, out); err != nil {
		t.Fatal(err)
	}
	data := out[0].Float32s()
	if err := out[0].Close(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(data, []float32{7, 8}) || !slices.Equal(out[0].Float32s(), data) {
		t.Errorf("after Close: %v, %v", data, out[0].Float32s())
	}
}

func TestRunAllocatesNothing(t *testing.T) {
	s := load(t, identity(onnx.Float32, -1))
	in := []ort.Tensor{must(t)(ort.Float32([]int64{2}, []float32{7, 8}))}
	out := []ort.Tensor{must(t)(ort.Float32([]int64{2}, make([]float32, 2)))}
	ctx := context.Background()
	least := math.Inf(1) // what other goroutines of the process allocate meanwhile is counted, too
	for range 5 {
		least = min(least, testing.AllocsPerRun(100, func() {
			if err := s.Run(ctx, in, out); err != nil {
				t.Fatal(err)
			}
		}))
	}
	if least != 0 {
		t.Errorf("%v allocations per run", least)
	}
}

func BenchmarkRun(b *testing.B) {
	s := load(b, identity(onnx.Float32, -1))
	in := []ort.Tensor{must(b)(ort.Float32([]int64{576}, make([]float32, 576)))}
	out := []ort.Tensor{must(b)(ort.Float32([]int64{576}, make([]float32, 576)))}
	for name, ctx := range map[string]context.Context{"background": context.Background(), "cancellable": b.Context()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Run(ctx, in, out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestMemoryOfNothing is memory all the same; what is closed gives none, and more than there can be
// is refused before anybody is asked.
func TestMemoryOfNothing(t *testing.T) {
	rt := open(t)
	s, err := rt.Load(t.Context(), ort.Source{Name: "joins", Bytes: concat(onnx.Float32).encode()}, ort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.Allocate(ort.TypeFloat32, 0)
	if err != nil || m.Bytes() != 0 || m.Len() != 0 {
		t.Fatalf("%+v, %v", m, err)
	}
	none, err := m.Tensor(0, 0, 2)
	if err != nil || none.Len() != 0 {
		t.Fatalf("%v, %v", none, err)
	}
	if err := none.Close(); err != nil {
		t.Error(err)
	}
	if _, err := m.Tensor(0); !errors.Is(err, ort.ErrShape) {
		t.Errorf("one element of none: %v", err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if _, err := m.Tensor(0, 0, 2); !errors.Is(err, ort.ErrClosed) {
		t.Errorf("of memory that was given back: %v", err)
	}
	if _, err := s.Allocate(ort.TypeFloat32, math.MaxInt); !errors.Is(err, ort.ErrShape) {
		t.Errorf("more than there can be: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Allocate(ort.TypeFloat32, 1); !errors.Is(err, ort.ErrClosed) {
		t.Errorf("of a session that is closed: %v", err)
	}
}
