package senses

import (
	"fmt"
	"slices"

	"github.com/sensory-agent/sensory-agent/agent/engine"
)

// encoder is something that makes sights of frames, for everybody whose eyes are the same. Guarded
// by Senses.mu but for what never changes.
type encoder struct {
	eyes  *engine.Eyes
	name  string        // no other encoder has it at the time
	users int           // of Look without Forget
	gazes int           // whose goroutines have not ended
	gone  chan struct{} // closed when there are neither users nor gazes
}

// Look has every eye, of now and later, make sights for an encoder too, until Forget is called as
// often as Look. Eyes that are the same ([engine.Eyes.Same]) share what is made. Nil, the eyes of a
// model that is shown nothing, changes nothing.
func (s *Senses) Look(eyes *engine.Eyes) {
	if eyes == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.encoder(eyes); i >= 0 {
		s.encoders[i].users++
		return
	}
	e := &encoder{eyes: eyes, name: s.free(eyes.Name()), users: 1, gone: make(chan struct{})}
	s.encoders = append(s.encoders, e)
	for y := range s.eyes {
		y.open(e)
		y.Request()
	}
}

// Forget takes back one Look. Where that was the last one, gone is closed as soon as no goroutine
// uses the encoder any more and the leases of its sights are given back: then its models may be
// closed. Where others look with the same eyes, and where nobody does, it is closed already.
func (s *Senses) Forget(eyes *engine.Eyes) (gone <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.encoder(eyes)
	if i >= 0 {
		e := s.encoders[i]
		if e.users--; e.users == 0 {
			s.encoders = slices.Delete(s.encoders, i, i+1)
			for y := range s.eyes {
				y.forget(e)
			}
			e.settle()
			return e.gone
		}
	}
	closed := make(chan struct{})
	close(closed)
	return closed
}

// encoder is the index of the one that makes these sights, -1 without one. s.mu is held.
func (s *Senses) encoder(eyes *engine.Eyes) int {
	return slices.IndexFunc(s.encoders, func(e *encoder) bool { return e.eyes.Same(eyes) })
}

// free is a name that no encoder has. s.mu is held.
func (s *Senses) free(name string) string {
	taken := func(name string) bool {
		return slices.ContainsFunc(s.encoders, func(e *encoder) bool { return e.name == name })
	}
	unique := name
	for i := 2; taken(unique); i++ {
		unique = fmt.Sprintf("%s~%d", name, i)
	}
	return unique
}

// ended takes note that the goroutine of a gaze has ended.
func (s *Senses) ended(e *encoder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.gazes--
	e.settle()
}

// settle closes gone when it is time. Senses.mu is held.
func (e *encoder) settle() {
	if e.users == 0 && e.gazes == 0 {
		close(e.gone)
	}
}
