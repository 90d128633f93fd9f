package onnx_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/onnx"
)

func scanned(t *testing.T, data []byte) *onnx.Outline {
	t.Helper()
	o, err := onnx.Scan(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestOutline reads what the package writes: nodes in their order, inputs that are left out, the
// operators' own domains, graphs inside of nodes, and none of their nodes.
func TestOutline(t *testing.T) {
	branch := &onnx.Graph{Name: "branch", Nodes: []onnx.Node{{Op: "Neg", Inputs: []string{"y"}, Outputs: []string{"hidden"}}}}
	m := &onnx.Model{IRVersion: 8, Opsets: []onnx.Opset{{Version: 17}, {Domain: "com.example", Version: 3}}, Graph: &onnx.Graph{
		Name: "g",
		Nodes: []onnx.Node{
			{Op: "Clip", Name: "first", Inputs: []string{"x", "", "top"}, Outputs: []string{"y"}},
			{Op: "If", Domain: "ai.onnx", Inputs: []string{"c"}, Outputs: []string{"z"}, Attrs: []onnx.Attr{onnx.Branch("then_branch", branch)}},
			{Op: "Split", Domain: "com.example", Inputs: []string{"z"}, Outputs: []string{"a", "b"}, Attrs: []onnx.Attr{onnx.Constant("c", onnx.Int64s("", []int64{7}))}},
		},
		Initializers: []onnx.Tensor{onnx.Float32s("top", make([]float32, 5000), 5000)},
	}}
	data := write(t, m)
	o := scanned(t, data)
	if o.Opset != 17 || len(o.External) != 0 || len(o.Nodes) != 3 {
		t.Fatalf("operators %d, files %v, %d nodes", o.Opset, o.External, len(o.Nodes))
	}
	for i, want := range []struct {
		op, domain, name string
		inputs, outputs  []string
		nested           bool
	}{
		{"Clip", "", "first", []string{"x", "", "top"}, []string{"y"}, false},
		{"If", "", "", []string{"c"}, []string{"z"}, true},
		{"Split", "com.example", "", []string{"z"}, []string{"a", "b"}, false},
	} {
		n := o.Nodes[i]
		if n.Op != want.op || n.Domain != want.domain || n.Name != want.name || n.Nested != want.nested ||
			!slices.Equal(n.Inputs, want.inputs) || !slices.Equal(n.Outputs, want.outputs) {
			t.Errorf("node %d is %+v, want %+v", i, n, want)
		}
		for at, input := range n.Inputs {
			if !bytes.HasPrefix(data[n.At[at]:], []byte(input)) {
				t.Errorf("%q does not begin at %d", input, n.At[at])
			}
		}
	}
}

// TestOperators: the standard ones have two names, and others say nothing of them.
func TestOperators(t *testing.T) {
	for name, c := range map[string]struct {
		sets []onnx.Opset
		want int64
	}{
		"none":              {nil, 0},
		"another's":         {[]onnx.Opset{{Domain: "com.example", Version: 9}}, 0},
		"the other name":    {[]onnx.Opset{{Domain: "ai.onnx", Version: 12}, {Domain: "com.example", Version: 9}}, 12},
		"behind another's":  {[]onnx.Opset{{Domain: "com.example", Version: 9}, {Version: 11}}, 11},
		"a negative number": {[]onnx.Opset{{Version: -1}}, -1},
	} {
		if got := scanned(t, write(t, &onnx.Model{Opsets: c.sets, Graph: &onnx.Graph{}})).Opset; got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestOutlineGoesOn: what stands behind a file adds to its graph.
func TestOutlineGoesOn(t *testing.T) {
	one := &onnx.Model{Opsets: []onnx.Opset{{Version: 17}}, Graph: &onnx.Graph{Nodes: []onnx.Node{{Op: "Abs", Inputs: []string{"x"}}}}}
	two := &onnx.Model{Graph: &onnx.Graph{Nodes: []onnx.Node{{Op: "Neg", Inputs: []string{"y"}}}}}
	data := slices.Concat(write(t, one), write(t, two))
	o := scanned(t, data)
	if len(o.Nodes) != 2 || o.Nodes[0].Op != "Abs" || o.Nodes[1].Op != "Neg" || data[o.Nodes[1].At[0]] != 'y' || o.Opset != 17 {
		t.Errorf("%+v", o)
	}
}

// TestTooManyNodes: a file is refused before what is kept of it grows beyond what a model has.
func TestTooManyNodes(t *testing.T) {
	empty := message(1)
	for extra, bad := range map[int]bool{0: false, 1: true} {
		_, err := onnx.Scan(bytes.NewReader(modelOf(bytes.Repeat(empty, 1<<20+extra))))
		if errors.Is(err, onnx.ErrCorrupt) != bad {
			t.Errorf("%d too many: %v", extra, err)
		}
	}
}

// TestOutlineOfAnyGraph is the graph that was written.
func TestOutlineOfAnyGraph(t *testing.T) {
	name := rapid.StringMatching(`[a-z/._~]{0,12}`)
	rapid.Check(t, func(rt *rapid.T) {
		g := &onnx.Graph{}
		for i := range rapid.IntRange(0, 9).Draw(rt, "nodes") {
			g.Nodes = append(g.Nodes, onnx.Node{
				Op: name.Draw(rt, "op"), Name: fmt.Sprint(i), Inputs: rapid.SliceOfN(name, 0, 4).Draw(rt, "inputs"), Outputs: rapid.SliceOfN(name, 0, 4).Draw(rt, "outputs"),
				Attrs: []onnx.Attr{onnx.Ints("axes", 1, -1), onnx.Float("f", 0.5)},
			})
			g.Initializers = append(g.Initializers, onnx.Float32s("w", make([]float32, rapid.IntRange(0, 3000).Draw(rt, "weights"))))
			g.Initializers[i].Dims = []int64{g.Initializers[i].Data.Size / 4}
		}
		data, err := (&onnx.Model{Graph: g}).Bytes()
		if err != nil {
			rt.Fatal(err)
		}
		o, err := onnx.Scan(bytes.NewReader(data))
		if err != nil || len(o.Nodes) != len(g.Nodes) {
			rt.Fatalf("%d of %d nodes, %v", len(o.Nodes), len(g.Nodes), err)
		}
		for i, n := range o.Nodes {
			want := g.Nodes[i]
			if n.Op != want.Op || n.Name != want.Name || !slices.Equal(n.Inputs, want.Inputs) || !slices.Equal(n.Outputs, want.Outputs) || n.Nested {
				rt.Fatalf("%+v, want %+v", n, want)
			}
			for k, input := range n.Inputs {
				if !bytes.HasPrefix(data[n.At[k]:], []byte(input)) {
					rt.Fatalf("%q does not begin at %d", input, n.At[k])
				}
			}
		}
	})
}

// FuzzScan: no file makes the reader crash, hang, hold much or loop, and what it finds stands
// there.
func FuzzScan(f *testing.F) {
	f.Add(modelOf(message(5, tensorIn("a"))))
	f.Add(nested(tensorIn("b"), 1))
	f.Add(nested(tensorIn("deep"), 80))
	f.Add(vocoder())
	f.Add([]byte{0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Add([]byte{0x3a, 0x02, 0x2a})
	f.Add([]byte("ORTM"))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := onnx.Scan(bytes.NewReader(data))
		if err != nil && !errors.Is(err, onnx.ErrCorrupt) {
			t.Fatalf("untyped error: %v", err)
		}
		for _, name := range o.External {
			if !bytes.Contains(data, []byte(name)) {
				t.Fatalf("%q is nowhere in the file", name)
			}
		}
		for _, n := range o.Nodes {
			if len(n.At) != len(n.Inputs) {
				t.Fatalf("%d places of %d inputs", len(n.At), len(n.Inputs))
			}
			for i, input := range n.Inputs {
				if !bytes.HasPrefix(data[n.At[i]:], []byte(input)) {
					t.Fatalf("%q does not begin at %d", input, n.At[i])
				}
			}
		}
	})
}
