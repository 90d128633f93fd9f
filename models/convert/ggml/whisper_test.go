package ggml_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
)

// fileTensor is a tensor to be written; dims are innermost first.
type fileTensor struct {
	name string
	kind uint32
	dims []int32
	data []byte
}

// whisperFile writes a file with one head of width 4 and the given tensors.
func whisperFile(tensors ...fileTensor) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0x67676d6c)
	word := func(values ...int32) {
		for _, v := range values {
			b = binary.LittleEndian.AppendUint32(b, uint32(v))
		}
	}
	word(10, 6, 4, 1, 1, 5, 4, 1, 1, 2, 1) // dimensions, see ggml.WhisperHeader
	word(2, 3, 0, 0, 0, 0, 0, 0)           // 2x3 mel filters of zeros
	word(2, 1)
	b = append(b, 'a')
	word(2)
	b = append(b, 'b', 'c')
	for _, t := range tensors {
		word(int32(len(t.dims)), int32(len(t.name)), int32(t.kind))
		word(t.dims...)
		b = append(append(b, t.name...), t.data...)
	}
	return b
}

func read(b []byte) (*ggml.Whisper, error) {
	return ggml.ReadWhisper(bytes.NewReader(b), int64(len(b)))
}

func twoTensors() []byte {
	floats := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, 0x3f800000), 0x40000000)
	return whisperFile(
		fileTensor{"first", 1, []int32{3, 2}, half16(half16(half16(half16(half16(half16(nil, 1), 2), 3), 4), 5), 6)},
		fileTensor{"second", 0, []int32{1, 2}, floats})
}

func TestReadWhisper(t *testing.T) {
	raw := twoTensors()
	w, err := read(raw)
	if err != nil {
		t.Fatal(err)
	}
	if w.Header.Vocab != 10 || w.Header.AudioContext != 6 || w.Header.TextContext != 5 || w.Header.Mels != 2 {
		t.Errorf("header %+v", w.Header)
	}
	if len(w.Filters) != 6 || w.FilterBins != 3 || len(w.Tokens) != 2 || string(w.Tokens[1]) != "bc" {
		t.Errorf("filters %v, tokens %q", w.Filters, w.Tokens)
	}
	if !slices.Equal(w.Names(), []string{"first", "second"}) {
		t.Errorf("names %v", w.Names())
	}
	first, err := w.Tensor("first", 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	row, err := first.Values(bytes.NewReader(raw), 1, 1)
	if err != nil || !slices.Equal(row, []float32{4, 5, 6}) {
		t.Errorf("second row %v, %v", row, err)
	}
	second, err := w.Tensor("second", 2) // stored as [2, 1]: axes of length one do not count
	if err != nil {
		t.Fatal(err)
	}
	if all, err := second.Values(bytes.NewReader(raw), 0, second.Rows()); err != nil || !slices.Equal(all, []float32{1, 2}) {
		t.Errorf("second tensor %v, %v", all, err)
	}
}

func TestReadWhisperErrors(t *testing.T) {
	good := twoTensors()
	change := func(at int, v byte) []byte {
		b := slices.Clone(good)
		b[at] = v
		return b
	}
	tensor := func(kind uint32, dims ...int32) []byte {
		return whisperFile(fileTensor{"t", kind, dims, make([]byte, 64)})
	}
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"empty":                    {nil, ggml.ErrTruncated},
		"another file":             {[]byte("GGUFxxxxxxxxxxxxxxxxxxxxxxxxx"), ggml.ErrMagic},
		"header cut":               {good[:20], ggml.ErrTruncated},
		"vocabulary cut":           {good[:90], ggml.ErrTruncated},
		"weights cut":              {good[:len(good)-1], ggml.ErrTruncated},
		"no vocabulary":            {change(4, 0), ggml.ErrHeader},
		"heads do not divide":      {change(16, 3), ggml.ErrHeader},
		"text heads do not divide": {change(32, 3), ggml.ErrHeader},
		"widths of the two differ": {change(28, 8), ggml.ErrHeader},
		"no audio heads":           {change(16, 0), ggml.ErrHeader},
		"negative file type":       {change(47, 0x80), ggml.ErrHeader},
		"mels differ":              {change(40, 1), ggml.ErrHeader},
		"unknown type":             {tensor(99, 4), ggml.ErrType},
		"zero dimension":           {tensor(0, 4, 0), ggml.ErrShape},
		"negative dimension":       {tensor(0, -4), ggml.ErrShape},
		"half a block":             {tensor(8, 31), ggml.ErrShape},
		"five dimensions":          {tensor(0, 1, 1, 1, 1, 1), ggml.ErrHeader},
		"enormous tensor":          {tensor(0, 1<<30, 1<<30, 1<<30), ggml.ErrShape},
		"larger than file":         {tensor(0, 1<<20), ggml.ErrTruncated},
		"name twice": {
			whisperFile(fileTensor{"t", 0, []int32{1}, make([]byte, 4)}, fileTensor{"t", 0, []int32{1}, make([]byte, 4)}),
			ggml.ErrDuplicate,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(c.file)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			var format *ggml.FormatError
			if !errors.As(err, &format) || format.Field == "" {
				t.Errorf("%v names no field", err)
			}
		})
	}
}

func TestTensorLookup(t *testing.T) {
	w, err := read(twoTensors())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Tensor("third", 1); !errors.Is(err, ggml.ErrMissing) {
		t.Errorf("missing: %v", err)
	}
	if _, err := w.Tensor("first", 3, 2); !errors.Is(err, ggml.ErrShape) {
		t.Errorf("dimensions the other way round: %v", err)
	}
	first, err := w.Tensor("first", 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.Values(bytes.NewReader(nil), 0, 2); !errors.Is(err, ggml.ErrTruncated) {
		t.Errorf("reader without bytes: %v", err)
	}
	if _, err := first.Values(bytes.NewReader(nil), 1, 2); !errors.Is(err, ggml.ErrShape) {
		t.Errorf("rows out of range: %v", err)
	}
}

func FuzzReadWhisper(f *testing.F) {
	good := twoTensors()
	f.Add(good)
	f.Add(good[:100])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := read(b)
		if err != nil {
			var format *ggml.FormatError
			if !errors.As(err, &format) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		for _, name := range w.Names() {
			tensor, err := w.Tensor(name)
			if err != nil && !errors.Is(err, ggml.ErrShape) {
				t.Fatal(err)
			}
			if values, err := tensor.Values(bytes.NewReader(b), 0, tensor.Rows()); err != nil || int64(len(values)) != tensor.Rows()*tensor.Columns() {
				t.Fatalf("tensor %q: %d values, %v", name, len(values), err)
			}
		}
	})
}
