package fence

import (
	"fmt"
	"runtime/debug"
)

// PanicError means that code of this program, or of a library, panicked. The part that it happened
// in has ended; the process and other rooms go on.
type PanicError struct {
	// Value is what was thrown, Stack the goroutine's.
	Value any
	Stack []byte
}

// Error gives the value; the stack is for logs.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Do calls f and turns a panic into a [*PanicError].
func Do(f func() error) (err error) {
	defer Recover(&err)
	return f()
}

// Recover is deferred itself: where a closure would allocate.
func Recover(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{Value: v, Stack: debug.Stack()}
	}
}
