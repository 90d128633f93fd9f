package room_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// TestAnAnswerThatNobodyHearsIsGivenUp: a persona is said to speak, and no packet of it leaves any
// more.
func TestAnAnswerThatNobodyHearsIsGivenUp(t *testing.T) {
	models, free := fixture.OpenCanned(t, func(c *engine.CannedConfig) { c.Tone = 5 * time.Minute })
	t.Cleanup(func() {
		if err := free(); err != nil {
			t.Error(err)
		}
	})
	s := setStageWith(t, models, participant.Config{}, func(c *room.Config, _ *room.Persona) {
		p := turn.Default()
		p.Floor.Silent = time.Second
		c.Policy = &p
	})
	if err := s.human.Chat("Tell me a story."); err != nil {
		t.Fatal(err)
	}
	s.wait(t, "speech", func(e room.Event) bool { _, ok := e.(room.Said); return ok })
	s.session.Seats()[0].LosePackets()
	if trace := s.turn(t); !errors.Is(trace.Err, room.ErrStalled) || trace.Answer == "" || trace.FirstPacket.IsZero() {
		t.Errorf("%+v", trace)
	}
	s.wait(t, "a problem", func(e room.Event) bool {
		p, ok := e.(room.Problem)
		return ok && errors.Is(p.Err, room.ErrStalled)
	})
	until(t, "the persona listens again", func() bool { return presence(t, s.session).Seats[0].State == turn.Listening })
	if n := s.session.Limits().Questions.Stalled; n != 1 {
		t.Errorf("%d stalled", n)
	}
}
