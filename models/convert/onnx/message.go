package onnx

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// Protobuf wire types.
const (
	wireVarint = 0
	wireBytes  = 2
	wire32     = 5
)

// part is a run of finished bytes, or a payload that is produced when the file is written.
type part struct {
	bytes   []byte
	payload *Payload
	owner   string // tensor name, for errors
}

// message is a protobuf message under construction: its parts in order and their total length in bytes.
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

func (m *message) key(field, wire int) {
	m.raw(binary.AppendUvarint(nil, uint64(field)<<3|uint64(wire)))
}

// varint appends an integer field. Negative values take ten bytes, as protobuf's int32 and int64 do.
func (m *message) varint(field int, v int64) {
	m.key(field, wireVarint)
	m.raw(binary.AppendUvarint(nil, uint64(v)))
}

func (m *message) float(field int, v float32) {
	m.key(field, wire32)
	m.raw(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
}

// text appends a string field; empty strings are the default and are left out.
func (m *message) text(field int, s string) {
	if s != "" {
		m.bytes(field, []byte(s))
	}
}

func (m *message) bytes(field int, b []byte) {
	m.key(field, wireBytes)
	m.raw(binary.AppendUvarint(nil, uint64(len(b))))
	m.raw(b)
}

// ints appends a repeated integer field in packed form; an empty list is left out.
func (m *message) ints(field int, values []int64) {
	if len(values) == 0 {
		return
	}
	var packed []byte
	for _, v := range values {
		packed = binary.AppendUvarint(packed, uint64(v))
	}
	m.bytes(field, packed)
}

// sub appends an embedded message. The parts of child move into m.
func (m *message) sub(field int, child *message) {
	m.key(field, wireBytes)
	m.raw(binary.AppendUvarint(nil, uint64(child.size)))
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
func (m *message) stream(field int, p Payload, owner string) {
	m.key(field, wireBytes)
	m.raw(binary.AppendUvarint(nil, uint64(p.Size)))
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
