package onnx

import (
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// part is a run of finished bytes, or a payload that is produced when the file is written.
type part struct {
	bytes   []byte
	payload *Payload
	owner   string // tensor name, for errors
}

// message is a protobuf message under construction: its parts in order and their total length in
// bytes.
type message struct {
	parts []part
	size  int64
}

// raw appends finished bytes, joining them to a run that is still open.
func (m *message) raw(b []byte) {
	if last := len(m.parts) - 1; last >= 0 && m.parts[last].payload == nil {
		m.parts[last].bytes = append(m.parts[last].bytes, b...)
	} else {
		m.parts = append(m.parts, part{bytes: append([]byte(nil), b...)})
	}
	m.size += int64(len(b))
}

// head appends the number and the length of a field that holds bytes.
func (m *message) head(field protowire.Number, size int64) {
	m.raw(protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.BytesType), uint64(size)))
}

// varint appends an integer field. Negative values take ten bytes, as protobuf's int32 and int64
// do.
func (m *message) varint(field protowire.Number, v int64) {
	m.raw(appendVarint(nil, field, uint64(v)))
}

func (m *message) float(field protowire.Number, v float32) {
	m.raw(protowire.AppendFixed32(protowire.AppendTag(nil, field, protowire.Fixed32Type), math.Float32bits(v)))
}

// text appends a string field; empty strings are the default and are left out.
func (m *message) text(field protowire.Number, s string) {
	if s != "" {
		m.bytes(field, []byte(s))
	}
}

func (m *message) bytes(field protowire.Number, b []byte) {
	m.head(field, int64(len(b)))
	m.raw(b)
}

// ints appends a repeated integer field in packed form; an empty list is left out.
func (m *message) ints(field protowire.Number, values []int64) {
	if len(values) == 0 {
		return
	}
	var packed []byte
	for _, v := range values {
		packed = protowire.AppendVarint(packed, uint64(v))
	}
	m.bytes(field, packed)
}

// sub appends an embedded message. The parts of child move into m.
func (m *message) sub(field protowire.Number, child *message) {
	m.head(field, child.size)
	for _, p := range child.parts {
		if p.payload == nil {
			m.raw(p.bytes)
			continue
		}
		m.parts = append(m.parts, p)
		m.size += p.payload.Size
	}
}

// stream appends a bytes field whose content is produced by p when the file is written.
func (m *message) stream(field protowire.Number, p Payload, owner string) {
	m.head(field, p.Size)
	m.parts = append(m.parts, part{payload: &p, owner: owner})
	m.size += p.Size
}

// writeTo writes the finished message; it is the only place where payloads run.
func (m *message) writeTo(w io.Writer) (int64, error) {
	out := &counter{w: w}
	for _, p := range m.parts {
		before := out.n
		if p.payload == nil {
			if _, err := out.Write(p.bytes); err != nil {
				return out.n, err
			}
			continue
		}
		if err := p.payload.Write(out); err != nil {
			return out.n, fmt.Errorf("tensor %s: %w", p.owner, err)
		}
		if got := out.n - before; got != p.payload.Size {
			return out.n, fmt.Errorf("tensor %s: %w: %d bytes declared, %d written", p.owner, ErrPayload, p.payload.Size, got)
		}
	}
	return out.n, nil
}

// counter counts what passes through it.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
