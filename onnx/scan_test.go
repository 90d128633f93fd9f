package onnx_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sensory-agent/sensory-agent/onnx"
)

// in puts a message behind what is there.
func in(b []byte, number protowire.Number, content []byte) []byte {
	return append(b, message(number, content)...)
}

// tensorIn is a tensor with weights in a file, between fields that a reader has to pass over.
func tensorIn(location string) []byte {
	b := slices.Concat(number(2, 1),
		protowire.AppendFixed32(protowire.AppendTag(nil, 99, protowire.Fixed32Type), 7),
		protowire.AppendFixed64(protowire.AppendTag(nil, 98, protowire.Fixed64Type), 7),
		text(8, "name"), message(9, bytes.Repeat([]byte{0xff}, 10_000))) // weights inside, larger than a buffer
	for key, value := range map[string]string{"location": location, "offset": "0", "length": "12"} {
		b = in(b, 13, slices.Concat(text(1, key), text(2, value)))
	}
	return b
}

// modelOf wraps a graph into a model.
func modelOf(graph []byte) []byte {
	return slices.Concat(number(1, 8), text(2, "exporter"), message(7, graph))
}

// nested puts a tensor into the branch of a node, depth times: each is a graph, a node and an
// attribute deeper.
func nested(tensor []byte, depth int) []byte {
	graph := in(nil, 5, tensor)
	for range depth {
		graph = in(nil, 1, in(nil, 5, in(nil, 6, graph)))
	}
	return modelOf(graph)
}

// TestGraphsAtTheirBounds are what is just read, and what is just no more.
func TestGraphsAtTheirBounds(t *testing.T) {
	long := strings.Repeat("x", 4096)
	many := func(n int) []byte {
		var graph []byte
		for i := range n {
			graph = in(graph, 5, in(nil, 13, in(in(nil, 1, []byte("location")), 2, []byte(fmt.Sprint(i)))))
		}
		return modelOf(graph)
	}
	odd := func(field protowire.Number, wire protowire.Type, rest ...byte) []byte {
		return append(protowire.AppendTag(modelOf(nil), field, wire), rest...)
	}
	for name, c := range map[string]struct {
		data  []byte
		found int
		bad   bool
	}{
		"nothing":                  {nil, 0, false},
		"one":                      {nested(tensorIn("a"), 0), 1, false},
		"the same twice":           {modelOf(in(in(nil, 5, tensorIn("a")), 5, tensorIn("a"))), 1, false},
		"deep":                     {nested(tensorIn("a"), 20), 1, false}, // 64 messages lie in each other
		"too deep":                 {nested(tensorIn("a"), 21), 0, true},
		"a long name":              {modelOf(in(nil, 5, tensorIn(long))), 1, false},
		"too long a name":          {modelOf(in(nil, 5, tensorIn(long+"x"))), 0, true},
		"too long by two":          {modelOf(in(nil, 5, tensorIn(long+"xx"))), 0, true},
		"many":                     {many(10_000), 10_000, false},
		"too many":                 {many(10_001), 10_001, true},
		"a list of tensors":        {modelOf(in(nil, 1, in(nil, 5, in(nil, 10, tensorIn("a"))))), 1, false},
		"a list of graphs":         {modelOf(in(nil, 1, in(nil, 5, in(nil, 11, in(nil, 5, tensorIn("a")))))), 1, false},
		"tensors in other places":  {modelOf(in(in(nil, 11, tensorIn("a")), 1, in(nil, 6, tensorIn("b")))), 0, false},
		"another key":              {modelOf(in(nil, 5, in(nil, 13, in(in(nil, 1, []byte("offset")), 2, []byte("a"))))), 0, false},
		"a key without a value":    {modelOf(in(nil, 5, in(nil, 13, in(nil, 1, []byte("location"))))), 1, false},
		"a value before its key":   {modelOf(in(nil, 5, in(nil, 13, in(in(nil, 2, []byte("a")), 1, []byte("location"))))), 1, false},
		"a group":                  {odd(3, protowire.StartGroupType), 0, true},
		"no field":                 {append(modelOf(nil), 0x02, 0x00), 0, true},
		"a number that never ends": {odd(3, protowire.VarintType, bytes.Repeat([]byte{0xff}, 11)...), 0, true},
		"a tag that never ends":    {append(modelOf(nil), bytes.Repeat([]byte{0x80}, 11)...), 0, true},
		"the largest number":       {odd(3, protowire.VarintType, append(bytes.Repeat([]byte{0xff}, 9), 1)...), 0, false},
		"longer than the graph":    {in(nil, 7, append(protowire.AppendTag(nil, 5, protowire.BytesType), 5, 0)), 0, true},
		"a number over its end":    {append(in(nil, 7, []byte{0x08, 0x80}), 0x08, 0x01), 0, true},
		"longer than any file":     {odd(8, protowire.BytesType, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1), 0, true},
		"text":                     {[]byte("this is no model"), 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := onnx.Scan(bytes.NewReader(c.data))
			if errors.Is(err, onnx.ErrCorrupt) != c.bad || !c.bad && err != nil || len(o.External) != c.found {
				t.Errorf("%d found, %v", len(o.External), err)
			}
			if !slices.IsSorted(o.External) {
				t.Error("not in their order")
			}
		})
	}
	whole := nested(tensorIn("a"), 3)
	for n := range 100 {
		_, err := onnx.Scan(&failing{ReadSeeker: bytes.NewReader(whole), reads: n % 10, seeks: n / 10})
		if err != nil && (!errors.Is(err, os.ErrClosed) || errors.Is(err, onnx.ErrCorrupt)) {
			t.Errorf("a file that fails after %d reads and %d seeks: %v", n%10, n/10, err)
		}
		if n < 30 && err == nil {
			t.Errorf("a file that failed after %d reads and %d seeks was read", n%10, n/10)
		}
	}
}

// failing is a file that can be read and sought so many times only.
type failing struct {
	io.ReadSeeker
	reads, seeks int
}

// Read implements io.Reader.
func (f *failing) Read(p []byte) (int, error) {
	if f.reads--; f.reads < 0 {
		return 0, os.ErrClosed
	}
	return f.ReadSeeker.Read(p)
}

// Seek implements io.Seeker.
func (f *failing) Seek(offset int64, whence int) (int64, error) {
	if f.seeks--; f.seeks < 0 {
		return 0, os.ErrClosed
	}
	return f.ReadSeeker.Seek(offset, whence)
}

// TestGraphsThatAreCutOff anywhere but between two fields of the file are no graphs; nothing is
// found that is not there.
func TestGraphsThatAreCutOff(t *testing.T) {
	whole := modelOf(in(in(nil, 5, tensorIn("first")), 5, tensorIn("second")))
	ends := map[int]bool{} // of the fields of the file
	for at := 0; at < len(whole); {
		_, _, n := protowire.ConsumeField(whole[at:])
		ends[at] = true
		at += n
	}
	for n := range len(whole) {
		if n > 40 && n < len(whole)-200 && n%97 != 0 { // the weights inside are long
			continue
		}
		o, err := onnx.Scan(bytes.NewReader(whole[:n]))
		if good := err == nil; good != ends[n] && (good || !errors.Is(err, onnx.ErrCorrupt)) {
			t.Errorf("%d of %d bytes: %v, %v", n, len(whole), o.External, err)
		}
	}
}
