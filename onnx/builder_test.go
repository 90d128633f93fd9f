package onnx_test

import (
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// TestBuilderNames holds every value to one origin, an input, a constant or a node, that stands in
// front of its uses.
func TestBuilderNames(t *testing.T) {
	b := onnx.NewBuilder("g")
	x := b.Input("x", onnx.Float32, onnx.Free("n"), onnx.Fixed(4))
	wide := b.Cast(b.Op("Add", []string{x, b.Float(0.5)}), onnx.Float16)
	flat := b.Op("Reshape", []string{wide, b.Ints(-1)})
	b.Node("Split", "com.example", []string{flat, b.Op("Sub", []string{b.Size(x, 0), b.Scalar(-1)})}, []string{"left", b.Fresh("Split")})
	b.Op("Add", []string{b.SizeVector(x, 1), b.Ints(-1)})
	b.Op("Mul", []string{b.Ints(1, 2), b.Ints(12)})
	b.Op("Mul", []string{b.Scalar(-1), b.Op("Add", []string{b.Float(-1), b.Float(0.5)})})
	b.Name("left", "y")
	b.Output("y", onnx.Float16, onnx.Free("m"))

	origins := map[string]int{"x": 1}
	for _, c := range b.Graph.Initializers {
		origins[c.Name]++
	}
	if got := len(b.Graph.Initializers); got != 6 {
		t.Errorf("%d constants, want each of six once", got)
	}
	nodes := map[string]bool{}
	for _, n := range b.Graph.Nodes {
		for _, in := range n.Inputs {
			if origins[in] == 0 {
				t.Errorf("%s reads %q, which nothing before it makes", n.Name, in)
			}
		}
		for _, out := range n.Outputs {
			origins[out]++
		}
		if nodes[n.Name] {
			t.Errorf("two nodes are called %q", n.Name)
		}
		nodes[n.Name] = true
	}
	for name, count := range origins {
		if count > 1 {
			t.Errorf("%d values are called %q", count, name)
		}
	}
	if origins["y"] != 1 || !b.Has("ints_1_2") || b.Has("y") {
		t.Errorf("output made %d times, constants %v", origins["y"], b.Graph.Initializers)
	}
}

func TestBuilderModel(t *testing.T) {
	b := onnx.NewBuilder("g")
	b.Name(b.Input("x", onnx.Bool), "y")
	b.Output("y", onnx.Bool)
	model := decode(t, write(t, b.Model(8, 17, "a source", "com.example")))
	sets := all(model, 8)
	if len(sets) != 2 || one(t, decode(t, sets[0].data), 2).number != 17 || string(one(t, decode(t, sets[1].data), 1).data) != "com.example" {
		t.Errorf("operator sets %v", sets)
	}
	if got := string(one(t, decode(t, one(t, model, 14).data), 2).data); one(t, model, 1).number != 8 || got != "a source" {
		t.Errorf("format version %d, source %q", one(t, model, 1).number, got)
	}
}

// TestGraphAlone merges a graph into a file that it follows: version, operator sets and name stay
// those of the file.
func TestGraphAlone(t *testing.T) {
	var b onnx.Builder
	b.Op("Add", []string{"y", b.Float(1)})
	tail, err := (&onnx.Model{Graph: &b.Graph}).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	fields := decode(t, tail)
	if len(fields) != 1 {
		t.Fatalf("fields %v, want the graph alone", fields)
	}
	var ids []int
	for _, f := range decode(t, one(t, fields, 7).data) {
		ids = append(ids, int(f.id))
	}
	if !slices.Equal(ids, []int{1, 5}) {
		t.Errorf("fields %v of the graph, want a node and a constant", ids)
	}
}

// TestBuilderSizes ask for one axis: from it to the one behind it.
func TestBuilderSizes(t *testing.T) {
	b := onnx.NewBuilder("g")
	x := b.Input("x", onnx.Float32, onnx.Free("n"), onnx.Free("m"))
	b.Output(b.Size(x, 1), onnx.Int64)
	b.Output(b.SizeVector(x, 0), onnx.Int64, onnx.Fixed(1))
	var spans [][2]int64
	for _, n := range all(decode(t, one(t, decode(t, write(t, b.Model(8, 17, "s"))), 7).data), 1) {
		node := decode(t, n.data)
		if string(one(t, node, 4).data) != "Shape" {
			continue
		}
		var span [2]int64
		for _, a := range all(node, 5) {
			attr := decode(t, a.data)
			switch string(one(t, attr, 1).data) {
			case "start":
				span[0] = int64(one(t, attr, 3).number)
			case "end":
				span[1] = int64(one(t, attr, 3).number)
			}
		}
		spans = append(spans, span)
	}
	if !slices.Equal(spans, [][2]int64{{1, 2}, {0, 1}}) {
		t.Errorf("axes %v", spans)
	}
}
