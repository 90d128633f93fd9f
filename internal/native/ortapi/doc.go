// Package ortapi calls the part of ONNX Runtime's C interface that the Go binding does not offer:
// values without copies, of any element type and on any device, and runs over them.
//
// In: the library file that the binding has loaded already, and the native session of a binding's
// session. Out: handles. Every handle has one owner who releases it once; nothing here counts,
// locks or checks that: compute/ort does, and is the only package that may import this one.
//
// The interface is a table of functions whose order never changes; later versions only append (ONNX
// Runtime's promise for OrtApi). The positions used are in wrapper.h; a test compares them with the
// header that the binding ships.
package ortapi
