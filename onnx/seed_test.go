package onnx_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// fixed is a float field.
func fixed(num protowire.Number, v float32) []byte {
	return protowire.AppendFixed32(protowire.AppendTag(nil, num, protowire.Fixed32Type), math.Float32bits(v))
}

// TestSeed: each node that draws gets a seed of its own, those in graphs of nodes too; one that has
// a seed keeps it, and what draws nothing stays as it is.
func TestSeed(t *testing.T) {
	mean := slices.Concat(text(1, "mean"), fixed(2, 0), number(20, 1))
	own := slices.Concat(text(1, "seed"), fixed(2, 7), number(20, 1))
	// with builds the same model with and without the seeds that are expected.
	with := func(seeds ...[]byte) []byte {
		attributes := func(i int, more ...[]byte) [][]byte {
			if i < len(seeds) {
				more = append(more, seeds[i])
			}
			return more
		}
		branch := slices.Concat(text(1, "then_branch"),
			message(6, node("n2", "RandomUniform", nil, []string{"c"}, attributes(1)...), text(2, "g")), number(20, 5))
		return model(
			node("n1", "RandomNormalLike", []string{"x"}, []string{"a"}, attributes(0, mean)...),
			node("n3", "If", []string{"a"}, []string{"d"}, branch),
			node("n4", "RandomNormal", nil, []string{"e"}, own),
			node("n5", "Multinomial", []string{"e"}, []string{"f"}, attributes(2)...),
			node("n6", "Relu", []string{"f"}, []string{"y"}),
			value(11, "x", 1), value(12, "y", 1),
		)
	}
	in := with()
	got, n, err := onnx.Seed(in, 1)
	if err != nil || n != 3 {
		t.Fatalf("%d nodes seeded, want 3: %v", n, err)
	}
	seed := func(v float32) []byte { return slices.Concat(text(1, "seed"), fixed(2, v), number(20, 1)) }
	// The first three numbers below 2^24 of PCG(1, 0).
	source := rand.New(rand.NewPCG(1, 0))
	draw := func() []byte { return seed(float32(source.Uint32N(1 << 24))) }
	if want := with(draw(), draw(), draw()); !bytes.Equal(got, want) {
		t.Errorf("got\n%x\nwant\n%x", got, want)
	}
	if other, _, err := onnx.Seed(in, 2); err != nil || bytes.Equal(other, got) {
		t.Errorf("another seed gives the same model, %v", err)
	}
	if again, n, err := onnx.Seed(got, 2); err != nil || n != 0 || !bytes.Equal(again, got) {
		t.Errorf("a seeded model changed: %d nodes, %v", n, err)
	}
	if same, n, err := onnx.Seed(vocoder(), 1); err != nil || n != 0 || !bytes.Equal(same, vocoder()) {
		t.Errorf("a model that draws nothing changed: %d nodes, %v", n, err)
	}
	if _, _, err := onnx.Seed([]byte("<html>not found</html>"), 1); !errors.Is(err, onnx.ErrCorrupt) {
		t.Errorf("a page: %v", err)
	}
}

// TestNestedGraphs: a file that is nothing but graphs inside of graphs is refused before the stack
// ends.
func TestNestedGraphs(t *testing.T) {
	deep := func(levels int) []byte {
		g := node("n", "Relu", []string{"x"}, []string{"y"})
		for range levels {
			g = message(1, message(5, message(6, g)))
		}
		return model(g)
	}
	for name, edit := range map[string]func([]byte) error{
		"seed":  func(m []byte) error { _, _, err := onnx.Seed(m, 1); return err },
		"widen": func(m []byte) error { _, _, err := onnx.Widen(m); return err },
	} {
		if err := edit(deep(20)); err != nil {
			t.Errorf("%s: 20 levels: %v", name, err)
		}
		if err := edit(deep(3000)); !errors.Is(err, onnx.ErrCorrupt) {
			t.Errorf("%s: 3,000 levels: %v", name, err)
		}
	}
}
