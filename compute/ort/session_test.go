package ort_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/onnx"
)

func TestRunFillsCallerMemory(t *testing.T) {
	s := load(t, identity(onnx.Float32, -1, 2))
	in := must(t)(ort.Float32([]int64{2, 2}, []float32{1, 2, 3, 4}))
	got := make([]float32, 4)
	out := must(t)(ort.Float32([]int64{2, 2}, got))
	if err := s.Run(t.Context(), []ort.Tensor{in}, []ort.Tensor{out}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []float32{1, 2, 3, 4}) {
		t.Errorf("output memory holds %v", got)
	}
}

// TestMemoryInsideALargerObject binds an array of a struct that holds pointers as well.
func TestMemoryInsideALargerObject(t *testing.T) {
	s := load(t, identity(onnx.Bool, 1))
	holder := &struct {
		next *int
		flag [1]bool
		name string
	}{next: new(int), name: "holder"}
	holder.flag[0] = true
	in := must(t)(ort.Bool([]int64{1}, holder.flag[:]))
	out := []ort.Tensor{nil}
	if err := s.Run(t.Context(), []ort.Tensor{in}, out); err != nil {
		t.Fatal(err)
	}
	closeAfter(t, out[0])
	if !slices.Equal(out[0].Bools(), []bool{true}) {
		t.Errorf("got %v", out[0].Bools())
	}
}

func TestRunAllocatesNilOutput(t *testing.T) {
	s := load(t, concat(onnx.Float32))
	past := must(t)(ort.Float32([]int64{0, 2}, nil))
	fresh := must(t)(ort.Float32([]int64{1, 2}, []float32{5, 6}))
	outputs := []ort.Tensor{nil}
	for step := int64(1); step <= 3; step++ {
		outputs[0] = nil
		if err := s.Run(t.Context(), []ort.Tensor{past, fresh}, outputs); err != nil {
			t.Fatal(err)
		}
		past = outputs[0]
		closeAfter(t, past)
		if !slices.Equal(past.Shape(), []int64{step, 2}) {
			t.Fatalf("step %d: shape %v", step, past.Shape())
		}
	}
	if want := []float32{5, 6, 5, 6, 5, 6}; !slices.Equal(past.Float32s(), want) {
		t.Errorf("got %v, want %v", past.Float32s(), want)
	}
}

func TestElementTypes(t *testing.T) {
	t.Run("bool", func(t *testing.T) {
		s := load(t, identity(onnx.Bool, -1))
		in := must(t)(ort.Bool([]int64{3}, []bool{true, false, true}))
		out := []ort.Tensor{nil}
		if err := s.Run(t.Context(), []ort.Tensor{in}, out); err != nil {
			t.Fatal(err)
		}
		closeAfter(t, out[0])
		if !slices.Equal(out[0].Bools(), []bool{true, false, true}) {
			t.Errorf("got %v", out[0].Bools())
		}
		if out[0].Float32s() != nil {
			t.Error("a bool tensor shows float32 data")
		}
	})
	t.Run("float16", func(t *testing.T) {
		s := load(t, concat(onnx.Float16))
		const one, two = 0x3c00, 0x4000
		past := must(t)(ort.Float16([]int64{0, 2}, nil))
		in := must(t)(ort.Float16([]int64{1, 2}, []uint16{one, two}))
		got := make([]uint16, 2)
		out := must(t)(ort.Float16([]int64{1, 2}, got))
		if err := s.Run(t.Context(), []ort.Tensor{past, in}, []ort.Tensor{out}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, []uint16{one, two}) {
			t.Errorf("got %x", got)
		}
		made := []ort.Tensor{nil}
		if err := s.Run(t.Context(), []ort.Tensor{in, in}, made); err != nil {
			t.Fatal(err)
		}
		closeAfter(t, made[0])
		if !slices.Equal(made[0].Float16s(), []uint16{one, two, one, two}) || !slices.Equal(made[0].Shape(), []int64{2, 2}) {
			t.Errorf("allocated %x of shape %v", made[0].Float16s(), made[0].Shape())
		}
		empty := []ort.Tensor{nil}
		if err := s.Run(t.Context(), []ort.Tensor{past, past}, empty); err != nil {
			t.Fatal(err)
		}
		closeAfter(t, empty[0])
		if empty[0].Len() != 0 || !slices.Equal(empty[0].Shape(), []int64{0, 2}) {
			t.Errorf("allocated %d elements of shape %v", empty[0].Len(), empty[0].Shape())
		}
	})
	t.Run("scalar", func(t *testing.T) {
		s := load(t, identity(onnx.Int64))
		got := []int64{0}
		in, out := must(t)(ort.Int64(nil, []int64{41})), must(t)(ort.Int64(nil, got))
		made := []ort.Tensor{nil}
		for _, outputs := range [][]ort.Tensor{{out}, made} {
			if err := s.Run(t.Context(), []ort.Tensor{in}, outputs); err != nil {
				t.Fatal(err)
			}
		}
		closeAfter(t, made[0])
		if got[0] != 41 || !slices.Equal(made[0].Int64s(), []int64{41}) || len(made[0].Shape()) != 0 {
			t.Errorf("bound %v, allocated %v of shape %v", got, made[0].Int64s(), made[0].Shape())
		}
	})
	t.Run("uint8", func(t *testing.T) {
		s := load(t, identity(onnx.Uint8, 2))
		in := must(t)(ort.Uint8([]int64{2}, []uint8{7, 255}))
		out := []ort.Tensor{nil}
		if err := s.Run(t.Context(), []ort.Tensor{in}, out); err != nil {
			t.Fatal(err)
		}
		closeAfter(t, out[0])
		if !slices.Equal(out[0].Uint8s(), []uint8{7, 255}) {
			t.Errorf("got %v", out[0].Uint8s())
		}
	})
}

// TestUnknownOutputTypeLeaksNothing runs a graph with an output of a type that is not carried,
// before and behind others.
func TestUnknownOutputTypeLeaksNothing(t *testing.T) {
	g := identity(onnx.Float32, -1)
	const onnxDouble = 11
	g.nodes = append(g.nodes, node{op: "Cast", in: []string{"x"}, out: []string{"d"}, toType: onnxDouble}, node{op: "Identity", in: []string{"x"}, out: []string{"z"}})
	g.outputs = append(g.outputs, value{"d", onnxDouble, []int64{-1}}, value{"z", onnx.Float32, []int64{-1}})
	s := load(t, g)
	in := must(t)(ort.Float32([]int64{2}, make([]float32, 2)))
	out := make([]ort.Tensor, 3)
	err := s.Run(t.Context(), []ort.Tensor{in}, out)
	if !errors.Is(err, ort.ErrType) {
		t.Fatalf("got %v, want ErrType", err)
	}
	wantText(t, err, "d", "type 11")
	if out[0] != nil || out[1] != nil || out[2] != nil {
		t.Errorf("outputs are set after an error: %v", out)
	}
}

func TestRunRefusesWhatDoesNotFit(t *testing.T) {
	s := load(t, identity(onnx.Float32, -1, 2))
	good := must(t)(ort.Float32([]int64{1, 2}, make([]float32, 2)))
	wide := must(t)(ort.Float32([]int64{1, 3}, make([]float32, 3)))
	flat := must(t)(ort.Float32([]int64{2}, make([]float32, 2)))
	ints := must(t)(ort.Int64([]int64{1, 2}, make([]int64, 2)))
	for _, c := range []struct {
		name string
		in   []ort.Tensor
		out  []ort.Tensor
		want error
		text string
	}{
		{"too few inputs", nil, []ort.Tensor{nil}, ort.ErrCount, "want 1 inputs and 1 outputs, got 0 and 1"},
		{"nil input", []ort.Tensor{nil}, []ort.Tensor{nil}, ort.ErrShape, "tensor x"},
		{"fixed dimension", []ort.Tensor{wide}, []ort.Tensor{nil}, ort.ErrShape, "want [-1 2], got [1 3]"},
		{"rank", []ort.Tensor{flat}, []ort.Tensor{nil}, ort.ErrShape, "tensor x"},
		{"type", []ort.Tensor{ints}, []ort.Tensor{nil}, ort.ErrType, "want float32, got int64"},
		{"output type", []ort.Tensor{good}, []ort.Tensor{ints}, ort.ErrType, "tensor y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := s.Run(t.Context(), c.in, c.out)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			wantText(t, err, "test graph", c.text)
		})
	}
}

func TestTensorRefusesWrongLength(t *testing.T) {
	open(t)
	for _, shape := range [][]int64{{3}, {-1}, {math.MaxInt64, 2}, {1 << 40, 1 << 40}} {
		_, err := ort.Float32(shape, make([]float32, 2))
		var te *ort.TensorError
		if !errors.As(err, &te) || !errors.Is(err, ort.ErrShape) {
			t.Errorf("shape %v: got %v, want a shape error", shape, err)
		}
	}
}

func TestCancelStopsRun(t *testing.T) {
	s := load(t, endless())
	trips := must(t)(ort.Int64(nil, []int64{math.MaxInt64}))
	gate := must(t)(ort.Bool(nil, []bool{true}))
	start := must(t)(ort.Int64(nil, []int64{1}))
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := make(chan struct{})
	go func() {
		defer close(cancelled)
		cancel()
	}()
	err := s.Run(ctx, []ort.Tensor{trips, gate, start}, []ort.Tensor{nil})
	<-cancelled
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want context.Canceled", err)
	}
}

func TestCloseWaitsForRuns(t *testing.T) {
	s := load(t, identity(onnx.Float32, -1))
	in := must(t)(ort.Float32([]int64{1024}, make([]float32, 1024)))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				out := must(t)(ort.Float32([]int64{1024}, make([]float32, 1024)))
				err := s.Run(context.Background(), []ort.Tensor{in}, []ort.Tensor{out})
				if errors.Is(err, ort.ErrClosed) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if err := s.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
}

func TestSileroRuns(t *testing.T) {
	s, err := open(t).Load(t.Context(), ort.Source{Path: testmodels.Path(t, "silero-vad", "silero_vad.onnx")}, ort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, s)
	state := make([]float32, 2*128)
	in := make([]ort.Tensor, len(s.Inputs()))
	for i, info := range s.Inputs() {
		switch info.Name {
		case "input":
			in[i] = must(t)(ort.Float32([]int64{1, 576}, make([]float32, 576)))
		case "state":
			in[i] = must(t)(ort.Float32([]int64{2, 1, 128}, state))
		case "sr":
			in[i] = must(t)(ort.Int64(nil, []int64{16000}))
		}
	}
	out := make([]ort.Tensor, len(s.Outputs()))
	if err := s.Run(t.Context(), in, out); err != nil {
		t.Fatal(err)
	}
	for _, o := range out {
		closeAfter(t, o)
	}
	i, err := s.Output("output")
	if err != nil {
		t.Fatal(err)
	}
	if p := out[i].Float32s()[0]; p < 0 || p > 0.1 {
		t.Errorf("silence has speech probability %v", p)
	}
}
