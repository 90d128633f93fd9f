package worker

import (
	"errors"
	"runtime/debug"
)

// loudly logs a panic.
func (w *Worker) loudly(err error, job string) {
	var fault *PanicError
	if errors.As(err, &fault) {
		w.log.Error("a panic ended a job", "job", job, "where", fault.Where, "error", err, "stack", string(fault.Stack))
	}
}

// fenced turns a panic into an error.
func fenced(where string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Where: where, Value: v, Stack: debug.Stack()}
		}
	}()
	return f()
}
