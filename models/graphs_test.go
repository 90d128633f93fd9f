package models_test

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

	"github.com/sensory-agent/sensory-agent/models"
)

// nested puts a tensor into the branch of a node, depth times: each is a graph, a node and an attribute deeper.
func nested(tensor []byte, depth int) []byte {
	graph := field(nil, 5, tensor)
	for range depth {
		graph = field(nil, 1, field(nil, 5, field(nil, 6, graph)))
	}
	return modelOf(graph)
}

// TestGraphsAtTheirBounds are what is just read, and what is just no more.
func TestGraphsAtTheirBounds(t *testing.T) {
	long := strings.Repeat("x", 4096)
	many := func(n int) []byte {
		var graph []byte
		for i := range n {
			graph = field(graph, 5, field(nil, 13, field(field(nil, 1, []byte("location")), 2, []byte(fmt.Sprint(i)))))
		}
		return modelOf(graph)
	}
	number := func(field protowire.Number, wire protowire.Type, rest ...byte) []byte {
		return append(protowire.AppendTag(modelOf(nil), field, wire), rest...)
	}
	for name, c := range map[string]struct {
		data  []byte
		found int
		bad   bool
	}{
		"nothing":                  {nil, 0, false},
		"one":                      {nested(tensorIn("a"), 0), 1, false},
		"the same twice":           {modelOf(field(field(nil, 5, tensorIn("a")), 5, tensorIn("a"))), 1, false},
		"deep":                     {nested(tensorIn("a"), 20), 1, false}, // 64 messages lie in each other
		"too deep":                 {nested(tensorIn("a"), 21), 0, true},
		"a long name":              {modelOf(field(nil, 5, tensorIn(long))), 1, false},
		"too long a name":          {modelOf(field(nil, 5, tensorIn(long+"x"))), 0, true},
		"too long by two":          {modelOf(field(nil, 5, tensorIn(long+"xx"))), 0, true},
		"many":                     {many(10_000), 10_000, false},
		"too many":                 {many(10_001), 10_001, true},
		"a list of tensors":        {modelOf(field(nil, 1, field(nil, 5, field(nil, 10, tensorIn("a"))))), 1, false},
		"a list of graphs":         {modelOf(field(nil, 1, field(nil, 5, field(nil, 11, field(nil, 5, tensorIn("a")))))), 1, false},
		"tensors in other places":  {modelOf(field(field(nil, 11, tensorIn("a")), 1, field(nil, 6, tensorIn("b")))), 0, false},
		"another key":              {modelOf(field(nil, 5, field(nil, 13, field(field(nil, 1, []byte("offset")), 2, []byte("a"))))), 0, false},
		"a key without a value":    {modelOf(field(nil, 5, field(nil, 13, field(nil, 1, []byte("location"))))), 1, false},
		"a value before its key":   {modelOf(field(nil, 5, field(nil, 13, field(field(nil, 2, []byte("a")), 1, []byte("location"))))), 1, false},
		"a group":                  {number(3, protowire.StartGroupType), 0, true},
		"no field":                 {append(modelOf(nil), 0x02, 0x00), 0, true},
		"a number that never ends": {number(3, protowire.VarintType, bytes.Repeat([]byte{0xff}, 11)...), 0, true},
		"a tag that never ends":    {append(modelOf(nil), bytes.Repeat([]byte{0x80}, 11)...), 0, true},
		"the largest number":       {number(3, protowire.VarintType, append(bytes.Repeat([]byte{0xff}, 9), 1)...), 0, false},
		"longer than the graph":    {field(nil, 7, append(protowire.AppendTag(nil, 5, protowire.BytesType), 5, 0)), 0, true},
		"a number over its end":    {append(field(nil, 7, []byte{0x08, 0x80}), 0x08, 0x01), 0, true},
		"longer than any file":     {number(8, protowire.BytesType, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1), 0, true},
		"text":                     {[]byte("this is no model"), 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := models.Locations(bytes.NewReader(c.data))
			if errors.Is(err, models.ErrNoGraph) != c.bad || !c.bad && err != nil || len(found) != c.found {
				t.Errorf("%d found, %v", len(found), err)
			}
			if !slices.IsSorted(found) {
				t.Error("not in their order")
			}
		})
	}
	whole := nested(tensorIn("a"), 3)
	for n := range 100 {
		_, err := models.Locations(&failing{ReadSeeker: bytes.NewReader(whole), reads: n % 10, seeks: n / 10})
		if err != nil && (!errors.Is(err, os.ErrClosed) || errors.Is(err, models.ErrNoGraph)) {
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

// TestGraphsThatAreCutOff anywhere but between two fields of the file are no graphs; nothing is found that is not there.
func TestGraphsThatAreCutOff(t *testing.T) {
	whole := modelOf(field(field(nil, 5, tensorIn("first")), 5, tensorIn("second")))
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
		found, err := models.Locations(bytes.NewReader(whole[:n]))
		if good := err == nil; good != ends[n] && (good || !errors.Is(err, models.ErrNoGraph)) {
			t.Errorf("%d of %d bytes: %v, %v", n, len(whole), found, err)
		}
	}
}
