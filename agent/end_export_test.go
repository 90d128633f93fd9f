package agent

import (
	"time"

	"github.com/sensory-agent/sensory-agent/tts"
)

// panicVoice panics.
type panicVoice struct {
	tts.Voice
	value any
}

func (v panicVoice) SampleRate() int { panic(v.value) }

// PanicInVoice has the voice panic until restore is called. No answer may be under way.
func (s *Session) PanicInVoice(value any) (restore func()) {
	before := s.speaker
	s.speaker = panicVoice{before, value}
	return func() { s.speaker = before }
}

// deafDetector panics.
type deafDetector struct{}

func (deafDetector) Probability([]float32) (float32, error) { panic("deaf") }

func (deafDetector) Reset() {}

// PanicInDetector judges a window with a detector that panics.
func PanicInDetector() error {
	_, err := fencedDetector{deafDetector{}}.Probability(nil)
	return err
}

// HurryEnd shortens the limits of Close.
func (s *Session) HurryEnd() {
	s.endings = endings{finish: 10 * time.Millisecond, stop: 10 * time.Millisecond}
}

// Abandoned waits for what Close left behind.
func (s *Session) Abandoned() {
	s.work.Wait()
	_ = s.player.Close()
	_ = s.coder.Close()
}
