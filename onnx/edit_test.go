package onnx_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sensory-agent/sensory-agent/onnx"
)

func message(num protowire.Number, parts ...[]byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), slices.Concat(parts...))
}

func text(num protowire.Number, s string) []byte { return message(num, []byte(s)) }

func number(num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), v)
}

// node is a NodeProto in a graph: attributes come encoded.
func node(name, op string, in, out []string, attributes ...[]byte) []byte {
	var parts [][]byte
	for _, s := range in {
		parts = append(parts, text(1, s))
	}
	for _, s := range out {
		parts = append(parts, text(2, s))
	}
	parts = append(parts, text(3, name), text(4, op))
	for _, a := range attributes {
		parts = append(parts, message(5, a))
	}
	return message(1, parts...)
}

// weight is a tensor of the given type in a graph's initialisers, with dims and raw bytes.
func weight(name string, kind uint64, raw []byte, dims ...uint64) []byte {
	var parts [][]byte
	for _, d := range dims {
		parts = append(parts, number(1, d))
	}
	return message(5, append(parts, number(2, kind), text(8, name), message(9, raw))...)
}

// value is a typed name for a graph's inputs (11), outputs (12) or value infos (13).
func value(num protowire.Number, name string, kind uint64) []byte {
	return message(num, text(1, name), message(2, message(1, number(1, kind))))
}

func model(parts ...[]byte) []byte {
	return slices.Concat(number(1, 8), text(2, "test"), message(7, parts...), message(8, number(2, 17)))
}

// vocoder is a small model with the structure of a speech synthesiser.
func vocoder(extra ...[]byte) []byte {
	parts := [][]byte{
		node("/enc", "Relu", []string{"input"}, []string{"hidden"}),
		node("/flow", "Mul", []string{"hidden", "shared"}, []string{"z"}),
		node("/const", "Constant", nil, []string{"three"}),
		node("/dec/pre", "Conv", []string{"z", "pre.weight"}, []string{"c"}),
		node("/dec/div", "Div", []string{"c", "three"}, []string{"d"}),
		node("/dec/mul", "Mul", []string{"d", "shared"}, []string{"output"}),
		weight("shared", 1, []byte{0, 0, 128, 63}, 1),
		weight("pre.weight", 1, make([]byte, 4*6), 1, 6, 1),
		value(11, "input", 1), value(12, "output", 1), value(13, "hidden", 1),
	}
	return model(append(parts, extra...)...)
}

func TestSplit(t *testing.T) {
	whole := vocoder()
	before := bytes.Clone(whole)
	h, err := onnx.Split(whole, "/dec/pre")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(whole, before) {
		t.Error("the input was written to")
	}
	if h.Cut != "z" || h.Channels != 6 {
		t.Errorf("cut %q, %d channels", h.Cut, h.Channels)
	}
	for _, c := range []struct {
		name      string
		half      []byte
		has, lack []string
	}{
		{"head", h.Head, []string{"/enc", "/flow", "shared", "input"}, []string{"/dec", "pre.weight", "three", "output"}},
		{"tail", h.Tail, []string{"/dec/pre", "/dec/div", "/dec/mul", "three", "pre.weight", "shared", "output"}, []string{"/enc", "/flow", "hidden", "input"}},
	} {
		for _, s := range c.has {
			if !bytes.Contains(c.half, []byte(s)) {
				t.Errorf("%s lacks %s", c.name, s)
			}
		}
		for _, s := range c.lack {
			if bytes.Contains(c.half, []byte(s)) {
				t.Errorf("%s has %s", c.name, s)
			}
		}
	}
}

func TestSplitRefuses(t *testing.T) {
	loop := node("/loop", "Loop", []string{"hidden"}, []string{"l"}, slices.Concat(text(1, "body"), message(6, text(2, "g"))))
	for name, c := range map[string]struct {
		model []byte
		at    string
		want  error
	}{
		"no such convolution": {vocoder(), "/dec/none", onnx.ErrNoCut},
		"not a convolution":   {vocoder(), "/dec/div", onnx.ErrNoCut},
		"subgraph":            {vocoder(loop), "/dec/pre", onnx.ErrNoCut},
		"second crossing":     {vocoder(node("/dec/more", "Add", []string{"output", "hidden"}, []string{"x"})), "/dec/pre", onnx.ErrNoCut},
		"output before":       {vocoder(value(12, "hidden", 1)), "/dec/pre", onnx.ErrNoCut},
		"shared constant":     {vocoder(node("/uses", "Add", []string{"hidden", "three"}, []string{"y"})), "/dec/pre", onnx.ErrNoCut},
		"computed weight":     {model(node("/dec/pre", "Conv", []string{"z", "w"}, []string{"c"})), "/dec/pre", onnx.ErrNoCut},
		"flat weight":         {model(node("/dec/pre", "Conv", []string{"z", "w"}, []string{"c"}), weight("w", 1, nil, 3)), "/dec/pre", onnx.ErrNoCut},
		"no outputs": {
			model(node("/dec/pre", "Conv", []string{"z", "w"}, []string{"c"}), weight("w", 1, nil, 1, 1, 1)), "/dec/pre", onnx.ErrCorrupt,
		},
		"empty":     {nil, "/dec/pre", onnx.ErrCorrupt},
		"page":      {[]byte("<html>not found</html>"), "/dec/pre", onnx.ErrCorrupt},
		"truncated": {vocoder()[:90], "/dec/pre", onnx.ErrCorrupt},
	} {
		if _, err := onnx.Split(c.model, c.at); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func halves(v ...uint16) []byte {
	var b []byte
	for _, h := range v {
		b = binary.LittleEndian.AppendUint16(b, h)
	}
	return b
}

func floats(v ...float32) []byte {
	var b []byte
	for _, f := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	return b
}

func TestWiden(t *testing.T) {
	const float, half, int64Type = 1, 10, 7
	attribute := func(name string, parts ...[]byte) []byte {
		return slices.Concat(append([][]byte{text(1, name)}, parts...)...)
	}
	packed := protowire.AppendVarint(protowire.AppendVarint(nil, 0x3c00), 0xc000)
	constant := func(kind uint64, data []byte) []byte { return message(5, number(1, 2), number(2, kind), data) }
	// The two models differ in precision only.
	build := func(kind uint64, w, c []byte) []byte {
		return model(
			node("n1", "Cast", []string{"x"}, []string{"a"}, attribute("to", number(3, kind))),
			node("n2", "Cast", []string{"a"}, []string{"b"}, attribute("to", number(3, int64Type))),
			node("n3", "Gather", []string{"b"}, []string{"c"}, attribute("axis", number(3, 10))),
			node("n4", "Constant", nil, []string{"d"}, attribute("value", constant(kind, c))),
			weight("w", kind, w, 3), weight("i", int64Type, make([]byte, 8), 1),
			value(11, "x", float), value(12, "y", kind), value(13, "a", kind),
		)
	}
	in := build(half, halves(0x3c00, 0xc000, 0x0001), message(5, packed))
	want := build(float, floats(1, -2, 1.0/(1<<24)), message(9, floats(1, -2)))
	// A widened tensor has its data as raw bytes in the last field, as the expected one has.
	got, n, err := onnx.Widen(in)
	if err != nil {
		t.Fatal(err)
	}
	if n != 2 {
		t.Errorf("%d tensors widened, want 2", n)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%x\nwant\n%x", got, want)
	}
	again, n, err := onnx.Widen(got)
	if err != nil || n != 0 || !bytes.Equal(again, got) {
		t.Errorf("a wide model changed: %d tensors, %v", n, err)
	}
}

func TestWidenRefuses(t *testing.T) {
	external := message(5, number(2, 10), text(8, "w"), message(13, text(1, "location")))
	for name, m := range map[string][]byte{
		"empty": nil, "page": []byte("<html>not found</html>"), "odd bytes": model(weight("w", 10, []byte{1, 2, 3}, 1)),
		"external": model(external), "cut": model(weight("w", 10, halves(1, 2, 3), 3))[:20],
	} {
		if _, _, err := onnx.Widen(m); !errors.Is(err, onnx.ErrCorrupt) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzEdits(f *testing.F) {
	f.Add(vocoder())
	f.Add(model(weight("w", 10, halves(1, 2), 2)))
	f.Add([]byte(strings.Repeat("\x3a\x02", 20)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := onnx.Split(data, "/dec/pre"); err != nil && !errors.Is(err, onnx.ErrCorrupt) && !errors.Is(err, onnx.ErrNoCut) {
			t.Errorf("split: %v", err)
		}
		if seeded, _, err := onnx.Seed(data, 1); err == nil {
			if _, again, err := onnx.Seed(seeded, 1); err != nil || again != 0 {
				t.Errorf("seeded, then again %d, %v", again, err)
			}
		} else if !errors.Is(err, onnx.ErrCorrupt) {
			t.Errorf("seed: %v", err)
		}
		wide, n, err := onnx.Widen(data)
		if err != nil {
			if !errors.Is(err, onnx.ErrCorrupt) {
				t.Errorf("widen: %v", err)
			}
			return
		}
		if _, again, err := onnx.Widen(wide); err != nil || again != 0 {
			t.Errorf("widened %d, then again %d, %v", n, again, err)
		}
	})
}

// TestDamageInside: what breaks off inside a part is no model, whichever part that is.
func TestDamageInside(t *testing.T) {
	broken := []byte{0x0a, 0x7f} // a field of 127 bytes, and none of them
	half := message(5, number(2, 10), text(8, "w"), message(5, []byte{0xff}))
	for name, part := range map[string][]byte{
		"node": message(1, broken), "attribute": message(1, text(4, "Cast"), message(5, broken)),
		"attribute's tensor": message(1, message(5, message(5, broken))), "attribute's graph": message(1, message(5, message(6, broken))),
		"tensor": message(5, broken), "packed halves": half, "input": message(11, broken), "input's type": message(11, message(2, broken)),
		"input's tensor": message(11, message(2, message(1, broken))), "output": message(12, broken), "graph": broken,
	} {
		if _, _, err := onnx.Widen(model(part)); !errors.Is(err, onnx.ErrCorrupt) {
			t.Errorf("widen, %s: %v", name, err)
		}
	}
	for name, part := range map[string][]byte{
		"node": message(1, broken), "attribute": message(1, message(5, broken)), "tensor": message(5, broken), "output": message(12, broken),
	} {
		if _, err := onnx.Split(vocoder(part), "/dec/pre"); !errors.Is(err, onnx.ErrCorrupt) {
			t.Errorf("split, %s: %v", name, err)
		}
	}
}
