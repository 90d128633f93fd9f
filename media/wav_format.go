package media

import (
	"encoding/binary"
	"fmt"
)

// Format tags of the WAVE specification.
const (
	wavPCM        = 1
	wavFloat      = 3
	wavALaw       = 6
	wavMuLaw      = 7
	wavExtensible = 0xfffe
)

// What follows the format tag in the identifier of an extensible format: the one of Microsoft's
// multimedia types, and the one of ambisonic files.
const (
	wavSubFormat = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
	wavAmbisonic = "\x00\x00\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\x00\x00\x00"
)

type wavFormat struct {
	tag, channels, bits, align int
	rate                       int
	// sample turns the first sample of b into [-1, 1].
	sample func(b []byte) float64
}

func (w *wavReader) readFormat(size int64) error {
	if size < 16 || size > 4096 {
		return fmt.Errorf("fmt chunk of %d bytes: %w", size, ErrWAVFormat)
	}
	b := make([]byte, min(size, 40))
	if err := w.read(b, "fmt chunk"); err != nil {
		return err
	}
	le := binary.LittleEndian
	f := wavFormat{
		tag:      int(le.Uint16(b)),
		channels: int(le.Uint16(b[2:])),
		rate:     int(le.Uint32(b[4:])),
		align:    int(le.Uint16(b[12:])),
		bits:     int(le.Uint16(b[14:])),
	}
	if f.tag == wavExtensible && len(b) == 40 {
		if id := string(b[26:]); id != wavSubFormat && id != wavAmbisonic {
			return fmt.Errorf("extensible format % x: %w", b[24:], ErrWAVEncoding)
		}
		f.tag = int(le.Uint16(b[24:]))
	}
	if err := f.validate(); err != nil {
		return err
	}
	w.format = &f
	return w.skip(size, len(b))
}

func (f *wavFormat) validate() error {
	if f.channels < 1 || f.channels > 64 || f.rate < 1000 || f.rate > 768000 {
		return fmt.Errorf("%d channels at %d Hz: %w", f.channels, f.rate, ErrWAVFormat)
	}
	if f.sample = wavSample(f.tag, f.bits); f.sample == nil {
		return fmt.Errorf("format %d with %d bits: %w", f.tag, f.bits, ErrWAVEncoding)
	}
	if f.align != f.channels*f.bits/8 {
		return fmt.Errorf("block of %d bytes for %d channels of %d bits: %w", f.align, f.channels, f.bits, ErrWAVFormat)
	}
	return nil
}
