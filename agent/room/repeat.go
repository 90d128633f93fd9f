package room

import (
	"slices"
	"strconv"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// attrRepeat counts how often a persona has told its state again.
const attrRepeat = "sensory_agent.repeat"

// Pages of LiveKit's stock parts (useVoiceAssistant of components-react) take an agent's attributes
// when they first show it, and listen for changes a moment later, when they have painted: a change
// in between is not shown until the next one. So a state that changes within newcomer after
// somebody came is told again, when it has been the same for settled: any change of an attribute
// has such a page take all of them. Only one that differs is passed on by clients.
const (
	newcomer = 5 * time.Second
	settled  = time.Second
)

// repeat asks for a persona's state to be told again.
type repeat struct{ seat *Seat }

func (repeat) message() {}

// newcomers takes note that somebody has come: a persona, or a person with a page.
func (a *actor) newcomers() { a.fresh = time.Now().Add(newcomer) }

// toldState takes note of a state that was told.
func (a *actor) toldState(s *Seat) {
	now := time.Now()
	s.telling.at = now
	if now.Before(a.fresh) && !s.telling.waits {
		s.telling.waits = true
		a.repeatIn(s, settled)
	}
}

func (a *actor) repeatIn(s *Seat, after time.Duration) {
	a.work.Go(func() {
		if !within(after, a.life.Done()) {
			a.post(repeat{s})
		}
	})
}

// repeats tells a persona's state again, once it has been the same for a while.
func (a *actor) repeats(s *Seat) {
	if !slices.Contains(a.sitting, s) {
		return
	}
	if left := settled - time.Since(s.telling.at); left > 0 {
		a.repeatIn(s, left)
		return
	}
	s.telling.waits = false
	s.telling.times++
	s.conn.SetAttributes(map[string]string{attrRepeat: strconv.Itoa(s.telling.times), lk.AttrState: string(s.state)})
}
