package ort_test

import (
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// TestTensorsOfEverySmallSize go through a run and come back: none, one, and a few elements, as a
// vector and as a scalar, into memory of the caller and into the runtime's own.
func TestTensorsOfEverySmallSize(t *testing.T) {
	vector, scalar := load(t, identity(onnx.Float32, -1)), load(t, identity(onnx.Float32))
	for _, want := range [][]float32{{}, {0.1}, {-7}, {1, 2}, {3, 4, 5, 6, 7}} {
		in := must(t)(ort.Float32([]int64{int64(len(want))}, want))
		if got := in.Float32s(); !slices.Equal(got, want) || in.Len() != len(want) {
			t.Errorf("%v shows as %v", want, got)
		}
		room := make([]float32, len(want))
		for _, out := range [][]ort.Tensor{{nil}, {must(t)(ort.Float32([]int64{int64(len(want))}, room))}} {
			made := out[0] == nil
			if err := vector.Run(t.Context(), []ort.Tensor{in}, out); err != nil {
				t.Fatal(err)
			}
			if got := out[0].Float32s(); !slices.Equal(got, want) || !slices.Equal(out[0].Shape(), []int64{int64(len(want))}) {
				t.Errorf("%v came back as %v of shape %v", want, got, out[0].Shape())
			}
			if made {
				closeAfter(t, out[0])
			} else if !slices.Equal(room, want) {
				t.Errorf("%v stands in the caller's memory as %v", want, room)
			}
		}
	}
	out := []ort.Tensor{nil}
	if err := scalar.Run(t.Context(), []ort.Tensor{must(t)(ort.Float32(nil, []float32{0.25}))}, out); err != nil {
		t.Fatal(err)
	}
	closeAfter(t, out[0])
	if got := out[0].Float32s(); !slices.Equal(got, []float32{0.25}) || len(out[0].Shape()) != 0 || out[0].Len() != 1 {
		t.Errorf("a scalar came back as %v of shape %v", got, out[0].Shape())
	}
}
