package ort

import (
	"runtime/debug"

	"github.com/sensory-agent/sensory-agent/internal/native/ortapi"
)

// Settle gives back to the system what loading models has used: they are read whole, parsed and
// rewritten, which takes about as much memory as they do, and neither Go's runtime nor the C
// library would give it back for long. It collects garbage; call it after loading, not between
// runs.
func Settle() {
	debug.FreeOSMemory() // finalizers of native objects come first
	ortapi.TrimHeap()
}
