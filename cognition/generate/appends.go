package generate

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Names of the tensors of key/value caches, and the operator that can append to them where they lie.
const (
	prefixPast     = "past_key_values."
	prefixPresent  = "present."
	appendingOp    = "GroupQueryAttention"
	appendingFrom  = "com.microsoft"
	appendingPast  = 3 // its inputs 3 and 4 are past key and past value
	appendingReady = 1 // its outputs 1 and 2 are present key and present value
)

// Field numbers of onnx.proto that say which operator uses which tensor.
const (
	fieldGraph      = 7 // of a model
	fieldNode       = 1 // of a graph
	fieldNodeInput  = 1
	fieldNodeOutput = 2
	fieldNodeOp     = 4
	fieldNodeAttr   = 5
	fieldNodeDomain = 7
	fieldAttrGraph  = 6
	fieldAttrGraphs = 11
)

// maxNode bounds the node that is read into memory: the rest of a graph, its weights above all, is skipped.
const maxNode = 64 << 20

// appendsInPlace reports whether a decoder graph may be given one piece of memory as past and present: each cache goes into one
// GroupQueryAttention and comes out of the same one, and nothing else looks at it. That operator then takes the length of the past from
// the attention mask and writes only the new tokens (ONNX Runtime, contrib operators, "past_present_share_buffer").
func appendsInPlace(src ort.Source) (bool, error) {
	if src.Path == "" {
		return scanAppends(bytes.NewReader(src.Bytes))
	}
	f, err := os.Open(src.Path)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	return scanAppends(f)
}

// errScan says that a graph file ended or broke off inside of a field.
var errScan = errors.New("not a complete ONNX file")

// scanAppends reads the nodes of a graph and nothing else. The runtime has loaded the file before, so it is not checked for more.
func scanAppends(r io.ReadSeeker) (bool, error) {
	caches, sound := 0, true
	model := wireReader{r: r, b: bufio.NewReader(r), left: math.MaxInt64}
	err := model.each(func(number protowire.Number, size int64) error {
		if number != fieldGraph {
			return model.skip(size)
		}
		graph := wireReader{r: r, b: model.b, left: size}
		model.left -= size
		return graph.each(func(number protowire.Number, size int64) error {
			if number != fieldNode || size > maxNode || !sound {
				return graph.skip(size)
			}
			raw, err := graph.bytes(size)
			if err != nil {
				return err
			}
			n, err := parseNode(raw)
			if err != nil {
				return err
			}
			appended, ok := n.appends()
			caches, sound = caches+appended, ok
			return nil
		})
	})
	return err == nil && sound && caches > 0, err
}

// graphNode is what matters of a node.
type graphNode struct {
	op, domain      string
	inputs, outputs []string
	nested          bool // holds graphs of its own
}

// appends counts the caches that the node appends to; ok is false where it does anything else with one.
func (n *graphNode) appends() (count int, ok bool) {
	if n.nested {
		return 0, false
	}
	for i, name := range n.inputs {
		rest, cache := strings.CutPrefix(name, prefixPast)
		if !cache {
			continue
		}
		out := i - appendingPast + appendingReady
		if n.op != appendingOp || n.domain != appendingFrom || i < appendingPast || i > appendingPast+1 ||
			out >= len(n.outputs) || n.outputs[out] != prefixPresent+rest {
			return 0, false
		}
		count++
	}
	return count, true
}

// parseNode reads a node.
func parseNode(raw []byte) (*graphNode, error) {
	n := &graphNode{}
	err := eachBytes(raw, func(number protowire.Number, body []byte) error {
		switch number {
		case fieldNodeInput:
			n.inputs = append(n.inputs, string(body))
		case fieldNodeOutput:
			n.outputs = append(n.outputs, string(body))
		case fieldNodeOp:
			n.op = string(body)
		case fieldNodeDomain:
			n.domain = string(body)
		case fieldNodeAttr:
			return eachBytes(body, func(number protowire.Number, _ []byte) error {
				n.nested = n.nested || number == fieldAttrGraph || number == fieldAttrGraphs
				return nil
			})
		}
		return nil
	})
	return n, err
}

// eachBytes calls do for every field of a message that holds bytes.
func eachBytes(raw []byte, do func(number protowire.Number, body []byte) error) error {
	for len(raw) > 0 {
		number, kind, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return errScan
		}
		size := protowire.ConsumeFieldValue(number, kind, raw[n:])
		if size < 0 {
			return errScan
		}
		if kind == protowire.BytesType {
			body, _ := protowire.ConsumeBytes(raw[n:])
			if err := do(number, body); err != nil {
				return err
			}
		}
		raw = raw[n+size:]
	}
	return nil
}

// wireReader reads one message of a file; left is how much of it is still to come.
type wireReader struct {
	r    io.ReadSeeker
	b    *bufio.Reader
	left int64
}

// each calls do for every field that holds bytes; do consumes size bytes.
func (w *wireReader) each(do func(number protowire.Number, size int64) error) error {
	for w.left > 0 {
		tag, err := w.varint()
		if errors.Is(err, io.EOF) && w.left > math.MaxInt64/2 {
			return nil // the file itself has no length in front
		}
		if err != nil {
			return err
		}
		number, kind := protowire.DecodeTag(tag)
		switch kind {
		case protowire.VarintType:
			_, err = w.varint()
		case protowire.Fixed32Type:
			err = w.skip(4)
		case protowire.Fixed64Type:
			err = w.skip(8)
		case protowire.BytesType:
			var size uint64
			if size, err = w.varint(); err != nil {
				break
			}
			if size > math.MaxInt64 || int64(size) > w.left {
				return errScan
			}
			err = do(number, int64(size))
		default:
			return errScan
		}
		if errors.Is(err, io.EOF) {
			return errScan
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// varint reads a number. It returns [io.EOF] only before the first byte.
func (w *wireReader) varint() (uint64, error) {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		c, err := w.b.ReadByte()
		if err != nil {
			if shift > 0 {
				return 0, errScan
			}
			return 0, err
		}
		w.left--
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v, nil
		}
	}
	return 0, errScan
}

// bytes reads the next bytes.
func (w *wireReader) bytes(size int64) ([]byte, error) {
	raw := make([]byte, size)
	if _, err := io.ReadFull(w.b, raw); err != nil {
		return nil, errScan
	}
	w.left -= size
	return raw, nil
}

// skip passes over the next bytes: over many of them without reading.
func (w *wireReader) skip(size int64) error {
	w.left -= size
	if size <= int64(w.b.Buffered()) {
		_, err := w.b.Discard(int(size))
		return err
	}
	size -= int64(w.b.Buffered())
	if _, err := w.r.Seek(size, io.SeekCurrent); err != nil {
		return err
	}
	w.b.Reset(w.r)
	return nil
}
