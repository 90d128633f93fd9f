package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/media"
)

// riff builds a file out of chunks. A negative size means the true one.
func riff(signature string, size int64, chunks ...[]byte) []byte {
	body := bytes.Join(chunks, nil)
	if size < 0 {
		size = int64(len(body)) + 4
	}
	b := binary.LittleEndian.AppendUint32([]byte(signature), uint32(size))
	return append(append(b, "WAVE"...), body...)
}

// chunk builds a chunk with its true size, filled up to an even length.
func chunk(id string, body []byte) []byte {
	return sized(id, int64(len(body)), append(bytes.Clone(body), make([]byte, len(body)%2)...))
}

// sized builds a chunk that claims a size.
func sized(id string, size int64, body []byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte(id), uint32(size)), body...)
}

func fmtChunk(tag, channels, rate, bits int) []byte {
	return wavFile(tag, channels, rate, bits, nil, 0)[12:36]
}

// wide builds an RF64 or BW64 file of 16 bit samples.
func wide(signature string, bytes uint64, dataSize int64, data []byte) []byte {
	sizes := binary.LittleEndian.AppendUint64(nil, bytes+72)
	sizes = binary.LittleEndian.AppendUint64(sizes, bytes)
	sizes = append(sizes, make([]byte, 12)...)
	return riff(signature, math.MaxUint32, chunk("ds64", sizes), fmtChunk(1, 1, 8000, 16), sized("data", dataSize, data))
}

// TestWAVPlaceholderSizes reads what programs write that do not know the length: recordings to a
// pipe, and those that were interrupted.
func TestWAVPlaceholderSizes(t *testing.T) {
	data := []byte{0, 0x40, 0, 0xc0, 0, 0x20, 0} // three samples and half of one
	want := []float32{0.5, -0.5, 0.25}
	for _, size := range []int64{0, 2e9, 2e9 - 36, 2e9 - 44, 0x40000000, 0x7fff0000, 0x7fffffff, 0x80000000, 0xffffffd8, 0xffffffff} {
		for _, whole := range []int64{0, 36, 2e9, size + 36, 0xffffffff} {
			file := riff("RIFF", whole, fmtChunk(1, 1, 8000, 16), sized("data", size, data))
			got, err := media.ReadWAV(bytes.NewReader(file))
			if err != nil || !equalPCM(got.Samples, want) {
				t.Errorf("size %d in a file of %d: %v, %v", size, whole, got.Samples, err)
			}
			empty := file[:len(file)-6]
			if got, err := media.ReadWAV(bytes.NewReader(empty)); !errors.Is(err, media.ErrWAVEmpty) {
				t.Errorf("size %d in a file of %d without samples: %v, %v", size, whole, got.Samples, err)
			}
		}
	}
}

func TestWAVInterruptedRecordingIsRead(t *testing.T) {
	file := &memoryFile{}
	w, err := media.NewWAVWriter(file, 16000)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := media.ReadWAV(bytes.NewReader(file.b)); !errors.Is(err, media.ErrWAVEmpty) {
		t.Errorf("before the first sample: %v", err)
	}
	want := []float32{0.5, -0.25, 0}
	if err := w.Write(want); err != nil {
		t.Fatal(err)
	}
	if got, err := media.ReadWAV(bytes.NewReader(file.b)); err != nil || !equalPCM(got.Samples, want) {
		t.Errorf("never closed: %v, %v", got.Samples, err)
	}
}

// TestWAVEmptyDataBetweenChunks has data chunks that are empty in earnest: other chunks follow.
func TestWAVEmptyDataBetweenChunks(t *testing.T) {
	format, empty := fmtChunk(1, 1, 8000, 16), chunk("data", nil)
	tail := chunk("LIST", []byte("INFOodd"))
	if got, err := media.ReadWAV(bytes.NewReader(riff("RIFF", -1, format, empty, tail))); !errors.Is(err, media.ErrWAVEmpty) {
		t.Errorf("a list behind no samples: %v, %v", got.Samples, err)
	}
	file := riff("RIFF", -1, format, empty, tail, chunk("data", []byte{0, 0x40}))
	if got, err := media.ReadWAV(bytes.NewReader(file)); err != nil || !equalPCM(got.Samples, []float32{0.5}) {
		t.Errorf("samples in the second data chunk: %v, %v", got.Samples, err)
	}
	if _, err := media.ReadWAV(bytes.NewReader(riff("RIFF", -1, format, chunk("data", []byte{7})))); !errors.Is(err, media.ErrWAVEmpty) {
		t.Errorf("half a sample: %v", err)
	}
	cut := riff("RIFF", -1, format, empty, tail)
	if _, err := media.ReadWAV(bytes.NewReader(cut[:len(cut)-3])); !errors.Is(err, media.ErrWAVTruncated) {
		t.Errorf("a list cut off: %v", err)
	}
}

func TestWAVWideFiles(t *testing.T) {
	data := []byte{0, 0x40, 0, 0xc0, 1, 2}
	for _, signature := range []string{"RF64", "BW64"} {
		for name, c := range map[string]struct {
			file []byte
			want []float32
		}{
			"its own length":     {wide(signature, 4, math.MaxUint32, data), []float32{0.5, -0.5}},
			"length in the data": {wide(signature, 99, 2, data), []float32{0.5}},
			"length 0":           {wide(signature, 0, math.MaxUint32, data[:4]), []float32{0.5, -0.5}},
			"endless":            {wide(signature, math.MaxUint64, math.MaxUint32, data[:4]), []float32{0.5, -0.5}},
			"2^40 bytes":         {wide(signature, 1<<40, math.MaxUint32, data[:4]), []float32{0.5, -0.5}},
			"no ds64":            {riff(signature, math.MaxUint32, fmtChunk(1, 1, 8000, 16), sized("data", math.MaxUint32, data[:4])), []float32{0.5, -0.5}},
		} {
			got, err := media.ReadWAV(bytes.NewReader(c.file))
			if err != nil || got.Rate != 8000 || !equalPCM(got.Samples, c.want) {
				t.Errorf("%s, %s: %v, %v", signature, name, got.Samples, err)
			}
		}
	}
	list := append(wide("RF64", 0, math.MaxUint32, nil), chunk("LIST", []byte("INFOabcd"))...)
	binary.LittleEndian.PutUint64(list[20:], uint64(len(list)-8))
	if got, err := media.ReadWAV(bytes.NewReader(list)); !errors.Is(err, media.ErrWAVEmpty) {
		t.Errorf("a list behind no samples: %v, %v", got.Samples, err)
	}
	long := wide("RF64", 5_000_000, math.MaxUint32, data)
	if _, err := media.ReadWAVLimit(bytes.NewReader(long), 100); !errors.Is(err, media.ErrWAVTooLarge) {
		t.Errorf("more samples than the limit: %v", err)
	}
	if _, err := media.ReadWAV(bytes.NewReader(long)); !errors.Is(err, media.ErrWAVTruncated) {
		t.Errorf("fewer samples than announced: %v", err)
	}
	short := riff("RF64", math.MaxUint32, chunk("ds64", make([]byte, 22)), fmtChunk(1, 1, 8000, 16))
	if _, err := media.ReadWAV(bytes.NewReader(short)); !errors.Is(err, media.ErrWAVFormat) {
		t.Errorf("a short ds64 chunk: %v", err)
	}
	inRIFF := riff("RIFF", -1, chunk("ds64", make([]byte, 28)), fmtChunk(1, 1, 8000, 16), chunk("data", data[:2]))
	if got, err := media.ReadWAV(bytes.NewReader(inRIFF)); err != nil || !equalPCM(got.Samples, []float32{0.5}) {
		t.Errorf("a ds64 chunk in a RIFF file: %v, %v", got.Samples, err)
	}
}

// TestWAVAnyChunks puts chunks of any length before the samples, filled up or not, and finds the
// samples.
func TestWAVAnyChunks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var chunks [][]byte
		add := func(before string) {
			for range rapid.IntRange(0, 4).Draw(t, before) {
				id := rapid.SampledFrom([]string{"LIST", "fact", "bext", "id3 ", "PEAK", "_PMX"}).Draw(t, "id")
				c := chunk(id, rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "body"))
				if c[4]%2 == 1 && rapid.Bool().Draw(t, "not filled up") {
					c = c[:len(c)-1]
				}
				chunks = append(chunks, c)
			}
		}
		add("before the format")
		chunks = append(chunks, fmtChunk(1, 1, 8000, 16))
		add("before the samples")
		chunks = append(chunks, chunk("data", []byte{0, 0x40, 0, 0xc0}))
		add("after the samples")
		file := riff("RIFF", rapid.SampledFrom([]int64{-1, 0, 0xffffffff}).Draw(t, "size"), chunks...)
		got, err := media.ReadWAV(bytes.NewReader(file))
		if err != nil || !equalPCM(got.Samples, []float32{0.5, -0.5}) {
			t.Fatalf("%q: %v, %v", file, got.Samples, err)
		}
	})
}

func TestWAVErrorsSayWhat(t *testing.T) {
	_, err := media.ReadWAV(bytes.NewReader(wavFile(0x11, 1, 8000, 4, []byte{1}, -1)))
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint(0x11)) || !strings.Contains(err.Error(), "µ-law") {
		t.Errorf("the format and what is read instead belong into %v", err)
	}
}

func equalPCM(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// memoryFile is a file that fails once it has taken room bytes, if room is set.
type memoryFile struct {
	b    []byte
	at   int
	room int
	seek error
}

var errFull = errors.New("disk full")

func (f *memoryFile) Write(p []byte) (int, error) {
	if f.room > 0 && f.at+len(p) > f.room {
		return 0, errFull
	}
	f.b = append(f.b[:f.at], append(bytes.Clone(p), f.b[min(f.at+len(p), len(f.b)):]...)...)
	f.at += len(p)
	return len(p), nil
}

func (f *memoryFile) Seek(offset int64, whence int) (int64, error) {
	if f.seek != nil {
		return 0, f.seek
	}
	f.at = int(offset)
	if whence == io.SeekEnd {
		f.at += len(f.b)
	}
	return int64(f.at), nil
}

// TestWAVReadersErrorIsKept where it comes once, in the middle of a chunk that nobody reads.
func TestWAVReadersErrorIsKept(t *testing.T) {
	broken := errors.New("cable pulled")
	begin := "RIFF\x00\x01\x00\x00WAVELIST\x40\x00\x00\x00half of it"
	r := io.MultiReader(strings.NewReader(begin), &once{broken})
	if _, err := media.ReadWAV(r); !errors.Is(err, broken) || errors.Is(err, media.ErrWAVTruncated) {
		t.Errorf("got %v", err)
	}
}

// once fails once and then has nothing.
type once struct{ err error }

func (o *once) Read([]byte) (int, error) {
	if err := o.err; err != nil {
		o.err = nil
		return 0, err
	}
	return 0, io.EOF
}
