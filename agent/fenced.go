package agent

import (
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// fencedDetector is a voice detector whose panics are errors: it runs on the listener's goroutine.
type fencedDetector struct{ hearing.VoiceDetector }

// Probability implements hearing.VoiceDetector. It allocates nothing.
func (d fencedDetector) Probability(window []float32) (p float32, err error) {
	defer fence.Recover(&err)
	return d.VoiceDetector.Probability(window)
}
