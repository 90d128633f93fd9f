package onnx_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// field is one decoded protobuf field: number for varints, data for the rest.
type field struct {
	id     protowire.Number
	number uint64
	data   []byte
}

// decode splits one message with an independent reader.
func decode(t *testing.T, b []byte) []field {
	t.Helper()
	var out []field
	for len(b) > 0 {
		id, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatalf("bad tag: %v", protowire.ParseError(n))
		}
		b = b[n:]
		f := field{id: id}
		switch kind {
		case protowire.VarintType:
			f.number, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			f.number = uint64(v)
		case protowire.BytesType:
			f.data, n = protowire.ConsumeBytes(b)
		default:
			t.Fatalf("field %d has wire type %d", id, kind)
		}
		if n < 0 {
			t.Fatalf("field %d: %v", id, protowire.ParseError(n))
		}
		b = b[n:]
		out = append(out, f)
	}
	return out
}

func all(fields []field, id protowire.Number) (out []field) {
	for _, f := range fields {
		if f.id == id {
			out = append(out, f)
		}
	}
	return out
}

func one(t *testing.T, fields []field, id protowire.Number) field {
	t.Helper()
	found := all(fields, id)
	if len(found) != 1 {
		t.Fatalf("field %d occurs %d times", id, len(found))
	}
	return found[0]
}

func sample() *onnx.Model {
	body := &onnx.Graph{Name: "body", Nodes: []onnx.Node{{Op: "Identity", Inputs: []string{"x"}, Outputs: []string{"b"}}}}
	return &onnx.Model{
		IRVersion: 9, Producer: "test", Opsets: []onnx.Opset{{Version: 20}, {Domain: "com.example", Version: 1}},
		Metadata: []onnx.Property{{Key: "k", Value: "v"}},
		Graph: &onnx.Graph{
			Name: "g",
			Nodes: []onnx.Node{{
				Op: "Thing", Domain: "com.example", Name: "n", Inputs: []string{"x", "", "w"}, Outputs: []string{"y"},
				Attrs: []onnx.Attr{
					onnx.Int("i", -3), onnx.Ints("is", 1, -2, 300), onnx.Float("f", 0.5), onnx.String("s", "text"),
					onnx.Branch("body", body), onnx.Constant("c", onnx.Int64s("", []int64{7})),
				},
			}},
			Inputs:       []onnx.Value{{Name: "x", Type: onnx.Float32, Shape: []onnx.Dim{onnx.Free("batch"), onnx.Fixed(0), onnx.Fixed(7)}}},
			Outputs:      []onnx.Value{{Name: "y", Type: onnx.Bool}},
			Initializers: []onnx.Tensor{onnx.Float32s("w", []float32{1, -2}, 2, 1)},
		},
	}
}

func write(t *testing.T, m *onnx.Model) []byte {
	t.Helper()
	var buf bytes.Buffer
	n, err := m.WriteTo(&buf)
	if err != nil {
		t.Fatal(err)
	}
	size, err := m.Size()
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(buf.Len()) || size != n {
		t.Fatalf("wrote %d, returned %d, announced %d", buf.Len(), n, size)
	}
	return buf.Bytes()
}

func TestModelFields(t *testing.T) {
	model := decode(t, write(t, sample()))
	if v := one(t, model, 1).number; v != 9 || string(one(t, model, 2).data) != "test" {
		t.Errorf("format version %d, producer %q", v, one(t, model, 2).data)
	}
	sets := all(model, 8)
	if len(sets) != 2 || one(t, decode(t, sets[0].data), 2).number != 20 || string(one(t, decode(t, sets[1].data), 1).data) != "com.example" {
		t.Errorf("operator sets %v", sets)
	}
	property := decode(t, one(t, model, 14).data)
	if string(property[0].data) != "k" || string(property[1].data) != "v" {
		t.Errorf("metadata %v", property)
	}
	graph := decode(t, one(t, model, 7).data)
	if got := string(one(t, graph, 2).data); got != "g" {
		t.Errorf("graph %q", got)
	}
	tensor := decode(t, one(t, graph, 5).data)
	if raw := one(t, tensor, 9).data; len(raw) != 8 || one(t, tensor, 2).number != 1 || string(one(t, tensor, 8).data) != "w" {
		t.Errorf("tensor %q of type %d in %d bytes", one(t, tensor, 8).data, one(t, tensor, 2).number, len(raw))
	}
	if raw := one(t, tensor, 9).data; math.Float32frombits(binary.LittleEndian.Uint32(raw[4:])) != -2 {
		t.Errorf("tensor bytes %x", raw)
	}
	if dims := one(t, tensor, 1).data; !slices.Equal(dims, []byte{2, 1}) {
		t.Errorf("tensor dimensions %v", dims)
	}
	value := decode(t, one(t, decode(t, one(t, decode(t, one(t, graph, 11).data), 2).data), 1).data)
	shape := all(decode(t, one(t, value, 2).data), 1)
	if len(shape) != 3 || string(one(t, decode(t, shape[0].data), 2).data) != "batch" || one(t, decode(t, shape[1].data), 1).number != 0 {
		t.Errorf("input shape %v", shape)
	}
}

func TestNodeFields(t *testing.T) {
	graph := decode(t, one(t, decode(t, write(t, sample())), 7).data)
	node := decode(t, one(t, graph, 1).data)
	var inputs []string
	for _, f := range all(node, 1) {
		inputs = append(inputs, string(f.data))
	}
	if !slices.Equal(inputs, []string{"x", "", "w"}) {
		t.Errorf("inputs %q: an omitted one must keep its place", inputs)
	}
	attrs := all(node, 5)
	kinds := []uint64{2, 7, 1, 3, 5, 4}
	if len(attrs) != len(kinds) {
		t.Fatalf("%d attributes", len(attrs))
	}
	for i, a := range attrs {
		if got := one(t, decode(t, a.data), 20).number; got != kinds[i] {
			t.Errorf("attribute %d has type %d, want %d", i, got, kinds[i])
		}
	}
	if got := int64(one(t, decode(t, attrs[0].data), 3).number); got != -3 {
		t.Errorf("integer attribute %d", got)
	}
	if got := math.Float32frombits(uint32(one(t, decode(t, attrs[2].data), 2).number)); got != 0.5 {
		t.Errorf("float attribute %g", got)
	}
	for i, want := range []string{"i", "is", "f", "s", "body", "c"} {
		if got := string(one(t, decode(t, attrs[i].data), 1).data); got != want {
			t.Errorf("attribute %d is called %q, want %q", i, got, want)
		}
	}
	if got := string(one(t, decode(t, attrs[3].data), 4).data); got != "text" {
		t.Errorf("text attribute %q", got)
	}
	var ints []int64
	for _, f := range all(decode(t, attrs[1].data), 8) {
		for packed := f.data; ; {
			v := f.number
			if packed != nil {
				var n int
				v, n = protowire.ConsumeVarint(packed)
				packed = packed[n:]
			}
			ints = append(ints, int64(v))
			if len(packed) == 0 {
				break
			}
		}
	}
	if !slices.Equal(ints, []int64{1, -2, 300}) {
		t.Errorf("list attribute %v", ints)
	}
	constant := decode(t, one(t, decode(t, attrs[5].data), 5).data)
	if raw := one(t, constant, 9).data; !bytes.Equal(raw, []byte{7, 0, 0, 0, 0, 0, 0, 0}) || one(t, constant, 2).number != 7 || len(all(constant, 1)) != 0 {
		t.Errorf("tensor attribute %v, bytes %v", constant, raw)
	}
	for id, want := range map[protowire.Number]string{3: "n", 4: "Thing", 7: "com.example"} {
		if got := string(one(t, node, id).data); got != want {
			t.Errorf("field %d of the node is %q, want %q", id, got, want)
		}
	}
	body := decode(t, one(t, decode(t, attrs[4].data), 6).data)
	if got := string(one(t, body, 2).data); got != "body" {
		t.Errorf("branch %q", got)
	}
}

func TestPayloadsStream(t *testing.T) {
	calls := 0
	m := sample()
	m.Graph.Initializers = append(m.Graph.Initializers, onnx.Tensor{
		Name: "late", Type: onnx.Uint8, Dims: []int64{3}, Data: onnx.Payload{Size: 3, Write: func(w io.Writer) error {
			calls++
			_, err := w.Write([]byte{1, 2, 3})
			return err
		}},
	})
	if _, err := m.Size(); err != nil || calls != 0 {
		t.Fatalf("size: %v, %d payloads produced", err, calls)
	}
	graph := decode(t, one(t, decode(t, write(t, m)), 7).data)
	if got := one(t, decode(t, all(graph, 5)[1].data), 9).data; !bytes.Equal(got, []byte{1, 2, 3}) || calls != 1 {
		t.Errorf("bytes %v after %d calls", got, calls)
	}
}

func TestErrors(t *testing.T) {
	boom := errors.New("boom")
	payload := func(size int64, err error, b ...byte) onnx.Payload {
		return onnx.Payload{Size: size, Write: func(w io.Writer) error {
			if err == nil {
				_, err = w.Write(b)
			}
			return err
		}}
	}
	for name, c := range map[string]struct {
		tensor onnx.Tensor
		want   error
	}{
		"two gigabytes":      {onnx.Tensor{Type: onnx.Uint8, Dims: []int64{1 << 31}, Data: payload(1<<31, boom)}, onnx.ErrTooLarge},
		"dimensions differ":  {onnx.Tensor{Type: onnx.Float32, Dims: []int64{2}, Data: payload(4, boom)}, onnx.ErrPayload},
		"negative dimension": {onnx.Tensor{Type: onnx.Uint8, Dims: []int64{-1}, Data: payload(-1, boom)}, onnx.ErrPayload},
		"product overflows":  {onnx.Tensor{Type: onnx.Int64, Dims: []int64{1 << 40, 1 << 40}, Data: payload(0, boom)}, onnx.ErrPayload},
		"unknown type":       {onnx.Tensor{Type: 99, Dims: []int64{0}, Data: payload(0, nil)}, onnx.ErrPayload},
		"short payload":      {onnx.Tensor{Type: onnx.Uint8, Dims: []int64{2}, Data: payload(2, nil, 1)}, onnx.ErrPayload},
		"failing payload":    {onnx.Tensor{Type: onnx.Uint8, Dims: []int64{2}, Data: payload(2, boom)}, boom},
	} {
		t.Run(name, func(t *testing.T) {
			m := sample()
			m.Graph.Initializers = []onnx.Tensor{c.tensor}
			if _, err := m.WriteTo(io.Discard); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if errors.Is(c.want, boom) || name == "short payload" {
				return // shows when it is written
			}
			// The same tensor as an attribute, and inside of a branch.
			for _, attr := range []onnx.Attr{
				onnx.Constant("c", c.tensor), onnx.Branch("b", &onnx.Graph{Initializers: []onnx.Tensor{c.tensor}}),
			} {
				m := sample()
				m.Graph.Nodes[0].Attrs = []onnx.Attr{attr}
				if size, err := m.Size(); !errors.Is(err, c.want) || size != 0 {
					t.Errorf("in an attribute: %d bytes, %v, want %v", size, err, c.want)
				}
				if b, err := m.Bytes(); !errors.Is(err, c.want) || b != nil {
					t.Errorf("in an attribute: %d bytes, %v", len(b), err)
				}
			}
		})
	}
}
