package ggml

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// Scanner reads little-endian fields from the front of a file and keeps the first error.
// After an error every read returns zero, so that a run of fields needs one check at its end.
type Scanner struct {
	r      *bufio.Reader
	source io.ReaderAt
	size   int64
	pos    int64
	err    error
}

// NewScanner returns a scanner at the start of a file of size bytes.
func NewScanner(r io.ReaderAt, size int64) *Scanner {
	s := &Scanner{source: r, size: size}
	s.r = bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 1<<16)
	return s
}

// Err returns the first error, a *FormatError or an error of the reader, or nil.
func (s *Scanner) Err() error { return s.err }

// Pos returns the position of the next byte.
func (s *Scanner) Pos() int64 { return s.pos }

// Left returns how many bytes the file has from here on.
func (s *Scanner) Left() int64 { return s.size - s.pos }

// Fail records an error about the named field at the present position, unless one is recorded
// already.
func (s *Scanner) Fail(field string, err error) {
	if s.err == nil {
		s.err = &FormatError{Field: field, Offset: s.pos, Err: err}
	}
}

// Bytes reads n bytes into a new slice. More than the file has left is ErrTruncated and takes no
// memory.
func (s *Scanner) Bytes(field string, n int64) []byte {
	if s.err != nil {
		return nil
	}
	if n < 0 || n > s.Left() {
		s.Fail(field, ErrTruncated)
		return nil
	}
	buf := make([]byte, n)
	if _, err := io.ReadFull(s.r, buf); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = ErrTruncated
		}
		s.Fail(field, err)
		return nil
	}
	s.pos += n
	return buf
}

// Skip moves n bytes ahead without reading them.
func (s *Scanner) Skip(field string, n int64) {
	if s.err != nil {
		return
	}
	if n < 0 || n > s.Left() {
		s.Fail(field, ErrTruncated)
		return
	}
	s.pos += n
	if int64(s.r.Buffered()) >= n {
		_, _ = s.r.Discard(int(n)) // cannot fail: the bytes are buffered
		return
	}
	s.r.Reset(io.NewSectionReader(s.source, s.pos, s.size-s.pos))
}

// Uint32 reads four bytes.
func (s *Scanner) Uint32(field string) uint32 {
	if b := s.Bytes(field, 4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// Uint64 reads eight bytes.
func (s *Scanner) Uint64(field string) uint64 {
	if b := s.Bytes(field, 8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// Count reads a signed 32 bit number that must lie in low..high; anything else is ErrHeader.
func (s *Scanner) Count(field string, low, high int) int {
	v := int(int32(s.Uint32(field)))
	if s.err == nil && (v < low || v > high) {
		s.Fail(field, ErrHeader)
		return 0
	}
	return v
}

// Float32s reads n floats.
func (s *Scanner) Float32s(field string, n int64) []float32 {
	if n < 0 || n > math.MaxInt64/4 {
		s.Fail(field, ErrTruncated)
		return nil
	}
	raw := s.Bytes(field, 4*n)
	if raw == nil {
		return nil
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return values
}
