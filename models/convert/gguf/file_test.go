package gguf_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
	"github.com/sensory-agent/sensory-agent/models/convert/gguf"
)

// writer builds a file field by field.
type writer struct{ bytes.Buffer }

func (w *writer) u32(v uint32) *writer {
	w.Write(binary.LittleEndian.AppendUint32(nil, v))
	return w
}

func (w *writer) u64(v uint64) *writer {
	w.Write(binary.LittleEndian.AppendUint64(nil, v))
	return w
}

func (w *writer) text(s string) *writer {
	w.u64(uint64(len(s))).WriteString(s)
	return w
}

func (w *writer) header(version uint32, tensors, pairs uint64) *writer {
	return w.u32(0x46554747).u32(version).u64(tensors).u64(pairs)
}

func (w *writer) tensor(name string, kind uint32, offset uint64, dims ...uint64) *writer {
	w.text(name).u32(uint32(len(dims)))
	for _, d := range dims {
		w.u64(d)
	}
	return w.u32(kind).u64(offset)
}

// data pads to the alignment and adds n zeros with a marker at the start of each 32 bytes.
func (w *writer) data(alignment, n int) []byte {
	for w.Len()%alignment != 0 {
		w.WriteByte(0xee)
	}
	for i := range n {
		w.WriteByte(byte(i / 32 * (1 - min(1, i%32))))
	}
	return w.Bytes()
}

func read(b []byte) (*gguf.File, error) { return gguf.Read(bytes.NewReader(b), int64(len(b))) }

func sample() []byte {
	w := (&writer{}).header(3, 2, 9)
	w.text("text").u32(8).text("value")
	w.text("unsigned").u32(4).u32(7)
	w.text("signed").u32(5).u32(0xffff_fffe)
	w.text("float").u32(6).u32(math.Float32bits(0.25))
	w.text("flag").u32(7).WriteByte(1)
	w.text("texts").u32(9).u32(8).u64(2).text("a").text("")
	w.text("ints").u32(9).u32(5).u64(2).u32(3).u32(0xffff_ffff)
	w.text("long").u32(10).u64(1 << 40)
	w.text("general.alignment").u32(4).u32(64)
	w.tensor("first", 0, 0, 2, 3).tensor("second", 8, 64, 32)
	return w.data(64, 64+34)
}

func TestRead(t *testing.T) {
	raw := sample()
	f, err := read(raw)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := f.Text("text"); err != nil || v != "value" {
		t.Errorf("text %q, %v", v, err)
	}
	for key, want := range map[string]int64{"unsigned": 7, "signed": -2, "long": 1 << 40} {
		if v, err := f.Int(key); err != nil || v != want {
			t.Errorf("%s is %d, %v", key, v, err)
		}
	}
	if v, err := f.Float("float"); err != nil || v != 0.25 {
		t.Errorf("float %g, %v", v, err)
	}
	if v, err := f.Texts("texts"); err != nil || !slices.Equal(v, []string{"a", ""}) {
		t.Errorf("texts %q, %v", v, err)
	}
	if v, err := f.Ints("ints"); err != nil || !slices.Equal(v, []int64{3, -1}) {
		t.Errorf("ints %v, %v", v, err)
	}
	if _, err := f.Int("text"); !errors.Is(err, gguf.ErrKey) {
		t.Errorf("text as a number: %v", err)
	}
	if _, err := f.Text("none"); !errors.Is(err, gguf.ErrKey) {
		t.Errorf("missing key: %v", err)
	}
	second, err := f.Tensor("second", 32)
	if err != nil {
		t.Fatal(err)
	}
	if second.Offset%64 != 0 || raw[second.Offset] != 2 || second.Type != ggml.Q8_0 {
		t.Errorf("second tensor at %d: %+v", second.Offset, second)
	}
	if first, err := f.Tensor("first", 3, 2); err != nil || first.Rows() != 3 || first.Columns() != 2 {
		t.Errorf("first tensor %+v, %v", first, err)
	}
	if _, err := f.Tensor("third"); !errors.Is(err, ggml.ErrMissing) || f.Has("third") {
		t.Errorf("missing tensor: %v", err)
	}
}

// TestEveryKindOfValue reads numbers of every width and sign, alone and in lists, in both versions
// of the format.
func TestEveryKindOfValue(t *testing.T) {
	for _, version := range []uint32{2, 3} {
		w := (&writer{}).header(version, 0, 12)
		w.text("u8").u32(0).WriteByte(0xff)
		w.text("i8").u32(1).WriteByte(0xff)
		w.text("u16").u32(2).Write([]byte{0xfe, 0xff})
		w.text("i16").u32(3).Write([]byte{0xfe, 0xff})
		w.text("u32").u32(4).u32(0xffff_ffff)
		w.text("i32").u32(5).u32(0xffff_ffff)
		w.text("u64").u32(10).u64(math.MaxInt64)
		w.text("i64").u32(11).u64(math.MaxUint64)
		w.text("f64").u32(12).u64(math.Float64bits(0.1))
		w.text("i8s").u32(9).u32(1).u64(2).Write([]byte{1, 0x80})
		w.text("u16s").u32(9).u32(2).u64(2).Write([]byte{1, 0, 0, 0x80})
		w.text("none").u32(9).u32(8).u64(0)
		f, err := read(w.data(32, 32))
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]int64{
			"u8": 255, "i8": -1, "u16": 0xfffe, "i16": -2, "u32": math.MaxUint32, "i32": -1, "u64": math.MaxInt64, "i64": -1,
		} {
			if v, err := f.Int(key); err != nil || v != want {
				t.Errorf("%s is %d, %v, want %d", key, v, err, want)
			}
			if _, err := f.Float(key); !errors.Is(err, gguf.ErrKey) {
				t.Errorf("%s as a fraction: %v", key, err)
			}
		}
		if v, err := f.Float("f64"); err != nil || v != 0.1 {
			t.Errorf("f64 is %g, %v", v, err)
		}
		for key, want := range map[string][]int64{"i8s": {1, -128}, "u16s": {1, 0x8000}} {
			if v, err := f.Ints(key); err != nil || !slices.Equal(v, want) {
				t.Errorf("%s is %v, %v", key, v, err)
			}
		}
		if v, err := f.Texts("none"); err != nil || len(v) != 0 {
			t.Errorf("an empty list is %q, %v", v, err)
		}
	}
}

// TestWhereWeightsBegin: behind the index, at the next multiple of the file's alignment, which is
// 32 where it says nothing.
func TestWhereWeightsBegin(t *testing.T) {
	for _, c := range []struct {
		alignment uint32 // 0: not said
		want      int64
	}{{0, 32}, {1, 1}, {8, 8}, {32, 32}, {4096, 4096}} {
		w := &writer{}
		pairs := uint64(0)
		if c.alignment > 0 {
			pairs = 1
		}
		w.header(3, 1, pairs)
		if c.alignment > 0 {
			w.text("general.alignment").u32(4).u32(c.alignment)
		}
		w.tensor("t", 0, 0, 1, 1, 1, 1)
		index := int64(w.Len())
		f, err := read(w.data(int(c.want), 4))
		if err != nil {
			t.Errorf("alignment %d: %v", c.alignment, err)
			continue
		}
		got, err := f.Tensor("t", 1)
		if want := (index + c.want - 1) / c.want * c.want; err != nil || got.Offset != want {
			t.Errorf("alignment %d: the weights begin at %d, want %d (%v)", c.alignment, got.Offset, want, err)
		}
	}
}

func TestReadErrors(t *testing.T) {
	one := func(kind uint32, offset uint64, dims ...uint64) []byte {
		return (&writer{}).header(3, 1, 0).tensor("t", kind, offset, dims...).data(32, 128)
	}
	pair := func(f func(w *writer)) []byte {
		w := (&writer{}).header(3, 0, 1)
		f(w)
		return w.data(32, 32)
	}
	good := sample()
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"empty":                    {nil, ggml.ErrTruncated},
		"another file":             {[]byte("lmggxxxxxxxxxxxx"), ggml.ErrMagic},
		"version 4":                {(&writer{}).header(4, 0, 0).Bytes(), ggml.ErrHeader},
		"a billion pairs":          {(&writer{}).header(3, 0, 1<<30).Bytes(), ggml.ErrHeader},
		"list of unknown values":   {pair(func(w *writer) { w.text("k").u32(9).u32(77).u64(1).u64(0) }), ggml.ErrHeader},
		"version 1":                {(&writer{}).header(1, 0, 0).Bytes(), ggml.ErrHeader},
		"a billion tensors":        {(&writer{}).header(3, 1<<30, 0).Bytes(), ggml.ErrHeader},
		"metadata cut":             {good[:100], ggml.ErrTruncated},
		"weights cut":              {good[:len(good)-1], ggml.ErrTruncated},
		"endless text":             {pair(func(w *writer) { w.text("k").u32(8).u64(1 << 62) }), ggml.ErrTruncated},
		"endless list":             {pair(func(w *writer) { w.text("k").u32(9).u32(0).u64(1 << 62) }), ggml.ErrTruncated},
		"list of lists":            {pair(func(w *writer) { w.text("k").u32(9).u32(9).u64(1).u32(4).u64(0) }), ggml.ErrHeader},
		"unknown value":            {pair(func(w *writer) { w.text("k").u32(77).u64(0) }), ggml.ErrHeader},
		"number too large":         {pair(func(w *writer) { w.text("k").u32(10).u64(1 << 63) }), ggml.ErrHeader},
		"alignment zero":           {pair(func(w *writer) { w.text("general.alignment").u32(4).u32(0) }), ggml.ErrHeader},
		"alignment of a disk":      {pair(func(w *writer) { w.text("general.alignment").u32(4).u32(1 << 30) }), ggml.ErrHeader},
		"negative alignment":       {pair(func(w *writer) { w.text("general.alignment").u32(5).u32(0xffff_ffff) }), ggml.ErrHeader},
		"no dimensions":            {one(0, 0), ggml.ErrHeader},
		"five dimensions":          {one(0, 0, 1, 1, 1, 1, 1), ggml.ErrHeader},
		"unknown type":             {one(99, 0, 4), ggml.ErrType},
		"negative dimension":       {one(0, 0, 1<<63), ggml.ErrShape},
		"part of a block":          {one(3, 0, 33), ggml.ErrShape},
		"offset past the end":      {one(0, 1<<40, 4), ggml.ErrTruncated},
		"offset below zero":        {one(0, 1<<63, 4), ggml.ErrTruncated},
		"tensor past the end":      {one(0, 96, 9), ggml.ErrTruncated},
		"tensor name occurs twice": {(&writer{}).header(3, 2, 0).tensor("t", 0, 0, 1).tensor("t", 0, 0, 1).data(32, 32), ggml.ErrDuplicate},
		"key occurs twice": {func() []byte {
			w := (&writer{}).header(3, 0, 2)
			w.text("k").u32(4).u32(1)
			w.text("k").u32(4).u32(1)
			return w.Bytes()
		}(), ggml.ErrDuplicate},
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

func FuzzRead(f *testing.F) {
	good := sample()
	f.Add(good)
	f.Add(good[:60])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := read(b)
		if err != nil {
			var format *ggml.FormatError
			if !errors.As(err, &format) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		for _, name := range file.Names() {
			tensor, err := file.Tensor(name)
			if err != nil && !errors.Is(err, ggml.ErrShape) {
				t.Fatal(err)
			}
			if _, err := tensor.Values(bytes.NewReader(b), 0, tensor.Rows()); err != nil {
				t.Fatalf("tensor %q: %v", name, err)
			}
		}
	})
}
