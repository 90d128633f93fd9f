package models

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Bounds of what is read of a graph, and of how deep its messages lie in each other. Weights are passed over.
const (
	maxGraphText  = 4096
	maxGraphDepth = 64
	maxLocations  = 10_000
)

// errNoGraph says that a file is no ONNX model; what it is shows when the runtime loads it.
var errNoGraph = errors.New("no ONNX model")

// message is a kind of message of an ONNX file (onnx.proto).
type message int

const (
	msgModel message = iota
	msgGraph
	msgNode
	msgAttribute
	msgTensor
	msgEntry // of a tensor's external data: a key and its value
)

// inside returns the kind of the message that a field holds, where weights may be named in it.
func (m message) inside(field protowire.Number) (message, bool) {
	switch {
	case m == msgModel && field == 7:
		return msgGraph, true
	case m == msgGraph && field == 1:
		return msgNode, true
	case m == msgGraph && field == 5, m == msgAttribute && (field == 5 || field == 10):
		return msgTensor, true
	case m == msgNode && field == 5:
		return msgAttribute, true
	case m == msgAttribute && (field == 6 || field == 11):
		return msgGraph, true
	case m == msgTensor && field == 13:
		return msgEntry, true
	}
	return 0, false
}

// locations lists the files, by their path from the graph's own folder, in which an ONNX graph keeps weights. Errors: errNoGraph, and
// those of reading.
func locations(r io.ReadSeeker) ([]string, error) {
	size, err := r.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = r.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, fmt.Errorf("read a graph: %w", err)
	}
	g := &graphReader{r: r, b: bufio.NewReader(r)}
	err = g.message(msgModel, size, 0)
	slices.Sort(g.found)
	return slices.Compact(g.found), err
}

// graphReader goes through the messages of a file; at is the offset of what comes next.
type graphReader struct {
	r          io.ReadSeeker
	b          *bufio.Reader
	at         int64
	key, value string // of the entry under way
	found      []string
}

// message reads fields up to an offset.
func (g *graphReader) message(kind message, end int64, depth int) error {
	if depth > maxGraphDepth {
		return errNoGraph
	}
	for g.at < end {
		tag, err := g.varint()
		if err != nil {
			return err
		}
		if err := g.field(kind, tag, end, depth); err != nil {
			return err
		}
	}
	if g.at > end { // its last number goes beyond it
		return errNoGraph
	}
	return nil
}

func (g *graphReader) field(kind message, tag uint64, end int64, depth int) error {
	number, wire := protowire.DecodeTag(tag)
	size := uint64(0)
	switch wire {
	case protowire.VarintType:
		_, err := g.varint()
		return err
	case protowire.Fixed32Type:
		size = 4
	case protowire.Fixed64Type:
		size = 8
	case protowire.BytesType:
		var err error
		if size, err = g.varint(); err != nil {
			return err
		}
	default:
		return errNoGraph
	}
	if number < 1 || size > math.MaxInt64 || int64(size) > end-g.at {
		return errNoGraph
	}
	if inner, ok := kind.inside(number); ok && wire == protowire.BytesType {
		g.key, g.value = "", ""
		if err := g.message(inner, g.at+int64(size), depth+1); err != nil {
			return err
		}
		if inner == msgEntry && g.key == "location" {
			g.found = append(g.found, g.value)
		}
		if len(g.found) > maxLocations { // a file of weights for each tensor, and more tensors than any model has
			return errNoGraph
		}
		return nil
	}
	if kind == msgEntry && wire == protowire.BytesType && (number == 1 || number == 2) {
		return g.text(number, int64(size))
	}
	return g.skip(int64(size))
}

// text reads the key or the value of an entry.
func (g *graphReader) text(number protowire.Number, size int64) error {
	if size > maxGraphText {
		return errNoGraph
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(g.b, raw); err != nil {
		return noGraph(err)
	}
	g.at += size
	if number == 1 {
		g.key = string(raw)
	} else {
		g.value = string(raw)
	}
	return nil
}

// varint reads a number.
func (g *graphReader) varint() (uint64, error) {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		c, err := g.b.ReadByte()
		if err != nil {
			return 0, noGraph(err)
		}
		g.at++
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v, nil
		}
	}
	return 0, errNoGraph
}

// skip passes over the next bytes, over many of them without reading.
func (g *graphReader) skip(size int64) error {
	g.at += size
	buffered := int64(g.b.Buffered())
	if size <= buffered {
		_, err := g.b.Discard(int(size))
		return noGraph(err)
	}
	if _, err := g.r.Seek(size-buffered, io.SeekCurrent); err != nil {
		return fmt.Errorf("read a graph: %w", err)
	}
	g.b.Reset(g.r)
	return nil
}

// noGraph turns the end of a file inside of a field into errNoGraph.
func noGraph(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errNoGraph
	}
	if err != nil {
		return fmt.Errorf("read a graph: %w", err)
	}
	return nil
}

// lacksWeights lists the files of weights that the graphs of a folder name and that are not among its files. Only graphs that the family's
// runner opens are looked at: a folder may have others that nobody fetched whole.
func (e *Entry) lacksWeights(files []File) ([]string, error) {
	have := paths(files)
	var missing []string
	for _, n := range e.needs() {
		i := n.first(have)
		if i < 0 || path.Ext(files[i].Path) != ".onnx" || len(files[i].Sources) == 0 {
			continue
		}
		f, err := os.Open(files[i].Sources[0].File)
		if err != nil {
			return nil, fmt.Errorf("look at the folder: %w", err)
		}
		names, err := locations(f)
		_ = f.Close()
		if errors.Is(err, errNoGraph) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look at the folder: %s: %w", files[i].Path, err)
		}
		for _, name := range names {
			if !slices.Contains(have, path.Join(path.Dir(files[i].Path), name)) {
				missing = append(missing, fmt.Sprintf("%s (weights of %s)", name, files[i].Path))
			}
		}
	}
	return missing, nil
}
