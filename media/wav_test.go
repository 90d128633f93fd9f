package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/sensory-agent/sensory-agent/media"
)

// wavFile builds a WAV file with one fmt and one data chunk. A negative size means the true one.
func wavFile(tag, channels, rate, bits int, data []byte, size int64) []byte {
	if size < 0 {
		size = int64(len(data))
	}
	le := binary.LittleEndian
	b := append([]byte("RIFF"), 0, 0, 0, 0)
	b = append(b, "WAVEfmt \x10\x00\x00\x00"...)
	b = le.AppendUint16(b, uint16(tag))
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*channels*bits/8))
	b = le.AppendUint16(b, uint16(channels*bits/8))
	b = le.AppendUint16(b, uint16(bits))
	b = append(b, "data"...)
	b = le.AppendUint32(b, uint32(size))
	return append(b, data...)
}

func TestWAVEncodings(t *testing.T) {
	le := binary.LittleEndian
	f32, f64 := math.Float32bits, math.Float64bits
	for name, c := range map[string]struct {
		tag, bits int
		data      []byte
	}{
		"8 bits":   {1, 8, []byte{192, 64}},
		"16 bits":  {1, 16, le.AppendUint16(le.AppendUint16(nil, 0x4000), 0xc000)},
		"24 bits":  {1, 24, []byte{0, 0, 0x40, 0, 0, 0xc0}},
		"32 bits":  {1, 32, le.AppendUint32(le.AppendUint32(nil, 0x40000000), 0xc0000000)},
		"32 float": {3, 32, le.AppendUint32(le.AppendUint32(nil, f32(0.5)), f32(-0.5))},
		"64 float": {3, 64, le.AppendUint64(le.AppendUint64(nil, f64(0.5)), f64(-0.5))},
	} {
		mono, err := media.ReadWAV(bytes.NewReader(wavFile(c.tag, 1, 16000, c.bits, c.data, -1)))
		if err != nil || mono.Rate != 16000 || mono.Channels != 1 || len(mono.Samples) != 2 ||
			mono.Samples[0] != 0.5 || mono.Samples[1] != -0.5 {
			t.Errorf("%s: %+v, %v", name, mono, err)
		}
		stereo, err := media.ReadWAV(bytes.NewReader(wavFile(c.tag, 2, 44100, c.bits, c.data, -1)))
		if err != nil || stereo.Channels != 2 || len(stereo.Samples) != 1 || stereo.Samples[0] != 0 {
			t.Errorf("%s in stereo: %+v, %v", name, stereo, err)
		}
	}
}

func TestWAVFloatsAreTamed(t *testing.T) {
	le := binary.LittleEndian
	var data []byte
	for _, v := range []float32{7, -7, float32(math.NaN()), float32(math.Inf(-1))} {
		data = le.AppendUint32(data, math.Float32bits(v))
	}
	got, err := media.ReadWAV(bytes.NewReader(wavFile(3, 1, 16000, 32, data, -1)))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float32{1, -1, 0, -1} {
		if got.Samples[i] != want {
			t.Errorf("sample %d is %v, want %v", i, got.Samples[i], want)
		}
	}
}

func TestWAVRoundTrip(t *testing.T) {
	want := sine(4801, 440, 48000)
	var buf bytes.Buffer
	if err := media.WriteWAV(&buf, 48000, want); err != nil {
		t.Fatal(err)
	}
	got, err := media.ReadWAV(iotest.OneByteReader(&buf))
	if err != nil || got.Rate != 48000 || len(got.Samples) != len(want) {
		t.Fatalf("%d Hz, %d samples, %v", got.Rate, len(got.Samples), err)
	}
	for i := range want {
		if d := got.Samples[i] - want[i]; d > 1.0/32768 || d < -1.0/32768 {
			t.Fatalf("sample %d is %v, want %v", i, got.Samples[i], want[i])
		}
	}
}

func TestWAVFromAPipe(t *testing.T) {
	data := []byte{0, 0x40, 0, 0xc0, 0} // two samples and half of one
	for _, size := range []int64{0x7fff0000, 0x7ffff000, 0xffffffff} {
		got, err := media.ReadWAV(bytes.NewReader(wavFile(1, 1, 22050, 16, data, size)))
		if err != nil || len(got.Samples) != 2 || got.Samples[1] != -0.5 {
			t.Errorf("size %#x: %v, %v", size, got.Samples, err)
		}
	}
}

func TestWAVSkipsOtherChunks(t *testing.T) {
	file := wavFile(1, 1, 16000, 16, []byte{0, 0x40}, -1)
	odd := append([]byte("LIST\x03\x00\x00\x00abc\x00"), file[12:]...)
	got, err := media.ReadWAV(bytes.NewReader(append(file[:12:12], odd...)))
	if err != nil || len(got.Samples) != 1 || got.Samples[0] != 0.5 {
		t.Errorf("%v, %v", got.Samples, err)
	}
}

func TestWAVRefuses(t *testing.T) {
	good := wavFile(1, 1, 16000, 16, make([]byte, 20), -1)
	change := func(at int, v byte) []byte {
		b := bytes.Clone(good)
		b[at] = v
		return b
	}
	broken := errors.New("broken disk")
	for name, c := range map[string]struct {
		r    io.Reader
		want error
	}{
		"nothing":           {bytes.NewReader(nil), media.ErrWAVTruncated},
		"half a header":     {bytes.NewReader(good[:30]), media.ErrWAVTruncated},
		"half the samples":  {bytes.NewReader(good[:50]), media.ErrWAVTruncated},
		"no data chunk":     {bytes.NewReader(good[:36]), media.ErrWAVTruncated},
		"an mp3":            {bytes.NewReader([]byte("ID3\x04 not a wav file at all")), media.ErrWAVFormat},
		"data before fmt":   {bytes.NewReader(append(good[:12:12], good[36:]...)), media.ErrWAVFormat},
		"no channels":       {bytes.NewReader(change(22, 0)), media.ErrWAVFormat},
		"wrong block size":  {bytes.NewReader(change(32, 3)), media.ErrWAVFormat},
		"a short fmt chunk": {bytes.NewReader(change(16, 8)), media.ErrWAVFormat},
		"adpcm":             {bytes.NewReader(change(20, 2)), media.ErrWAVEncoding},
		"µ-law in 16 bits":  {bytes.NewReader(change(20, 7)), media.ErrWAVEncoding},
		"big-endian":        {bytes.NewReader(change(3, 'X')), media.ErrWAVEncoding},
		"not a wave":        {bytes.NewReader(change(8, 'A')), media.ErrWAVFormat},
		"999 Hz":            {bytes.NewReader(wavFile(1, 1, 999, 16, make([]byte, 20), -1)), media.ErrWAVFormat},
		"768001 Hz":         {bytes.NewReader(wavFile(1, 1, 768001, 16, make([]byte, 20), -1)), media.ErrWAVFormat},
		"65 channels":       {bytes.NewReader(wavFile(1, 65, 16000, 16, make([]byte, 130), -1)), media.ErrWAVFormat},
		"a huge fmt chunk":  {bytes.NewReader(change(17, 17)), media.ErrWAVFormat},
		"12 bits":           {bytes.NewReader(change(34, 12)), media.ErrWAVEncoding},
		"a broken disk":     {io.MultiReader(bytes.NewReader(good[:50]), iotest.ErrReader(broken)), broken},
	} {
		if _, err := media.ReadWAV(c.r); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	long := bytes.NewReader(wavFile(1, 1, 16000, 16, make([]byte, 202), -1))
	if _, err := media.ReadWAVLimit(long, 100); !errors.Is(err, media.ErrWAVTooLarge) || long.Len() != 0 {
		t.Errorf("one sample too much: %v", err)
	}
	long.Reset(wavFile(1, 1, 16000, 16, make([]byte, 200), -1))
	if got, err := media.ReadWAVLimit(long, 100); err != nil || len(got.Samples) != 100 {
		t.Errorf("as many samples as may be: %d, %v", len(got.Samples), err)
	}
	endless := wavFile(1, 1, 16000, 16, make([]byte, 5000), 0xffffffff)
	if _, err := media.ReadWAVLimit(bytes.NewReader(endless), 100); !errors.Is(err, media.ErrWAVTooLarge) {
		t.Errorf("a pipe that does not end: %v", err)
	}
	for _, rate := range []int{0, 768001} {
		if err := media.WriteWAV(io.Discard, rate, nil); !errors.Is(err, media.ErrSampleRate) {
			t.Errorf("%d Hz: %v", rate, err)
		}
		if _, err := media.NewWAVWriter(nil, rate); !errors.Is(err, media.ErrSampleRate) {
			t.Errorf("writer at %d Hz: %v", rate, err)
		}
	}
}

func TestWAVWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.wav")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := media.NewWAVWriter(file, 48000)
	if err != nil {
		t.Fatal(err)
	}
	want := sine(4800, 440, 48000)
	for i := 0; i < len(want); i += 960 {
		if err := w.Write(want[i : i+960]); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Write(want); !errors.Is(err, media.ErrWAVClosed) || w.Samples() != 4800 {
		t.Errorf("write after close: %v, %d samples", err, w.Samples())
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	streamed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	if err := media.WriteWAV(&whole, 48000, want); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(streamed, whole.Bytes()) {
		t.Error("a file written in pieces differs from one written at once")
	}
}

func FuzzReadWAV(f *testing.F) {
	f.Add(wavFile(1, 1, 16000, 16, []byte{1, 2, 3, 4}, -1))
	f.Add(wavFile(1, 2, 44100, 24, make([]byte, 60), 0xffffffff))
	f.Add(wavFile(3, 1, 48000, 32, []byte{0, 0, 0xc0, 0x7f}, -1))
	f.Add(wavFile(0xfffe, 1, 48000, 16, nil, 1<<30))
	f.Add(wavFile(7, 1, 8000, 8, []byte{0, 127, 255}, 0))
	f.Add(extensible(6, 1, 8000, 8, guidPCM, []byte{0, 127, 255}))
	f.Add(wide("RF64", 4, math.MaxUint32, []byte{1, 2, 3, 4}))
	f.Add(riff("RIFF", 1<<20, fmtChunk(1, 1, 8000, 16), chunk("LIST", []byte("odd")), chunk("data", nil), chunk("data", []byte{1, 2})))
	f.Fuzz(func(t *testing.T, b []byte) {
		const limit = 1000
		got, err := media.ReadWAVLimit(bytes.NewReader(b), limit)
		if err != nil {
			for _, known := range []error{
				media.ErrWAVFormat, media.ErrWAVEncoding, media.ErrWAVTruncated, media.ErrWAVTooLarge, media.ErrWAVEmpty,
			} {
				if errors.Is(err, known) {
					return
				}
			}
			t.Fatalf("undocumented error: %v", err)
		}
		if len(got.Samples) > limit || len(got.Samples) == 0 || got.Rate < 1 || got.Channels < 1 {
			t.Fatalf("%d samples of %d channels at %d Hz", len(got.Samples), got.Channels, got.Rate)
		}
		if peak := media.Peak(got.Samples); !(peak <= 1) {
			t.Fatalf("a sample of %v", peak)
		}
	})
}
