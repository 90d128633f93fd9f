package generate

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"os"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Field numbers of onnx.proto that say which operator uses which tensor.
const (
	fieldGraph      = 7 // of a model
	fieldOpset      = 8
	fieldNode       = 1 // of a graph
	fieldNodeInput  = 1
	fieldNodeOutput = 2
	fieldNodeOp     = 4
	fieldNodeAttr   = 5
	fieldNodeDomain = 7
	fieldAttrGraph  = 6
	fieldAttrGraphs = 11
)

// maxField bounds a node that is read into memory: the rest of a graph, its weights above all, is skipped.
const maxField = 64 << 20

// errScan says that a graph file ended or broke off inside of a field.
var errScan = errors.New("not a complete ONNX file")

// graphScan is the nodes of a graph file.
type graphScan struct {
	nodes []graphNode
	opset int64 // of the standard operators
}

// graphNode is what matters of a node.
type graphNode struct {
	op, domain      string
	inputs, outputs []string
	at              []int64 // where in the file the inputs' names begin
	nested          bool    // holds graphs of its own
}

// scanGraph reads the nodes of a decoder graph. The runtime checks the file when it loads it.
func scanGraph(src ort.Source) (*graphScan, error) {
	if src.Path == "" {
		return scan(bytes.NewReader(src.Bytes))
	}
	f, err := os.Open(src.Path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return scan(f)
}

// scan reads nodes and version, and passes over everything else.
func scan(r io.ReadSeeker) (*graphScan, error) {
	s := &graphScan{}
	w := &wireReader{r: r, b: bufio.NewReader(r)}
	err := w.each(math.MaxInt64, func(number protowire.Number, size int64) error {
		switch number {
		case fieldGraph:
			return w.each(w.at+size, func(number protowire.Number, size int64) error {
				if number != fieldNode || size > maxField {
					return w.skip(size)
				}
				at := w.at
				raw, err := w.bytes(size)
				if err != nil {
					return err
				}
				n, err := parseNode(raw, at)
				s.nodes = append(s.nodes, n)
				return err
			})
		case fieldOpset:
			raw, err := w.bytes(size)
			if err != nil {
				return err
			}
			domain, version, err := parseOpset(raw)
			if domain == "" {
				s.opset = version
			}
			return err
		}
		return w.skip(size)
	})
	return s, err
}

// parseNode reads a node that begins at an offset of the file.
func parseNode(raw []byte, at int64) (graphNode, error) {
	var n graphNode
	err := eachField(raw, func(number protowire.Number, body []byte, _ uint64, from int) error {
		switch number {
		case fieldNodeInput:
			n.inputs, n.at = append(n.inputs, string(body)), append(n.at, at+int64(from))
		case fieldNodeOutput:
			n.outputs = append(n.outputs, string(body))
		case fieldNodeOp:
			n.op = string(body)
		case fieldNodeDomain:
			n.domain = string(body)
		case fieldNodeAttr:
			return eachField(body, func(number protowire.Number, _ []byte, _ uint64, _ int) error {
				n.nested = n.nested || number == fieldAttrGraph || number == fieldAttrGraphs
				return nil
			})
		}
		return nil
	})
	return n, err
}

// parseOpset reads the version of an operator set.
func parseOpset(raw []byte) (domain string, version int64, err error) {
	err = eachField(raw, func(number protowire.Number, body []byte, v uint64, _ int) error {
		switch number {
		case 1:
			domain = string(body)
		case 2:
			version = int64(v)
		}
		return nil
	})
	if domain == "ai.onnx" {
		domain = "" // two names of the standard operators
	}
	return domain, version, err
}

// eachField calls do for every field of a message that holds bytes, which begin at from, or a number.
func eachField(raw []byte, do func(number protowire.Number, body []byte, v uint64, from int) error) error {
	for at := 0; at < len(raw); {
		number, kind, tag := protowire.ConsumeTag(raw[at:])
		if tag < 0 {
			return errScan
		}
		size := protowire.ConsumeFieldValue(number, kind, raw[at+tag:])
		if size < 0 {
			return errScan
		}
		var body []byte
		var v uint64
		end := at + tag + size
		switch kind {
		case protowire.BytesType:
			body, _ = protowire.ConsumeBytes(raw[at+tag:])
		case protowire.VarintType:
			v, _ = protowire.ConsumeVarint(raw[at+tag:])
		}
		if err := do(number, body, v, end-len(body)); err != nil {
			return err
		}
		at = end
	}
	return nil
}

// wireReader reads a file of nested messages; at is the offset of what comes next.
type wireReader struct {
	r  io.ReadSeeker
	b  *bufio.Reader
	at int64
}

// each calls do for every field that holds bytes, up to an offset; do consumes size bytes. math.MaxInt64 stands for the end of the file.
func (w *wireReader) each(end int64, do func(number protowire.Number, size int64) error) error {
	for w.at < end {
		tag, err := w.varint()
		if errors.Is(err, io.EOF) && end == math.MaxInt64 {
			return nil
		}
		if err == nil {
			err = w.field(end, tag, do)
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

// field passes over one field, or hands it to do.
func (w *wireReader) field(end int64, tag uint64, do func(number protowire.Number, size int64) error) error {
	number, kind := protowire.DecodeTag(tag)
	switch kind {
	case protowire.VarintType:
		_, err := w.varint()
		return err
	case protowire.Fixed32Type:
		return w.skip(4)
	case protowire.Fixed64Type:
		return w.skip(8)
	case protowire.BytesType:
		size, err := w.varint()
		if err != nil {
			return err
		}
		if size > math.MaxInt64 || int64(size) > end-w.at {
			return errScan
		}
		return do(number, int64(size))
	default:
		return errScan
	}
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
		w.at++
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v, nil
		}
	}
	return 0, errScan
}

// bytes reads the next bytes.
func (w *wireReader) bytes(size int64) ([]byte, error) {
	if size > maxField {
		return nil, errScan
	}
	raw := make([]byte, size)
	if _, err := io.ReadFull(w.b, raw); err != nil {
		return nil, errScan
	}
	w.at += size
	return raw, nil
}

// skip passes over the next bytes, over many of them without reading.
func (w *wireReader) skip(size int64) error {
	w.at += size
	if size <= int64(w.b.Buffered()) {
		_, err := w.b.Discard(int(size))
		return err
	}
	if _, err := w.r.Seek(size-int64(w.b.Buffered()), io.SeekCurrent); err != nil {
		return err
	}
	w.b.Reset(w.r)
	return nil
}
