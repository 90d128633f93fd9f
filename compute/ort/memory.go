package ort

import (
	"fmt"
	"slices"
	"sync"
	"unsafe"

	"github.com/sensory-agent/sensory-agent/internal/native/ortapi"
)

// Memory is room for tensors where a session's kernels run: on its device, or in main memory for
// the processor. Tensors over it go in and out of that session's runs without a copy. It is not
// cleared. It must be closed after the last tensor over it.
type Memory struct {
	kind  ElementType
	count int
	host  bool

	api    *ortapi.API
	room   *ortapi.Memory
	data   unsafe.Pointer
	closed sync.Once
}

// Allocate returns memory for count elements. It returns a [*ModelError] of kind [ErrOutOfMemory]
// or [ErrRun], or [ErrClosed].
func (s *Session) Allocate(kind ElementType, count int) (*Memory, error) {
	if count < 0 || int64(count) > maxElements {
		return nil, &TensorError{Kind: ErrShape, Want: "a size that fits memory", Got: fmt.Sprint(count)}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, ErrClosed
	}
	api, err := process.retain()
	if err != nil {
		return nil, err
	}
	m := &Memory{kind: kind, count: count, host: s.opt.Provider == CPU, api: api}
	device, number := "Cpu", 0
	if !m.host {
		device, number = "Cuda", s.opt.DeviceID
	}
	if m.room, err = api.NewMemory(s.native, device, number); err != nil {
		return nil, joinClose(runError(s.name, err), process.release())
	}
	if m.data, err = m.room.Alloc(max(m.Bytes(), 1)); err != nil {
		m.room.Release()
		return nil, joinClose(runError(s.name, err), process.release())
	}
	return m, nil
}

// Bytes is the size of the memory.
func (m *Memory) Bytes() int { return m.count * m.kind.Size() }

// Len is the number of elements.
func (m *Memory) Len() int { return m.count }

// Type is the element type.
func (m *Memory) Type() ElementType { return m.kind }

// Tensor is a view of the elements from an offset on. Its data is readable where the memory is the
// processor's. It returns a [*TensorError] of kind [ErrShape] where the shape does not fit, or
// [ErrClosed].
func (m *Memory) Tensor(offset int, shape ...int64) (Tensor, error) {
	count, err := elementCount(shape)
	if err != nil {
		return nil, err
	}
	if offset < 0 || offset > m.count || count > m.count-offset {
		return nil, &TensorError{Kind: ErrShape, Want: fmt.Sprintf("at most %d elements from %d", m.count, offset), Got: fmt.Sprint(shape)}
	}
	if m.data == nil {
		return nil, ErrClosed
	}
	if _, err := process.retain(); err != nil {
		return nil, err
	}
	t := &tensor{kind: m.kind, count: count, api: m.api}
	t.shape = slices.Clone(shape)
	first := unsafe.Add(m.data, offset*m.kind.Size())
	t.value, err = m.room.Value(first, count*m.kind.Size(), t.shape, elements[m.kind].native)
	if err != nil {
		return nil, joinClose(&TensorError{Kind: ErrShape, Want: "a tensor of " + m.kind.String(), Got: err.Error()}, process.release())
	}
	if m.host {
		t.data = first
	}
	return t, nil
}

// Close gives the memory back; no tensor over it may be used any more.
func (m *Memory) Close() error {
	var err error
	m.closed.Do(func() {
		err = m.room.Free(m.data)
		m.data = nil
		m.room.Release()
		err = joinClose(err, process.release())
	})
	return err
}
