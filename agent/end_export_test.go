package agent

import (
	"context"
	"time"

	"github.com/sensory-agent/sensory-agent/tts"
)

// panicVoice panics.
type panicVoice struct {
	tts.Voice
	value any
}

func (v panicVoice) Synthesize(context.Context, string, func([]float32) error) error { panic(v.value) }

// PanicInVoice has the voice panic until restore is called. No answer may be under way.
func (s *Session) PanicInVoice(value any) (restore func()) {
	before := s.replies.Voice
	s.replies.Voice = panicVoice{before, value}
	return func() { s.replies.Voice = before }
}

// HurryEnd shortens the limits of Close.
func (s *Session) HurryEnd() {
	s.endings = endings{finish: 10 * time.Millisecond, stop: 10 * time.Millisecond}
}

// Abandoned waits for what Close left behind.
func (s *Session) Abandoned() {
	s.work.Wait()
	s.senses.Wait()
	s.replies.Wait()
	_ = s.player.Close()
	_ = s.coder.Close()
}
