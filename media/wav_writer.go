package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

const wavHeaderSize = 44

// maxWAVBytes is the largest data chunk a RIFF file can announce, kept even.
const maxWAVBytes = math.MaxUint32 - wavHeaderSize - 1

// WriteWAV writes mono samples as 16 bit PCM. Errors: ErrSampleRate, ErrWAVTooLarge, or what w
// returns.
func WriteWAV(w io.Writer, rate int, mono []float32) error {
	if rate < 1 || rate > 768000 {
		return fmt.Errorf("%d Hz: %w", rate, ErrSampleRate)
	}
	if int64(len(mono))*2 > maxWAVBytes {
		return fmt.Errorf("%d samples: %w", len(mono), ErrWAVTooLarge)
	}
	var buf bytes.Buffer
	buf.Grow(wavHeaderSize + 2*len(mono))
	buf.Write(wavHeader(rate, len(mono)*2))
	buf.Write(appendInt16(buf.AvailableBuffer(), mono))
	if _, err := w.Write(buf.Bytes()); err != nil {
		return fmt.Errorf("wav: %w", err)
	}
	return nil
}

// WAVWriter writes mono 16 bit PCM piece by piece; the lengths in the header are filled in by
// Close. Not safe for concurrent use. The underlying file stays open and belongs to the caller.
type WAVWriter struct {
	w      io.WriteSeeker
	rate   int
	bytes  int64
	buf    []byte
	closed bool
}

// NewWAVWriter writes a header for an empty file, so that even an interrupted recording can be
// opened.
func NewWAVWriter(w io.WriteSeeker, rate int) (*WAVWriter, error) {
	if rate < 1 || rate > 768000 {
		return nil, fmt.Errorf("%d Hz: %w", rate, ErrSampleRate)
	}
	if _, err := w.Write(wavHeader(rate, 0)); err != nil {
		return nil, fmt.Errorf("wav: %w", err)
	}
	return &WAVWriter{w: w, rate: rate}, nil
}

// Write appends samples, clipped to [-1, 1]. Errors: ErrWAVClosed, ErrWAVTooLarge, or what the file
// returns.
func (w *WAVWriter) Write(mono []float32) error {
	if w.closed {
		return ErrWAVClosed
	}
	if w.bytes+int64(len(mono))*2 > maxWAVBytes {
		return fmt.Errorf("after %d bytes: %w", w.bytes, ErrWAVTooLarge)
	}
	w.buf = appendInt16(w.buf[:0], mono)
	n, err := w.w.Write(w.buf)
	w.bytes += int64(n)
	if err != nil {
		return fmt.Errorf("wav: %w", err)
	}
	return nil
}

// Samples returns how many samples have been written.
func (w *WAVWriter) Samples() int64 { return w.bytes / 2 }

// Close fills in the lengths. Closing twice does nothing.
func (w *WAVWriter) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	if _, err := w.w.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("wav: %w", err)
	}
	if _, err := w.w.Write(wavHeader(w.rate, int(w.bytes))); err != nil {
		return fmt.Errorf("wav: %w", err)
	}
	if _, err := w.w.Seek(0, io.SeekEnd); err != nil {
		return fmt.Errorf("wav: %w", err)
	}
	return nil
}

func wavHeader(rate, dataBytes int) []byte {
	le := binary.LittleEndian
	b := make([]byte, 0, wavHeaderSize)
	b = append(b, "RIFF"...)
	b = le.AppendUint32(b, uint32(dataBytes+wavHeaderSize-8))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, wavPCM)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*2))
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 16)
	b = append(b, "data"...)
	return le.AppendUint32(b, uint32(dataBytes))
}

func appendInt16(dst []byte, mono []float32) []byte {
	for _, s := range mono {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(ToInt16(s)))
	}
	return dst
}
