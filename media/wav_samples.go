package media

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// samples reads size bytes of samples, or, for unknownSize, everything up to the end of the input.
func (w *wavReader) samples(size int64) (WAV, error) {
	f := w.format
	streamed := size == unknownSize
	want := size / int64(f.align)
	if !streamed && want > int64(w.limit) {
		return WAV{}, fmt.Errorf("%d samples, limit %d: %w", want, w.limit, ErrWAVTooLarge)
	}
	out := WAV{Rate: f.rate, Channels: f.channels}
	block := make([]byte, 1024*f.align)
	for int64(len(out.Samples)) < want {
		n := min(int64(len(block)), (want-int64(len(out.Samples)))*int64(f.align))
		got, err := io.ReadFull(w.r, block[:n])
		for frame := block[:got-got%f.align]; len(frame) > 0; frame = frame[f.align:] {
			out.Samples = append(out.Samples, f.mix(frame))
		}
		if len(out.Samples) > w.limit {
			return WAV{}, fmt.Errorf("more than %d samples: %w", w.limit, ErrWAVTooLarge)
		}
		if streamed && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
			break
		}
		if err != nil {
			return WAV{}, wavReadError(err, "samples")
		}
	}
	if len(out.Samples) == 0 {
		return WAV{}, ErrWAVEmpty
	}
	return out, nil
}

// mix returns the mean of the channels of one block.
func (f *wavFormat) mix(b []byte) float32 {
	var sum float64
	width := f.bits / 8
	for c := range f.channels {
		sum += f.sample(b[c*width:])
	}
	return float32(sum / float64(f.channels))
}

// wavSample returns how a sample is read, nil for an encoding that is not supported.
func wavSample(tag, bits int) func([]byte) float64 {
	le := binary.LittleEndian
	type encoding struct{ tag, bits int }
	switch (encoding{tag, bits}) {
	case encoding{wavPCM, 8}:
		return func(b []byte) float64 { return (float64(b[0]) - 128) / 128 }
	case encoding{wavPCM, 16}:
		return func(b []byte) float64 { return float64(int16(le.Uint16(b))) / (1 << 15) }
	case encoding{wavPCM, 24}:
		return func(b []byte) float64 {
			return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
		}
	case encoding{wavPCM, 32}:
		return func(b []byte) float64 { return float64(int32(le.Uint32(b))) / (1 << 31) }
	case encoding{wavFloat, 32}:
		return func(b []byte) float64 { return tame(float64(math.Float32frombits(le.Uint32(b)))) }
	case encoding{wavFloat, 64}:
		return func(b []byte) float64 { return tame(math.Float64frombits(le.Uint64(b))) }
	case encoding{wavALaw, 8}:
		return func(b []byte) float64 { return float64(aLaw(b[0])) / (1 << 15) }
	case encoding{wavMuLaw, 8}:
		return func(b []byte) float64 { return float64(muLaw(b[0])) / (1 << 15) }
	}
	return nil
}

func tame(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, -1), 1)
}

// aLaw expands one code of ITU-T G.711 table 1 to the scale of 16 bit samples: 13 bits, times 8.
func aLaw(code byte) int {
	code ^= 0x55 // every second bit travels inverted
	v, segment := int(code&0x0f)<<4+8, int(code>>4&7)
	if segment > 0 {
		v = (v + 0x100) << (segment - 1)
	}
	if code&0x80 == 0 {
		return -v
	}
	return v
}

// muLaw expands one code of ITU-T G.711 table 2 to the scale of 16 bit samples: 14 bits, times 4.
func muLaw(code byte) int {
	const bias = 33 * 4
	code = ^code // all bits travel inverted
	v := (int(code&0x0f)<<3+bias)<<(code>>4&7) - bias
	if code&0x80 != 0 {
		return -v
	}
	return v
}
