package gguf

import (
	"errors"
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/models/convert/ggml"
)

// ErrKey reports a metadata key that is missing or holds another kind of value than asked for.
var ErrKey = errors.New("gguf: metadata key is missing or of another kind")

// Kinds of metadata values, in the numbers of the format.
const (
	kindUint8 = iota
	kindInt8
	kindUint16
	kindInt16
	kindUint32
	kindInt32
	kindFloat32
	kindBool
	kindString
	kindArray
	kindUint64
	kindInt64
	kindFloat64
)

// readPair reads one key and its value.
// Values are held as int64, float64, bool or string, and lists as slices of those.
func (f *File) readPair(s *ggml.Scanner) {
	key := text(s, "metadata key", maxKey)
	field := fmt.Sprintf("metadata %q", key)
	kind := s.Uint32(field)
	var value any
	if kind == kindArray {
		value = readArray(s, field)
	} else {
		value = readValue(s, field, kind)
	}
	if s.Err() != nil {
		return
	}
	if _, seen := f.values[key]; seen {
		s.Fail(field, ggml.ErrDuplicate)
		return
	}
	f.values[key] = value
}

func readValue(s *ggml.Scanner, field string, kind uint32) any {
	switch kind {
	case kindUint8, kindInt8, kindUint16, kindInt16, kindUint32, kindInt32, kindUint64, kindInt64:
		return readInt(s, field, kind)
	case kindFloat32:
		return float64(math.Float32frombits(s.Uint32(field)))
	case kindFloat64:
		return math.Float64frombits(s.Uint64(field))
	case kindBool:
		b := s.Bytes(field, 1)
		return len(b) == 1 && b[0] != 0
	case kindString:
		return text(s, field, math.MaxInt64)
	default:
		s.Fail(field, fmt.Errorf("%w: value kind %d", ggml.ErrHeader, kind))
		return nil
	}
}

// readInt reads an integer of any width. Unsigned 64 bit numbers above the signed range are
// refused.
func readInt(s *ggml.Scanner, field string, kind uint32) int64 {
	switch kind {
	case kindUint8, kindInt8:
		b := s.Bytes(field, 1)
		if len(b) == 0 {
			return 0
		}
		if kind == kindInt8 {
			return int64(int8(b[0]))
		}
		return int64(b[0])
	case kindUint16, kindInt16:
		b := s.Bytes(field, 2)
		if len(b) == 0 {
			return 0
		}
		v := uint16(b[0]) | uint16(b[1])<<8
		if kind == kindInt16 {
			return int64(int16(v))
		}
		return int64(v)
	case kindUint32:
		return int64(s.Uint32(field))
	case kindInt32:
		return int64(int32(s.Uint32(field)))
	}
	v := s.Uint64(field)
	if kind == kindUint64 && v > math.MaxInt64 {
		s.Fail(field, fmt.Errorf("%w: %d", ggml.ErrHeader, v))
		return 0
	}
	return int64(v)
}

// readArray reads a list of one kind; lists of lists are refused. The list grows as it is read, so
// that a false length takes no memory that the file does not back.
func readArray(s *ggml.Scanner, field string) any {
	kind := s.Uint32(field)
	length := count(s, field, math.MaxInt64)
	switch kind {
	case kindString:
		return list[string](s, field, kind, length)
	case kindFloat32, kindFloat64:
		return list[float64](s, field, kind, length)
	case kindBool:
		return list[bool](s, field, kind, length)
	default:
		return list[int64](s, field, kind, length)
	}
}

func list[T any](s *ggml.Scanner, field string, kind uint32, length uint64) []T {
	var out []T
	for i := uint64(0); i < length && s.Err() == nil; i++ {
		v, ok := readValue(s, field, kind).(T)
		if !ok {
			s.Fail(field, fmt.Errorf("%w: list of kind %d", ggml.ErrHeader, kind))
			return nil
		}
		out = append(out, v)
	}
	return out
}

// value returns the metadata of that key as a T, or an error wrapping ErrKey.
func value[T any](f *File, key string) (T, error) {
	v, ok := f.values[key].(T)
	if !ok {
		return v, fmt.Errorf("%q: %w", key, ErrKey)
	}
	return v, nil
}

// Int returns an integer of any width.
func (f *File) Int(key string) (int64, error) { return value[int64](f, key) }

// Float returns a float of either width.
func (f *File) Float(key string) (float64, error) { return value[float64](f, key) }

// Text returns a string.
func (f *File) Text(key string) (string, error) { return value[string](f, key) }

// Texts returns a list of strings; it must not be changed.
func (f *File) Texts(key string) ([]string, error) { return value[[]string](f, key) }

// Ints returns a list of integers; it must not be changed.
func (f *File) Ints(key string) ([]int64, error) { return value[[]int64](f, key) }
