package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// MaxWAVSamples is how many samples a channel may have: one hour at 48 kHz.
const MaxWAVSamples = 48000 * 3600

// streamedSize is the smallest chunk size read as "until the end of the input": programs that write to a pipe put a
// value just below 2^31 or 2^32 there.
const streamedSize = 0x7fff0000

// Format tags of the WAVE specification.
const (
	wavPCM        = 1
	wavFloat      = 3
	wavExtensible = 0xfffe
)

// WAV is decoded audio.
type WAV struct {
	// Rate is in Hz.
	Rate int
	// Channels is how many channels the file had.
	Channels int
	// Samples is the mean of all channels.
	Samples []float32
}

type wavFormat struct {
	tag, channels, bits, align int
	rate                       int
}

// ReadWAV reads PCM (8, 16, 24, 32 bits) or IEEE float (32, 64 bits) and mixes all channels to one. At most
// MaxWAVSamples samples are read. Errors: ErrWAVFormat, ErrWAVEncoding, ErrWAVTruncated, ErrWAVTooLarge, or what r
// returns.
func ReadWAV(r io.Reader) (WAV, error) {
	return ReadWAVLimit(r, MaxWAVSamples)
}

// ReadWAVLimit is ReadWAV with a limit of its own, in samples a channel.
func ReadWAVLimit(r io.Reader, limit int) (WAV, error) {
	var head [12]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return WAV{}, wavReadError(err, "header")
	}
	if string(head[:4]) != "RIFF" || string(head[8:]) != "WAVE" {
		return WAV{}, fmt.Errorf("no RIFF/WAVE signature: %w", ErrWAVFormat)
	}
	var format *wavFormat
	for {
		var chunk [8]byte
		if _, err := io.ReadFull(r, chunk[:]); err != nil {
			return WAV{}, wavReadError(err, "chunk header")
		}
		size := binary.LittleEndian.Uint32(chunk[4:])
		switch string(chunk[:4]) {
		case "fmt ":
			f, err := readWAVFormat(r, size)
			if err != nil {
				return WAV{}, err
			}
			format = &f
		case "data":
			if format == nil {
				return WAV{}, fmt.Errorf("data before fmt: %w", ErrWAVFormat)
			}
			return readWAVData(r, *format, size, limit)
		default:
			if _, err := io.CopyN(io.Discard, r, int64(size)+int64(size&1)); err != nil {
				return WAV{}, wavReadError(err, "chunk")
			}
		}
	}
}

func readWAVFormat(r io.Reader, size uint32) (wavFormat, error) {
	if size < 16 || size > 4096 {
		return wavFormat{}, fmt.Errorf("fmt chunk of %d bytes: %w", size, ErrWAVFormat)
	}
	b := make([]byte, size+size&1)
	if _, err := io.ReadFull(r, b); err != nil {
		return wavFormat{}, wavReadError(err, "fmt chunk")
	}
	le := binary.LittleEndian
	f := wavFormat{
		tag:      int(le.Uint16(b)),
		channels: int(le.Uint16(b[2:])),
		rate:     int(le.Uint32(b[4:])),
		align:    int(le.Uint16(b[12:])),
		bits:     int(le.Uint16(b[14:])),
	}
	if f.tag == wavExtensible && size >= 40 {
		f.tag = int(le.Uint16(b[24:]))
	}
	return f, f.validate()
}

func (f wavFormat) validate() error {
	switch {
	case f.channels < 1 || f.channels > 64 || f.rate < 1000 || f.rate > 768000:
		return fmt.Errorf("%d channels at %d Hz: %w", f.channels, f.rate, ErrWAVFormat)
	case f.tag == wavPCM && (f.bits == 8 || f.bits == 16 || f.bits == 24 || f.bits == 32):
	case f.tag == wavFloat && (f.bits == 32 || f.bits == 64):
	default:
		return fmt.Errorf("format %d with %d bits: %w", f.tag, f.bits, ErrWAVEncoding)
	}
	if f.align != f.channels*f.bits/8 {
		return fmt.Errorf("block of %d bytes for %d channels of %d bits: %w", f.align, f.channels, f.bits, ErrWAVFormat)
	}
	return nil
}

func readWAVData(r io.Reader, f wavFormat, size uint32, limit int) (WAV, error) {
	streamed := size >= streamedSize
	want := int(size) / f.align
	if !streamed && want > limit {
		return WAV{}, fmt.Errorf("%d samples, limit %d: %w", want, limit, ErrWAVTooLarge)
	}
	out := WAV{Rate: f.rate, Channels: f.channels}
	block := make([]byte, 1024*f.align)
	for streamed || len(out.Samples) < want {
		n := len(block)
		if !streamed {
			n = min(n, (want-len(out.Samples))*f.align)
		}
		got, err := io.ReadFull(r, block[:n])
		for frame := block[:got-got%f.align]; len(frame) > 0; frame = frame[f.align:] {
			out.Samples = append(out.Samples, f.mix(frame))
		}
		if len(out.Samples) > limit {
			return WAV{}, fmt.Errorf("more than %d samples: %w", limit, ErrWAVTooLarge)
		}
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if ended && streamed {
			break
		}
		if err != nil {
			return WAV{}, wavReadError(err, "samples")
		}
	}
	return out, nil
}

// mix returns the mean of the channels of one block.
func (f wavFormat) mix(b []byte) float32 {
	var sum float64
	width := f.bits / 8
	for c := range f.channels {
		sum += f.sample(b[c*width:])
	}
	return float32(sum / float64(f.channels))
}

func (f wavFormat) sample(b []byte) float64 {
	le := binary.LittleEndian
	var v float64
	switch {
	case f.tag == wavFloat && f.bits == 32:
		v = float64(math.Float32frombits(le.Uint32(b)))
	case f.tag == wavFloat:
		v = math.Float64frombits(le.Uint64(b))
	case f.bits == 8:
		return (float64(b[0]) - 128) / 128
	case f.bits == 16:
		return float64(int16(le.Uint16(b))) / (1 << 15)
	case f.bits == 24:
		return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
	default:
		return float64(int32(le.Uint32(b))) / (1 << 31)
	}
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, -1), 1)
}

func wavReadError(err error, what string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: %w", what, ErrWAVTruncated)
	}
	return fmt.Errorf("wav %s: %w", what, err)
}
