package onnx

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// reader reads a file of nested messages field by field and holds none of it; at is the offset of
// what comes next.
type reader struct {
	r  io.ReadSeeker
	b  *bufio.Reader
	at int64
}

func newReader(r io.ReadSeeker) *reader { return &reader{r: r, b: bufio.NewReader(r)} }

// head is the beginning of a field. A number is read with it; anything else follows, up to end.
type head struct {
	field  protowire.Number
	kind   protowire.Type
	number uint64
	end    int64
}

// is reports whether it is a field of this number that holds bytes, as messages and texts do.
func (h head) is(field protowire.Number) bool {
	return h.field == field && h.kind == protowire.BytesType
}

// each calls do for every field of a message up to an offset; do reads the field to its end.
func (r *reader) each(end int64, depth int, do func(head) error) error {
	if depth > maxDepth {
		return corrupt("messages lie too deep in each other")
	}
	for r.at < end {
		f, err := r.head(end)
		if err == nil {
			err = do(f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// head reads the beginning of a field that has to fit in before end.
func (r *reader) head(end int64) (head, error) {
	tag, err := r.varint()
	if err != nil {
		return head{}, err
	}
	h, size := head{}, uint64(0)
	h.field, h.kind = protowire.DecodeTag(tag)
	switch h.kind {
	case protowire.VarintType:
		h.number, err = r.varint()
	case protowire.Fixed32Type:
		size = 4
	case protowire.Fixed64Type:
		size = 8
	case protowire.BytesType:
		size, err = r.varint()
	default:
		return h, corrupt("a field of an unknown kind")
	}
	if err != nil {
		return h, err
	}
	if h.field < 1 || size > math.MaxInt64 || int64(size) > end-r.at {
		return h, corrupt("a field goes beyond its message")
	}
	h.end = r.at + int64(size)
	return h, nil
}

// text reads a name.
func (r *reader) text(f head) (string, error) {
	if f.end-r.at > maxText {
		return "", corrupt("a name longer than any")
	}
	raw := make([]byte, f.end-r.at)
	if _, err := io.ReadFull(r.b, raw); err != nil {
		return "", cutOff(err)
	}
	r.at = f.end
	return string(raw), nil
}

// varint reads a number.
func (r *reader) varint() (uint64, error) {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		c, err := r.b.ReadByte()
		if err != nil {
			return 0, cutOff(err)
		}
		r.at++
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v, nil
		}
	}
	return 0, corrupt("a number without an end")
}

// pass goes to the end of a field, far away without reading.
func (r *reader) pass(f head) error {
	size := f.end - r.at
	r.at = f.end
	buffered := int64(r.b.Buffered())
	if size <= buffered {
		_, err := r.b.Discard(int(size))
		return cutOff(err)
	}
	if _, err := r.r.Seek(size-buffered, io.SeekCurrent); err != nil {
		return fmt.Errorf("read a graph: %w", err)
	}
	r.b.Reset(r.r)
	return nil
}

// cutOff tells a file that ends inside of a field from one that cannot be read.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return corrupt("it breaks off")
	}
	if err != nil {
		return fmt.Errorf("read a graph: %w", err)
	}
	return nil
}
