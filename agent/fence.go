package agent

import (
	"runtime/debug"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// fenced calls f and turns a panic into a PanicError, so that a fault in one part of a session, or in a library under it, ends that part
// and not the process with all its rooms.
func fenced(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return f()
}

// fencedDetector is a voice detector whose panics are errors: it runs on the listener's goroutine.
type fencedDetector struct{ hearing.VoiceDetector }

// Probability implements hearing.VoiceDetector. It allocates nothing.
func (d fencedDetector) Probability(window []float32) (p float32, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return d.VoiceDetector.Probability(window)
}
