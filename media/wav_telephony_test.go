package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/sensory-agent/sensory-agent/media"
)

const (
	guidPCM       = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71"
	guidAmbisonic = "\x00\x00\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\x00\x00\x00"
)

// extensible builds a file in the extensible format.
func extensible(tag, channels, rate, bits int, guid string, data []byte) []byte {
	format := fmtChunk(0xfffe, channels, rate, bits)[8:]
	le := binary.LittleEndian
	format = le.AppendUint16(format, 22)
	format = le.AppendUint16(format, uint16(bits))
	format = le.AppendUint32(format, 0)
	format = le.AppendUint16(format, uint16(tag))
	return riff("RIFF", -1, chunk("fmt ", append(format, guid...)), chunk("data", data))
}

// companded reads all 256 codes of an encoding, as 16 bit samples.
func companded(t *testing.T, tag int) []int {
	t.Helper()
	codes := make([]byte, 256)
	for i := range codes {
		codes[i] = byte(i)
	}
	got, err := media.ReadWAV(bytes.NewReader(wavFile(tag, 1, 8000, 8, codes, -1)))
	if err != nil || len(got.Samples) != 256 {
		t.Fatalf("format %d: %d samples, %v", tag, len(got.Samples), err)
	}
	values := make([]int, 256)
	for i, s := range got.Samples {
		values[i] = int(s * 32768)
	}
	return values
}

// TestWAVCompanding compares with the decoder output values of G.711 (tables 1 and 2, columns 7 and
// 8), brought to 16 bits, and looks at every code.
func TestWAVCompanding(t *testing.T) {
	const aLaw, muLaw = 6, 7
	for _, c := range []struct{ tag, code, want int }{
		{muLaw, 0x80, 32124},
		{muLaw, 0x00, -32124},
		{muLaw, 0x8f, 16764},
		{muLaw, 0x90, 15996},
		{muLaw, 0xfe, 8},
		{muLaw, 0x7e, -8},
		{muLaw, 0xff, 0},
		{muLaw, 0x7f, 0},
		{muLaw, 0xef, 132},
		{aLaw, 0xaa, 32256},
		{aLaw, 0x2a, -32256},
		{aLaw, 0xd5, 8},
		{aLaw, 0x55, -8},
		{aLaw, 0xc5, 264},
		{aLaw, 0xf5, 528},
	} {
		if got := companded(t, c.tag)[c.code]; got != c.want {
			t.Errorf("format %d: code %#x is %d, want %d", c.tag, c.code, got, c.want)
		}
	}
	for tag, inverted := range map[int]int{aLaw: 0x55, muLaw: 0xff} {
		values, last := companded(t, tag), -1
		for magnitude := range 128 {
			positive := magnitude ^ inverted ^ 0x80
			if tag == aLaw {
				positive = (magnitude | 0x80) ^ inverted
			}
			if tag == muLaw {
				positive = (magnitude ^ 0x7f) | 0x80
			}
			if values[positive] <= last || values[positive] != -values[positive^0x80] {
				t.Errorf("format %d: %d and %d after %d", tag, values[positive], values[positive^0x80], last)
			}
			last = values[positive]
		}
		if noise := compandedNoise(values); noise > -36 {
			t.Errorf("format %d: a tone comes back with noise at %.1f dB", tag, noise)
		}
	}
}

// compandedNoise encodes a tone with the nearest codes and returns what is lost, in dB.
func compandedNoise(values []int) float64 {
	var signal, noise float64
	for _, s := range sine(8000, 440, 8000) {
		want, best := float64(s)*32768, math.Inf(1)
		for _, v := range values {
			best = min(best, math.Abs(float64(v)-want))
		}
		signal, noise = signal+want*want, noise+best*best
	}
	return 10 * math.Log10(noise/signal)
}

func TestWAVExtensible(t *testing.T) {
	le := binary.LittleEndian
	for name, c := range map[string]struct {
		tag, bits int
		data      []byte
	}{
		"8 bits":   {1, 8, []byte{192, 64}},
		"16 bits":  {1, 16, []byte{0, 0x40, 0, 0xc0}},
		"24 bits":  {1, 24, []byte{0, 0, 0x40, 0, 0, 0xc0}},
		"32 bits":  {1, 32, []byte{0, 0, 0, 0x40, 0, 0, 0, 0xc0}},
		"32 float": {3, 32, le.AppendUint32(le.AppendUint32(nil, math.Float32bits(0.5)), math.Float32bits(-0.5))},
		"64 float": {3, 64, le.AppendUint64(le.AppendUint64(nil, math.Float64bits(0.5)), math.Float64bits(-0.5))},
	} {
		for _, guid := range []string{guidPCM, guidAmbisonic} {
			got, err := media.ReadWAV(bytes.NewReader(extensible(c.tag, 1, 44100, c.bits, guid, c.data)))
			if err != nil || got.Rate != 44100 || !equalPCM(got.Samples, []float32{0.5, -0.5}) {
				t.Errorf("%s: %v, %v", name, got.Samples, err)
			}
		}
	}
	for tag, code := range map[int]byte{6: 0xd5, 7: 0xfe} {
		got, err := media.ReadWAV(bytes.NewReader(extensible(tag, 2, 8000, 8, guidPCM, []byte{code, code})))
		if err != nil || got.Channels != 2 || !equalPCM(got.Samples, []float32{8.0 / 32768}) {
			t.Errorf("format %d: %v, %v", tag, got.Samples, err)
		}
	}
	for size, good := range map[int]bool{16: true, 18: true, 17: true, 40: true, 4096: true, 4097: false} {
		body := append(fmtChunk(1, 1, 8000, 16)[8:], make([]byte, size-16)...)
		_, err := media.ReadWAV(bytes.NewReader(riff("RIFF", -1, chunk("fmt ", body), chunk("data", []byte{1, 2}))))
		if good && err != nil || !good && !errors.Is(err, media.ErrWAVFormat) {
			t.Errorf("a format of %d bytes: %v", size, err)
		}
	}
	strange := extensible(1, 1, 8000, 16, "\x01"+guidPCM[1:], []byte{1, 2})
	if _, err := media.ReadWAV(bytes.NewReader(strange)); !errors.Is(err, media.ErrWAVEncoding) {
		t.Errorf("an unknown identifier: %v", err)
	}
	short := riff("RIFF", -1, chunk("fmt ", fmtChunk(0xfffe, 1, 8000, 16)[8:]), chunk("data", []byte{1, 2}))
	if _, err := media.ReadWAV(bytes.NewReader(short)); !errors.Is(err, media.ErrWAVEncoding) {
		t.Errorf("without an identifier: %v", err)
	}
}
