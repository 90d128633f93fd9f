package ort_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// weighted is y = Abs(x) + w, with w = (10, 20) in the file "weights" beside the graph, from byte 4
// on.
func weighted(t *testing.T) (path string, data []byte) {
	t.Helper()
	g := graph{
		nodes:   []node{{op: "Abs", in: []string{"x"}, out: []string{"a"}}, {op: "Add", in: []string{"a", "w"}, out: []string{"y"}}},
		inputs:  []value{{"x", onnx.Float32, []int64{2}}},
		outputs: []value{{"y", onnx.Float32, []int64{2}}},
	}
	tensor := appendMessage(appendInt(appendInt(nil, 1, 2), 2, int64(onnx.Float32)), 8, []byte("w"))
	for key, entry := range map[string]string{"location": "weights", "offset": strconv.Itoa(4), "length": strconv.Itoa(8)} {
		tensor = appendMessage(tensor, 13, appendMessage(appendMessage(nil, 1, []byte(key)), 2, []byte(entry)))
	}
	data = appendMessage(g.encode(), 7, appendMessage(nil, 5, appendInt(tensor, 14, 1)))
	weights := make([]byte, 12)
	for i, w := range []float32{0, 10, 20} {
		binary.LittleEndian.PutUint32(weights[4*i:], math.Float32bits(w))
	}
	dir := t.TempDir()
	path = filepath.Join(dir, "graph.onnx")
	if err := errors.Join(os.WriteFile(path, data, 0o600), os.WriteFile(filepath.Join(dir, "weights"), weights, 0o600)); err != nil {
		t.Fatal(err)
	}
	return path, data
}

// TestEditedModel writes another operator over one and adds an output, over a file with weights
// beside it, whose bytes stay as they are.
func TestEditedModel(t *testing.T) {
	path, data := weighted(t)
	more := graph{nodes: []node{{op: "Sqrt", in: []string{"y"}, out: []string{"root"}}}, outputs: []value{{"root", onnx.Float32, []int64{2}}}}
	edit := &ort.Edit{At: int64(bytes.Index(data, []byte("Abs"))), Over: []byte("Neg"), Tail: more.tail()}
	run := func(s *ort.Session) [][]float32 {
		t.Helper()
		out := make([]ort.Tensor, len(s.Outputs()))
		if err := s.Run(t.Context(), []ort.Tensor{must(t)(ort.Float32([]int64{2}, []float32{-6, 11}))}, out); err != nil {
			t.Fatal(err)
		}
		var values [][]float32
		for _, o := range out {
			values = append(values, slices.Clone(o.Float32s()))
			closeAfter(t, o)
		}
		return values
	}
	for _, c := range []struct {
		src  ort.Source
		want [][]float32
	}{
		{ort.Source{Path: path}, [][]float32{{16, 31}}},
		{ort.Source{Path: path, Edit: edit}, [][]float32{{16, 9}, {4, 3}}},
	} {
		s, err := open(t).Load(t.Context(), c.src, ort.Options{})
		if err != nil {
			t.Fatal(err)
		}
		closeAfter(t, s)
		got := run(s)
		if !slices.EqualFunc(got, c.want, slices.Equal[[]float32]) {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, data) {
		t.Errorf("the file changed, or %v", err)
	}
	inner := identity(onnx.Float32, 2)
	inner.nodes[0].op = "Abs"
	plain := inner.encode()
	s, err := open(t).Load(t.Context(), ort.Source{Name: "bytes", Bytes: plain, Edit: &ort.Edit{At: int64(bytes.Index(plain, []byte("Abs"))), Over: []byte("Neg")}}, ort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, s)
	if got := run(s); !slices.Equal(got[0], []float32{6, -11}) || !bytes.Contains(plain, []byte("Abs")) {
		t.Errorf("edited bytes gave %v", got)
	}
}

func TestEditOutsideOfModel(t *testing.T) {
	path, data := weighted(t)
	for _, src := range []ort.Source{{Path: path}, {Name: "bytes", Bytes: data}} {
		for _, at := range []int64{-1, int64(len(data)) - 2, math.MaxInt64} {
			src.Edit = &ort.Edit{At: at, Over: []byte("Neg")}
			_, err := open(t).Load(t.Context(), src, ort.Options{})
			var typed *ort.ModelError
			if !errors.Is(err, ort.ErrEdit) || !errors.As(err, &typed) || typed.Model == "" {
				t.Errorf("at %d: %v", at, err)
			}
		}
	}
}

// TestPoolKeepsEditsApart loads one file with and without an edit, and with edits that differ in
// one thing only.
func TestPoolKeepsEditsApart(t *testing.T) {
	path, data := weighted(t)
	at := int64(bytes.Index(data, []byte("Abs")))
	edit := func(op, tail string) *ort.Edit { return &ort.Edit{At: at, Over: []byte(op), Tail: []byte(tail)} }
	// An unknown field at the end of the model, which the runtime skips: field 1000, one byte.
	tail := func(b byte) string { return string([]byte{0xc2, 0x3e, 1, b}) }
	rt := pooled(t, ort.PoolConfig{})
	for i, e := range []*ort.Edit{
		nil, edit("Neg", ""), edit("Neg", ""), edit("Exp", ""), nil, edit("Neg", tail('a')), edit("Neg", tail('b')), edit("Neg", tail('a')),
	} {
		s, err := rt.Load(t.Context(), ort.Source{Path: path, Edit: e}, ort.Options{})
		if err != nil {
			t.Fatalf("edit %d: %v", i, err)
		}
		closeAfter(t, s)
	}
	if got := len(rt.Pool().Status().Models); got != 5 {
		t.Errorf("%d sessions for five models", got)
	}
}

// TestPoolRefusesWhatIsNoModel before anything is counted in.
func TestPoolRefusesWhatIsNoModel(t *testing.T) {
	rt := pooled(t, ort.PoolConfig{})
	for _, c := range []struct {
		src  ort.Source
		want error
	}{
		{ort.Source{Path: filepath.Join(t.TempDir(), "nowhere.onnx")}, ort.ErrModelMissing},
		{ort.Source{Name: "nothing"}, ort.ErrSource},
		{ort.Source{Path: t.TempDir()}, ort.ErrModelCorrupt},
		{ort.Source{Name: "both", Path: "x", Bytes: []byte("x")}, ort.ErrSource},
	} {
		s, err := rt.Load(t.Context(), c.src, ort.Options{})
		if s != nil || !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, %v", c.src, s, err)
		}
	}
	if status := rt.Pool().Status(); len(status.Models) != 0 || status.Loads != 0 {
		t.Errorf("status %+v", status)
	}
}
