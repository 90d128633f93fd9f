package ortapi

/*
#include <stdlib.h>
#include "wrapper.h"
*/
import "C"

import (
	"runtime"
	"unsafe"
)

// Memory is the memory of one device as one session allocates it; Release gives it back after
// everything in it.
type Memory struct {
	api       *API
	info      unsafe.Pointer
	allocator unsafe.Pointer
}

// NewMemory takes the memory of a device for a session. Names are ONNX Runtime's: "Cpu", "Cuda".
func (a *API) NewMemory(session Handle, name string, device int) (*Memory, error) {
	m := &Memory{api: a}
	var err error
	if m.info, err = a.memory(name, device); err != nil {
		return nil, err
	}
	if err := a.check(C.ortapi_allocator(a.table, unsafe.Pointer(session), m.info, &m.allocator)); err != nil {
		m.Release()
		return nil, err
	}
	return m, nil
}

// Release gives the memory back.
func (m *Memory) Release() {
	if m.allocator != nil {
		C.ortapi_release(m.api.table, C.at_ReleaseAllocator, m.allocator)
	}
	C.ortapi_release(m.api.table, C.at_ReleaseMemoryInfo, m.info)
}

// Alloc returns memory on the device.
func (m *Memory) Alloc(bytes int) (unsafe.Pointer, error) {
	var data unsafe.Pointer
	err := m.api.check(C.ortapi_alloc(m.api.table, m.allocator, C.size_t(bytes), &data))
	return data, err
}

// Free gives memory of Alloc back.
func (m *Memory) Free(data unsafe.Pointer) error {
	return m.api.check(C.ortapi_free(m.api.table, m.allocator, data))
}

// Value makes a tensor over memory of the device.
func (m *Memory) Value(data unsafe.Pointer, bytes int, dims []int64, kind int) (Handle, error) {
	return m.api.value(m.info, data, bytes, dims, kind)
}

// Value makes a tensor over memory of the processor. The value refers to data: the caller keeps it
// reachable and in place until the value is released. (Go does not move heap memory.)
func (a *API) Value(data unsafe.Pointer, bytes int, dims []int64, kind int) (Handle, error) {
	return a.value(a.host, data, bytes, dims, kind)
}

func (a *API) value(info, data unsafe.Pointer, bytes int, dims []int64, kind int) (Handle, error) {
	var first *C.int64_t
	if len(dims) > 0 {
		first = (*C.int64_t)(unsafe.Pointer(&dims[0]))
	}
	var value unsafe.Pointer
	// As a number, because data may lie inside a larger Go object that holds pointers, which the
	// runtime's check would refuse although the native side reads only these bytes.
	address := C.uintptr_t(uintptr(data))
	err := a.check(C.ortapi_value(a.table, info, address, C.size_t(bytes), first, C.size_t(len(dims)), C.int(kind), &value))
	runtime.KeepAlive(data)
	return Handle(value), err
}

// Release gives a value back.
func (a *API) Release(value Handle) {
	C.ortapi_release(a.table, C.at_ReleaseValue, unsafe.Pointer(value))
}

// Data is the address of a value's elements.
func (a *API) Data(value Handle) (unsafe.Pointer, error) {
	var data unsafe.Pointer
	err := a.check(C.ortapi_data(a.table, unsafe.Pointer(value), &data))
	return data, err
}

// Shape describes a value.
func (a *API) Shape(value Handle) (kind int, dims []int64, err error) {
	var k C.int
	var rank C.size_t
	var d [maxRank]C.int64_t
	if err := a.check(C.ortapi_shape(a.table, unsafe.Pointer(value), &k, &rank, &d[0], maxRank)); err != nil {
		return 0, nil, err
	}
	return int(k), shape(d, rank), nil
}

// Names is a list of tensor names in native memory.
type Names struct {
	list  *unsafe.Pointer
	count int
}

// NewNames copies names; Release frees them.
func NewNames(names []string) *Names {
	n := &Names{count: len(names)}
	n.list = (*unsafe.Pointer)(C.malloc(C.size_t(max(len(names), 1)) * C.size_t(unsafe.Sizeof(uintptr(0)))))
	slots := unsafe.Slice(n.list, len(names))
	for i, name := range names {
		slots[i] = unsafe.Pointer(C.CString(name))
	}
	return n
}

// Release frees the names.
func (n *Names) Release() {
	for _, name := range unsafe.Slice(n.list, n.count) {
		C.free(name)
	}
	C.free(unsafe.Pointer(n.list))
}

// RunOptions stop a run from another goroutine.
type RunOptions struct {
	api    *API
	handle unsafe.Pointer
}

// NewRunOptions makes options for one run.
func (a *API) NewRunOptions() (RunOptions, error) {
	o := RunOptions{api: a}
	err := a.check(C.ortapi_run_options(a.table, &o.handle))
	return o, err
}

// Terminate makes the run that uses the options fail before its next node.
func (o RunOptions) Terminate() error {
	return o.api.check(C.ortapi_terminate(o.api.table, o.handle))
}

// Release gives the options back; no run may use them any more.
func (o RunOptions) Release() { C.ortapi_release(o.api.table, C.at_ReleaseRunOptions, o.handle) }

// Run runs a session. Options may be the zero value. An output that is nil is made by the runtime
// and put into the list; the caller then owns it.
func (a *API) Run(session Handle, o RunOptions, inNames *Names, in []Handle, outNames *Names, out []Handle) error {
	return a.check(C.ortapi_run(a.table, unsafe.Pointer(session), o.handle,
		(**C.char)(unsafe.Pointer(inNames.list)), (*unsafe.Pointer)(unsafe.Pointer(unsafe.SliceData(in))), C.size_t(len(in)),
		(**C.char)(unsafe.Pointer(outNames.list)), C.size_t(len(out)), (*unsafe.Pointer)(unsafe.Pointer(unsafe.SliceData(out)))))
}
