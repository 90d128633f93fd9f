package ort

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
)

// Edit changes a model as it is loaded; its file stays as it is. The format is a serialised
// message, so what stands behind the end of the file is merged into the model: repeated fields, the
// nodes of a graph for one, go on there.
type Edit struct {
	// Over is written over the bytes at offset At.
	At   int64
	Over []byte
	// Tail follows the file.
	Tail []byte
}

// check refuses an edit outside of a file of some size.
func (e *Edit) check(model string, size int64) error {
	if e.At < 0 || e.At > size-int64(len(e.Over)) {
		return &ModelError{Kind: ErrEdit, Model: model, Detail: fmt.Sprintf("%d bytes at %d of %d", len(e.Over), e.At, size)}
	}
	return nil
}

// open returns the edited bytes of a source; release is called when they are not needed any more.
func (e *Edit) open(src Source) (data []byte, release func() error, err error) {
	if src.Path != "" {
		return e.edited(src.label(), src.Path)
	}
	if err := e.check(src.label(), int64(len(src.Bytes))); err != nil {
		return nil, nil, err
	}
	data = slices.Concat(src.Bytes, e.Tail)
	copy(data[e.At:], e.Over)
	return data, func() error { return nil }, nil
}

// digest identifies the edit.
func (e *Edit) digest() [sha256.Size]byte {
	h := sha256.New()
	_ = binary.Write(h, binary.LittleEndian, []int64{e.At, int64(len(e.Over))})
	h.Write(e.Over)
	h.Write(e.Tail)
	return [sha256.Size]byte(h.Sum(nil))
}
