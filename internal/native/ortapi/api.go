package ortapi

/*
#cgo CFLAGS: -O2 -Wall -Wextra -Wno-pedantic
#cgo LDFLAGS: -ldl
#include <stdlib.h>
#include "wrapper.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	ortgo "github.com/yalue/onnxruntime_go"
)

// Version is the version of the interface asked for: the same as the binding's, so that one library
// serves both or neither.
const Version = 24

// maxRank bounds the dimensions of a tensor.
const maxRank = 16

// Handle is a native object.
type Handle unsafe.Pointer

// Code is the runtime's kind of failure (OrtErrorCode).
type Code int

// The codes that callers tell apart.
const (
	CodeFail            Code = 1
	CodeInvalidArgument Code = 2
	CodeRuntime         Code = 6
	CodeNotImplemented  Code = 9
	CodeProvider        Code = 11
)

// Error is a failed call.
type Error struct {
	Code    Code
	Message string
}

// Error is the runtime's message.
func (e *Error) Error() string { return e.Message }

// ErrBinding means that the binding's session does not look as this package expects, because its
// version changed.
var ErrBinding = errors.New("unexpected layout of the onnxruntime_go session")

// API is the function table of a loaded library. It is safe for any number of goroutines until
// Close.
type API struct {
	table   C.ortapi_table
	library unsafe.Pointer
	host    unsafe.Pointer // memory information of the processor
}

// Preload loads a shared library for the life of the process, so that libraries loaded later find
// it by its name.
func Preload(path string) error {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	if reason := C.ortapi_preload(name); reason != nil {
		return errors.New(C.GoString(reason))
	}
	return nil
}

// Open takes the table of the library at path, which the binding has loaded.
func Open(path string) (*API, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	var reason *C.char
	a := &API{}
	a.table = C.ortapi_open(name, Version, &a.library, &reason)
	if a.table == nil {
		return nil, fmt.Errorf("%s: %s", path, C.GoString(reason))
	}
	var err error
	if a.host, err = a.memory("Cpu", 0); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// Close releases what Open took. No other handle may be open.
func (a *API) Close() {
	if a.host != nil {
		C.ortapi_release(a.table, C.at_ReleaseMemoryInfo, a.host)
	}
	C.ortapi_close(a.library)
}

// check turns a status into an error and releases it.
func (a *API) check(status unsafe.Pointer) error {
	if status == nil {
		return nil
	}
	err := &Error{Code: Code(C.ortapi_code(a.table, status)), Message: C.GoString(C.ortapi_message(a.table, status))}
	C.ortapi_release(a.table, C.at_ReleaseStatus, status)
	return err
}

// memory describes the memory of a device.
func (a *API) memory(name string, device int) (unsafe.Pointer, error) {
	cName := C.CString(name)
	defer C.free(unsafe.Pointer(cName))
	var info unsafe.Pointer
	err := a.check(C.ortapi_memory(a.table, cName, C.int(device), &info))
	return info, err
}

// Session is the native session inside a binding's session; it lives as long as that one.
func Session(s *ortgo.DynamicAdvancedSession) (Handle, error) {
	// The binding keeps the pointer in unexported fields; the module version is pinned, and a
	// changed layout is an error here.
	v := reflect.ValueOf(s).Elem()
	for _, field := range []string{"s", "ortSession"} {
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v.Kind() != reflect.Struct {
			return nil, ErrBinding
		}
		if v = v.FieldByName(field); !v.IsValid() || v.Kind() != reflect.Pointer || v.IsNil() {
			return nil, ErrBinding
		}
	}
	return Handle(v.UnsafePointer()), nil
}

// Info describes an input or output.
type Info struct {
	Name string
	Type int // ONNX element type; 0 where it is no tensor
	Dims []int64
}

// Inputs describes the inputs of a session.
func (a *API) Inputs(session Handle) ([]Info, error) { return a.infos(session, 0) }

// Outputs describes the outputs of a session.
func (a *API) Outputs(session Handle) ([]Info, error) { return a.infos(session, 1) }

func (a *API) infos(session Handle, output C.int) ([]Info, error) {
	var count C.size_t
	if err := a.check(C.ortapi_count(a.table, unsafe.Pointer(session), output, &count)); err != nil {
		return nil, err
	}
	list := make([]Info, count)
	for i := range list {
		var name *C.char
		var kind C.int
		var rank C.size_t
		var dims [maxRank]C.int64_t
		err := a.check(C.ortapi_info(a.table, unsafe.Pointer(session), output, C.size_t(i), &name, &kind, &rank, &dims[0], maxRank))
		if err != nil {
			return nil, err
		}
		list[i] = Info{Name: C.GoString(name), Type: int(kind), Dims: shape(dims, rank)}
		C.ortapi_free_name(a.table, name)
	}
	return list, nil
}

// shape copies dimensions; beyond maxRank they are not known.
func shape(dims [maxRank]C.int64_t, rank C.size_t) []int64 {
	list := make([]int64, min(int(rank), maxRank))
	for i := range list {
		list[i] = int64(dims[i])
	}
	return list
}
