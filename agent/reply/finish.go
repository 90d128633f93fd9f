package reply

import (
	"context"
	"errors"
	"sync"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/agent/playout"
	"github.com/sensory-agent/sensory-agent/tts"
)

// speech is how far a reply has come with speaking, and what ends it early. Clauses are counted
// from 1, without those that there is nothing to say of.
type speech struct {
	mu      sync.Mutex
	quit    context.CancelFunc // ends the thinking; nil before and where nobody thinks
	hush    context.CancelFunc // ends the clause that the voice is making; nil between two
	voiced  int                // characters that the voice was given
	made    int                // the last clause that the voice has made something of
	pending bool               // the one that it is making has no sound yet
	written int                // the last clause that the player was given, or is about to be
	playing bool               // the player's open utterance is this reply's
	heard   bool               // a mark was called
	last    bool               // it ends with the clause that is heard
	more    bool               // there was something behind that
	over    bool               // nothing is left to be spoken
}

// Finish has an audible reply end with the clause that is being heard: what comes behind is neither
// made nor played nor thought, and the lease of a model that still thinks is given back at once.
// Done follows when the clause has been heard: with [ErrFinished] where there was more, else as
// ever. A reply that is not audible ends at once, with ErrFinished. More than the first call
// changes nothing.
func (r *Reply) Finish() {
	s := &r.speech
	s.mu.Lock()
	if s.last || s.over {
		s.mu.Unlock()
		return
	}
	s.last = true
	audible, cut := s.heard, false
	if s.playing {
		var begun bool
		begun, cut = r.from.Player.FinishClause()
		audible = audible || begun
	}
	s.more = s.more || cut
	if s.hush != nil && (cut || s.pending || s.made > s.written) {
		s.more = true
		s.hush()
	}
	quit := s.quit
	s.mu.Unlock()
	switch {
	case !audible:
		r.cancel(ErrFinished)
	case quit != nil:
		quit()
	}
}

// thinking says what ends the thinking. Where the reply was told to finish before, that is done.
func (s *speech) thinking(quit context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.quit = quit; s.last {
		quit()
	}
}

// clause takes note that the player is about to be given another clause. ErrFinished means that it
// is behind the last one.
func (s *speech) clause() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last {
		s.more = true
		return ErrFinished
	}
	s.written++
	return nil
}

// audible takes note that something is heard.
func (s *speech) audible() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = true
}

// open takes note that the player's utterance is this reply's from now on.
func (s *speech) open() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last {
		return ErrFinished
	}
	s.playing = true
	return nil
}

// end takes note that nothing is left to be spoken, and says whether the reply was told to finish.
func (s *speech) end(player Player) (last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.playing && s.last {
		player.Finish() // it is to take the next utterance
	}
	s.playing, s.over = false, true
	return s.last
}

// given is how many characters the voice was given.
func (s *speech) given() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.voiced
}

// beyond tells what ends a reply early, as it was told to, from what breaks it.
func beyond(err error) bool { return errors.Is(err, ErrFinished) || errors.Is(err, playout.ErrEnded) }

// outcome is the error of a reply that was told to finish: of speaking, else of thinking.
func (s *speech) outcome(spoken, thought error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case spoken != nil && !beyond(spoken):
		return spoken
	case thought != nil && !beyond(thought) && !errors.Is(thought, context.Canceled):
		return thought
	case spoken != nil || thought != nil || s.more:
		return ErrFinished
	}
	return nil
}

// finishing is a voice that makes no clause behind the one that its reply ends with.
type finishing struct {
	tts.Voice
	speech *speech
}

// Synthesize implements tts.Voice.
func (v finishing) Synthesize(ctx context.Context, clause string, emit func([]float32) error) error {
	ctx, hush := context.WithCancel(ctx)
	defer hush()
	s := v.speech
	s.mu.Lock()
	if s.last {
		s.more = true
		s.mu.Unlock()
		return ErrFinished
	}
	s.hush, s.pending = hush, true
	s.voiced += utf8.RuneCountInString(clause)
	s.mu.Unlock()
	err := v.Voice.Synthesize(ctx, clause, func(pcm []float32) error {
		s.mu.Lock()
		if s.pending {
			s.made, s.pending = s.made+1, false
		}
		s.mu.Unlock()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return emit(pcm)
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	hushed := s.last && ctx.Err() != nil
	s.hush, s.pending = nil, false
	if err != nil && hushed {
		return ErrFinished
	}
	return err
}
