package torch

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
)

// The pickles in front of a file of the older form: a number that says what it is, and a version.
const legacyVersion = 1001

// legacyMagic is 0x1950a86a20f9469cfc6c.
func legacyMagic() []byte { return []byte{0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19} }

// File is the index of one checkpoint.
type File struct {
	tensors map[string]Tensor
	order   []string
}

// Tensor is the place of one weight in a file.
type Tensor struct {
	ggml.Tensor
	strides []int64 // values from one to the next along each axis
}

// Values reads a weight into a new row-major slice owned by the caller, the last axis fastest, in
// whatever order it is stored.
func (t *Tensor) Values(r io.ReaderAt) ([]float32, error) {
	stored, err := t.Tensor.Values(r, 0, t.Rows())
	if err != nil {
		return nil, err
	}
	out := make([]float32, 0, len(stored))
	at := make([]int64, len(t.Dims)) // the index, and from its values the place
	for range stored {
		place := int64(0)
		for i, n := range at {
			place += n * t.strides[i]
		}
		out = append(out, stored[place])
		for i := len(at) - 1; i >= 0; i-- {
			if at[i]++; at[i] < t.Dims[i] {
				break
			}
			at[i] = 0
		}
	}
	return out, nil
}

// place is where the values of a storage lie in the file.
type place struct{ offset, size int64 }

// Read reads the index of a file of size bytes. Weights are not read. What holds no floating point
// numbers, as counters do, is left out.
func Read(r io.ReaderAt, size int64) (*File, error) {
	var start [4]byte
	if size >= 4 {
		if _, err := r.ReadAt(start[:], 0); err != nil {
			return nil, err
		}
	}
	if bytes.Equal(start[:], []byte("PK\x03\x04")) {
		return readArchive(r, size)
	}
	return readLegacy(r, size)
}

// readLegacy reads pickles, and behind them storages, each behind the count of its values.
func readLegacy(r io.ReaderAt, size int64) (*File, error) {
	s := ggml.NewScanner(r, size)
	if m, _ := unpickle(s).(long); !bytes.Equal(m, legacyMagic()) {
		return nil, &ggml.FormatError{Field: "magic", Err: ggml.ErrMagic}
	}
	if unpickle(s) != int64(legacyVersion) {
		s.Fail("version", ggml.ErrHeader)
	}
	if about, _ := unpickle(s).(*dict); about.has("little_endian", false) {
		s.Fail("little_endian", ErrUnsupported)
	}
	state := unpickle(s)
	keys, _ := unpickle(s).(*list)
	if s.Err() != nil || keys == nil {
		s.Fail("storages", ErrPickle)
		return nil, s.Err()
	}
	known := storages(state)
	places := map[string]place{}
	for _, k := range keys.items {
		key, _ := k.(string)
		st, ok := known[key]
		if _, twice := places[key]; !ok || twice {
			s.Fail("storages", fmt.Errorf("%w: %.80q", ErrPickle, key))
			break
		}
		field := fmt.Sprintf("storage %.80q", key)
		count := s.Uint64(field)
		e, _ := elements(st.class)
		if s.Err() == nil && count != uint64(st.count) {
			s.Fail(field, fmt.Errorf("%w: %d values, announced are %d", ggml.ErrHeader, count, st.count))
		}
		if s.Err() != nil || st.count > s.Left()/e.size {
			s.Fail(field, ggml.ErrTruncated)
			break
		}
		places[key] = place{s.Pos(), st.count * e.size}
		s.Skip(field, st.count*e.size)
	}
	if s.Err() != nil {
		return nil, s.Err()
	}
	return index(state, places)
}

// storages are those that a state dictionary refers to, by key.
func storages(state any) map[string]storage {
	out := map[string]storage{}
	if d, ok := state.(*dict); ok {
		for _, v := range d.values {
			if w, ok := v.(view); ok {
				out[w.of.key] = w.of
			}
		}
	}
	return out
}

// index makes tensors of the weights of a state dictionary.
func index(state any, places map[string]place) (*File, error) {
	d, ok := state.(*dict)
	if !ok {
		return nil, &ggml.FormatError{Field: "state", Err: fmt.Errorf("%w: no dictionary", ErrPickle)}
	}
	f := &File{tensors: map[string]Tensor{}}
	for i := range d.keys {
		name, a := d.keys[i].(string)
		v, b := d.values[i].(view)
		if !a || !b {
			return nil, &ggml.FormatError{Field: fmt.Sprintf("entry %d", i), Err: fmt.Errorf("%w: no weight", ErrPickle)}
		}
		e, _ := elements(v.of.class)
		err := v.of.fits(e, places)
		if err == nil && !e.weights {
			continue
		}
		var t Tensor
		if err == nil {
			t, err = v.tensor(name, e, places[v.of.key])
		}
		if _, seen := f.tensors[name]; seen && err == nil {
			err = ggml.ErrDuplicate
		}
		if err != nil {
			return nil, &ggml.FormatError{Field: fmt.Sprintf("tensor %.80q", name), Offset: places[v.of.key].offset, Err: err}
		}
		f.tensors[name] = t
		f.order = append(f.order, name)
	}
	return f, nil
}

// fits checks that a storage is in the file, and as long as the pickle says.
func (st *storage) fits(e element, places map[string]place) error {
	p, ok := places[st.key]
	switch {
	case !ok:
		return fmt.Errorf("storage %.80q: %w", st.key, ggml.ErrMissing)
	case p.size%e.size != 0 || p.size/e.size != st.count:
		return fmt.Errorf("storage %.80q: %w: %d bytes, announced are %d values of %d", st.key, ggml.ErrHeader, p.size, st.count, e.size)
	}
	return nil
}

// has tells whether a dictionary, or none, has such an entry.
func (d *dict) has(key, value any) bool {
	if d == nil {
		return false
	}
	for i := range d.keys {
		if d.keys[i] == key && d.values[i] == value {
			return true
		}
	}
	return false
}

// tensor is a weight with its place in the file, in the storage at p.
func (v *view) tensor(name string, e element, p place) (Tensor, error) {
	if !v.dense() {
		return Tensor{}, fmt.Errorf("%w: sizes %v with strides %v", ggml.ErrShape, v.dims, v.strides)
	}
	inner := slices.Clone(v.dims)
	slices.Reverse(inner)
	t, err := ggml.NewTensor(name, e.kind, inner)
	if err != nil {
		return Tensor{}, err
	}
	if v.offset > p.size/e.size || t.Size > p.size-v.offset*e.size {
		return Tensor{}, ggml.ErrTruncated
	}
	t.Offset = p.offset + v.offset*e.size
	return Tensor{t, v.strides}, nil
}

// Names returns the names of all weights in file order. The slice is the caller's.
func (f *File) Names() []string { return slices.Clone(f.order) }

// Tensor returns the weight of that name after checking its dimensions, outermost first; without
// dimensions they are not checked. Errors wrap ggml.ErrMissing or ggml.ErrShape.
func (f *File) Tensor(name string, dims ...int64) (Tensor, error) {
	t, ok := f.tensors[name]
	if !ok {
		return Tensor{}, fmt.Errorf("tensor %s: %w", name, ggml.ErrMissing)
	}
	if len(dims) == 0 {
		return t, nil
	}
	return t, t.Check(dims...)
}
