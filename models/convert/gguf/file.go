package gguf

import (
	"fmt"
	"io"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
)

// magic is the first word of the file, the letters "GGUF" in a little-endian integer.
const magic = 0x46554747

// Limits that no sound file comes near.
const (
	maxPairs     = 1 << 16
	maxTensors   = 1 << 16
	maxKey       = 1 << 16
	maxAlignment = 1 << 20
	// defaultAlignment in bytes holds where general.alignment is not given.
	defaultAlignment = 32
)

// File is the index of one GGUF file.
type File struct {
	values  map[string]any
	tensors map[string]ggml.Tensor
	order   []string
}

// Read reads the index of a file of size bytes. Weights are not read.
func Read(r io.ReaderAt, size int64) (*File, error) {
	s := ggml.NewScanner(r, size)
	if m := s.Uint32("magic"); s.Err() == nil && m != magic {
		return nil, &ggml.FormatError{Field: "magic", Err: ggml.ErrMagic}
	}
	if v := s.Uint32("version"); s.Err() == nil && v != 2 && v != 3 {
		s.Fail("version", fmt.Errorf("%w: %d", ggml.ErrHeader, v))
	}
	tensors := count(s, "tensor count", maxTensors)
	pairs := count(s, "metadata count", maxPairs)
	f := &File{values: map[string]any{}, tensors: map[string]ggml.Tensor{}}
	for i := uint64(0); i < pairs && s.Err() == nil; i++ {
		f.readPair(s)
	}
	var list []ggml.Tensor
	for i := uint64(0); i < tensors && s.Err() == nil; i++ {
		list = append(list, f.readTensor(s))
	}
	if s.Err() == nil {
		f.place(s, list)
	}
	return f, s.Err()
}

// count reads a 64 bit number of at most limit.
func count(s *ggml.Scanner, field string, limit uint64) uint64 {
	n := s.Uint64(field)
	if s.Err() == nil && n > limit {
		s.Fail(field, fmt.Errorf("%w: %d", ggml.ErrHeader, n))
		return 0
	}
	return n
}

// text reads a string; its length is bounded by what the file has left.
func text(s *ggml.Scanner, field string, limit uint64) string {
	return string(s.Bytes(field, int64(count(s, field, limit))))
}

// readTensor reads one entry of the tensor list; Offset still counts from the start of the data.
func (f *File) readTensor(s *ggml.Scanner) ggml.Tensor {
	name := text(s, "tensor name", maxKey)
	field := fmt.Sprintf("tensor %q", name)
	dims := s.Count(field, 1, 4)
	inner := make([]int64, dims)
	for i := range inner {
		inner[i] = int64(s.Uint64(field)) // a length beyond int64 comes out negative and is refused below
	}
	kind := ggml.Type(s.Uint32(field))
	offset := int64(s.Uint64(field))
	if s.Err() != nil {
		return ggml.Tensor{}
	}
	t, err := ggml.NewTensor(name, kind, inner)
	if err != nil {
		s.Fail(field, err)
		return t
	}
	t.Offset = offset
	return t
}

// place turns offsets into positions in the file and checks that every tensor lies inside of it.
func (f *File) place(s *ggml.Scanner, list []ggml.Tensor) {
	alignment := int64(defaultAlignment)
	if v, ok := f.values["general.alignment"].(int64); ok {
		alignment = v
	}
	if alignment <= 0 || alignment > maxAlignment {
		s.Fail("general.alignment", fmt.Errorf("%w: %d", ggml.ErrHeader, alignment))
		return
	}
	size := s.Pos() + s.Left()
	start := (s.Pos() + alignment - 1) / alignment * alignment
	for _, t := range list {
		field := fmt.Sprintf("tensor %q", t.Name)
		if _, seen := f.tensors[t.Name]; seen {
			s.Fail(field, ggml.ErrDuplicate)
			return
		}
		if t.Offset < 0 || t.Offset > size-start || t.Size > size-start-t.Offset {
			s.Fail(field, ggml.ErrTruncated)
			return
		}
		t.Offset += start
		f.tensors[t.Name] = t
		f.order = append(f.order, t.Name)
	}
}

// Names returns the names of all tensors in file order. The slice is the caller's.
func (f *File) Names() []string { return append([]string(nil), f.order...) }

// Has reports whether there is a tensor of that name.
func (f *File) Has(name string) bool {
	_, ok := f.tensors[name]
	return ok
}

// Tensor returns the tensor of that name after checking its dimensions, outermost first.
// Errors wrap ggml.ErrMissing or ggml.ErrShape.
func (f *File) Tensor(name string, dims ...int64) (ggml.Tensor, error) {
	t, ok := f.tensors[name]
	if !ok {
		return ggml.Tensor{}, fmt.Errorf("tensor %s: %w", name, ggml.ErrMissing)
	}
	return t, t.Check(dims...)
}
