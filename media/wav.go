package media

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// MaxWAVSamples is how many samples a channel may have: one hour at 48 kHz.
const MaxWAVSamples = 48000 * 3600

// streamedSize is the smallest chunk size read as "until the end of the input". A program that
// writes to a pipe cannot know the length and puts 2,000,000,000 there (the header included or
// not), or a value just below 2^31 or 2^32.
const streamedSize = 2_000_000_000 - 4096

// WAV is decoded audio.
type WAV struct {
	// Rate is in Hz.
	Rate int
	// Channels is how many channels the file had.
	Channels int
	// Samples is the mean of all channels.
	Samples []float32
}

// ReadWAV reads a RIFF, RF64 or BW64 file and mixes all channels to one: PCM of 8, 16, 24 or 32
// bits, IEEE float of 32 or 64 bits, A-law and µ-law, each also in the extensible format. At most
// MaxWAVSamples samples are read. A length of 0, of about 2·10^9 bytes or more, or beyond that
// limit is what a program writes that did not know it: then the samples reach to the end of the
// input. More than the file may be taken from r. Errors: ErrWAVFormat, ErrWAVEncoding,
// ErrWAVTruncated, ErrWAVEmpty, ErrWAVTooLarge, or what r returns.
func ReadWAV(r io.Reader) (WAV, error) {
	return ReadWAVLimit(r, MaxWAVSamples)
}

// ReadWAVLimit is ReadWAV with a limit of its own, in samples a channel.
func ReadWAVLimit(r io.Reader, limit int) (WAV, error) {
	w := wavReader{r: bufio.NewReader(r), limit: limit, end: unknownSize}
	if err := w.header(); err != nil {
		return WAV{}, err
	}
	for {
		id, size, err := w.chunk()
		if err != nil {
			return WAV{}, err
		}
		switch {
		case id == "fmt ":
			err = w.readFormat(size)
		case id == "ds64" && w.wide:
			err = w.readSizes(size)
		case id == "data":
			var more bool
			if size, more, err = w.dataSize(size); err == nil && !more {
				return w.samples(size)
			}
			w.empty = true
		default:
			err = w.skip(size, 0)
		}
		if err != nil {
			return WAV{}, err
		}
	}
}

// unknownSize stands for a length that the file does not tell.
const unknownSize = math.MaxInt64

// wavReader walks through the chunks of one file.
type wavReader struct {
	r     *bufio.Reader
	limit int

	at   int64 // bytes read
	end  int64 // where the file ends by its own header, or unknownSize
	wide bool  // RF64 or BW64: lengths of 64 bits in a chunk of their own
	data int64 // length of the samples from that chunk, or unknownSize

	format *wavFormat
	empty  bool // a data chunk without samples came by
}

// header reads the signature.
func (w *wavReader) header() error {
	var head [12]byte
	if err := w.read(head[:], "header"); err != nil {
		return err
	}
	switch string(head[:4]) {
	case "RIFF":
		if size := int64(binary.LittleEndian.Uint32(head[4:])); size > 0 && size < streamedSize {
			w.end = size + 8
		}
	case "RF64", "BW64":
		w.wide, w.data = true, unknownSize
	case "RIFX":
		return fmt.Errorf("big-endian (RIFX): %w", ErrWAVEncoding)
	default:
		return fmt.Errorf("no RIFF signature: %w", ErrWAVFormat)
	}
	if string(head[8:]) != "WAVE" {
		return fmt.Errorf("no WAVE signature: %w", ErrWAVFormat)
	}
	return nil
}

// chunk reads the header of the next chunk.
func (w *wavReader) chunk() (id string, size int64, err error) {
	if w.empty {
		if _, err := w.r.Peek(1); errors.Is(err, io.EOF) {
			return "", 0, fmt.Errorf("data chunk of 0 bytes: %w", ErrWAVEmpty)
		}
	}
	var head [8]byte
	if err := w.read(head[:], "chunk header"); err != nil {
		return "", 0, err
	}
	return string(head[:4]), int64(binary.LittleEndian.Uint32(head[4:])), nil
}

// readSizes reads the lengths of an RF64 or BW64 file, EBU Tech 3306 and ITU-R BS.2088.
func (w *wavReader) readSizes(size int64) error {
	if size < 24 {
		return fmt.Errorf("ds64 chunk of %d bytes: %w", size, ErrWAVFormat)
	}
	var b [16]byte
	if err := w.read(b[:], "ds64 chunk"); err != nil {
		return err
	}
	if v := binary.LittleEndian.Uint64(b[:]); v > 0 && v < unknownSize-8 {
		w.end = int64(v) + 8
	}
	if v := binary.LittleEndian.Uint64(b[8:]); v < unknownSize {
		w.data = int64(v)
	}
	return w.skip(size, len(b))
}

// dataSize returns the true length of the data chunk that begins here, from the one in its header;
// more is true when it is empty and other chunks follow.
func (w *wavReader) dataSize(size int64) (n int64, more bool, err error) {
	if w.format == nil {
		return 0, false, fmt.Errorf("data before fmt: %w", ErrWAVFormat)
	}
	if w.wide && size == math.MaxUint32 {
		size = w.data
	}
	if size == 0 && w.end != unknownSize && w.at < w.end && w.plausible() {
		return 0, true, nil
	}
	long := size/int64(w.format.align) > MaxWAVSamples
	if size == 0 || long || !w.wide && size >= streamedSize {
		return unknownSize, false, nil
	}
	return size, false, nil
}

// skip passes over the rest of a chunk of size bytes, of which some were read, and over the byte
// that fills an odd one up to an even length. Some programs leave that byte out: then the header of
// the next chunk stands in its place.
func (w *wavReader) skip(size int64, read int) error {
	n, err := io.CopyN(io.Discard, w.r, size-int64(read))
	w.at += n
	if err != nil {
		return wavReadError(err, "chunk")
	}
	if size%2 == 0 {
		return nil
	}
	if next, err := w.r.Peek(1); err != nil || next[0] != 0 && w.plausible() {
		return nil //nolint:nilerr // the end of the input is noticed by the next read
	}
	w.at++
	_, err = w.r.Discard(1)
	return err
}

// plausible reports whether what comes next is the header of a chunk that ends within the file.
func (w *wavReader) plausible() bool {
	b, err := w.r.Peek(8)
	if err != nil {
		return false
	}
	for _, c := range b[:4] {
		if c < ' ' || c > '~' {
			return false
		}
	}
	size := int64(binary.LittleEndian.Uint32(b[4:]))
	return string(b[:4]) == "data" || size <= w.end-w.at-8
}

func (w *wavReader) read(b []byte, what string) error {
	n, err := io.ReadFull(w.r, b)
	w.at += int64(n)
	if err != nil {
		return wavReadError(err, what)
	}
	return nil
}

func wavReadError(err error, what string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: %w", what, ErrWAVTruncated)
	}
	return fmt.Errorf("wav %s: %w", what, err)
}
