package room_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// TestAnAnswerIsThoughtOfAhead: with real ears, a question is answered as if nothing had been
// thought of before, and what was is counted, in the trace, and heard by nobody before its question
// is certain.
func TestAnAnswerIsThoughtOfAhead(t *testing.T) {
	models, _ := open(t)
	s := setStageWith(t, models, participant.Config{}, func(c *room.Config, _ *room.Persona) {
		p := turn.Default()
		p.Mode, p.Speculate = turn.ModeFront, true
		p.Endpointing = turn.Endpointing{Min: 10 * time.Second, Max: 10 * time.Second} // the transcript is there long before
		c.Policy = &p
	})
	picture := s.show(t, 4, scene.KindQuadrants, participant.CameraConfig{})
	s.say(t, describe)
	trace := s.turn(t)
	if trace.Err != nil || trace.Turn != 1 || !strings.Contains(strings.ToLower(trace.Question), "what do you see in the picture") {
		t.Fatalf("%+v", trace)
	}
	wantFacts(t, picture, trace.Answer, 4)
	var asked, said time.Time
	for _, e := range s.all() {
		switch e := e.(type) {
		case room.Heard:
			if e.Final && asked.IsZero() {
				asked = e.At
			}
		case room.Said:
			if said.IsZero() {
				said = e.At
			}
		}
	}
	if asked.IsZero() || said.Before(asked) {
		t.Errorf("asked at %v, answered at %v", asked, said)
	}
	q := s.session.Limits().Questions
	t.Logf("%d thought of, %d taken up; %v ahead, %+v for nothing", q.Guessed, q.Confirmed, trace.Ahead, trace.Discarded)
	// A machine under load may have no place to think in time: then the trace says so.
	if q.Guessed == 0 || q.Guessed != q.Confirmed+q.Discarded || trace.Ahead < 0 || trace.Ahead > 0 && q.Confirmed != 1 || q.Guessed > 0 && trace.Ahead == 0 && len(trace.Discarded) == 0 {
		t.Errorf("%+v, ahead %v, %+v", q, trace.Ahead, trace.Discarded)
	}
}

// TestAGuessIsDiscardedWhereTheSpeakerGoesOn: nothing of it is said, and the trace of the answer
// tells of it.
func TestAGuessIsDiscardedWhereTheSpeakerGoesOn(t *testing.T) {
	models, _ := open(t)
	s := setStageWith(t, models, participant.Config{}, func(c *room.Config, _ *room.Persona) {
		p := turn.Default()
		p.Mode, p.Speculate = turn.ModeFront, true
		p.Endpointing = turn.Endpointing{Min: 10 * time.Second, Max: 10 * time.Second}
		c.Policy = &p
	})
	s.show(t, 4, scene.KindQuadrants, participant.CameraConfig{})
	s.say(t, describe)
	until(t, "it is thought of", func() bool { return s.session.Limits().Questions.Guessed == 1 })
	s.say(t, "please tell me what is in the picture")
	trace := s.turn(t)
	if trace.Err != nil || trace.Turn != 1 || !strings.Contains(strings.ToLower(trace.Question), "tell me") {
		t.Fatalf("%+v", trace)
	}
	if len(trace.Discarded) == 0 || trace.Discarded[0].Why != string(turn.ReasonResumed) && trace.Discarded[0].Why != string(turn.ReasonLeaseRefused) {
		t.Errorf("for nothing: %+v", trace.Discarded)
	}
	said := 0
	for _, e := range s.all() {
		if d, is := e.(room.TurnDone); is {
			if said++; d.Trace.Turn != 1 {
				t.Errorf("an answer of turn %d", d.Trace.Turn)
			}
		}
	}
	if q := s.session.Limits().Questions; said != 1 || q.Answered != 1 || q.Discarded == 0 {
		t.Errorf("%d answers, %+v", said, q)
	}
}
