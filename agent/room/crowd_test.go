package room_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// enter has another human join the stage's room.
func (s *stage) enter(t testing.TB, who string) *participant.Participant {
	t.Helper()
	_, server := open(t)
	p, err := patient.Join(t.Context(), participant.Join, participant.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: s.room, Identity: who,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("%s: %v", who, err)
		}
	})
	return p
}

// echoEngine is a persona without eyes that answers every question by a sentence of its own.
func echoEngine(t testing.TB, answer string) *engine.Models {
	t.Helper()
	server := fixture.NewScripted(t)
	server.Answer = func(w http.ResponseWriter, _ *http.Request, _ fixture.Asked) {
		select {
		case <-server.Questions: // nobody reads them
		default:
		}
		fixture.Stream(w, answer)
	}
	remote := fixture.Behind(server.URL)
	remote.Server.Concurrency = 4
	models, err := busy.OpenModels(t, func(c *engine.Config) { c.Remote, c.Resolution.Sources = remote, nil })
	if err != nil {
		t.Fatal(err)
	}
	return models
}

// until waits for something that no event announces.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for limit := time.Now().Add(answerLimit); !is(); <-time.After(10 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("%s: not within %v", what, answerLimit)
		}
	}
}

// TestTwoPersonasAndOneHello: each answers the human, and neither the other: what two of them say
// to a hello comes to an end.
func TestTwoPersonasAndOneHello(t *testing.T) {
	models := echoEngine(t, "Hello to you.")
	_, server := open(t)
	s := setStageWith(t, models, participant.Config{})
	other := newWatch()
	second, err := room.Join(t.Context(), models, room.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: s.room, Observe: other.observe,
	}, room.Persona{Identity: "otto", History: persona.HistoryOff})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	})
	for range 2 {
		if err := s.human.Chat("Hello."); err != nil {
			t.Fatal(err)
		}
		for name, w := range map[string]*watch{"iris": s.watch, "otto": other} {
			if trace := w.turn(t); trace.Err != nil || trace.Who != "ada" || trace.Answer != "Hello to you." {
				t.Errorf("%s: %q of %s, %v", name, trace.Answer, trace.Who, trace.Err)
			}
		}
	}
	for name, session := range map[string]*room.Room{"iris": s.session, "otto": second} {
		until(t, name+" has seen both answers of the other", func() bool { return session.Limits().Questions.Agents == 2 })
		if q := session.Limits().Questions; q.Asked != 2 || q.Answered != 2 {
			t.Errorf("%s: %+v", name, q)
		}
	}
	for _, w := range []*watch{s.watch, other} {
		for _, e := range w.all() {
			if h, ok := e.(room.Heard); ok && h.Who != "ada" {
				t.Errorf("heard %+v", h)
			}
		}
	}
}

// TestFloodingChatterDoesNotSilenceTheRoom: while one person writes without pause, another who
// speaks, and one who writes once, are answered.
func TestFloodingChatterDoesNotSilenceTheRoom(t *testing.T) {
	s := setStage(t, participant.Config{})
	slow := s.toldToSlowDown()
	t.Cleanup(func() {
		for _, e := range s.all() {
			if p, ok := e.(room.Problem); ok && t.Failed() {
				t.Logf("problem: %v", p.Err)
			}
		}
	})
	picture := s.show(t, 4, scene.KindQuadrants, participant.CameraConfig{FPS: 5})
	eve, bob := s.enter(t, "eve"), s.enter(t, "bob")
	life, stop := context.WithCancel(t.Context())
	flooded := make(chan error, 1)
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-life.Done():
				flooded <- nil
				return
			}
			if err := eve.Chat("what color is on the left?"); err != nil {
				flooded <- err
				return
			}
		}
	}()
	s.wait(t, "an answer to the flood", func(e room.Event) bool { said, ok := e.(room.Said); return ok && said.Turn > 0 })
	s.say(t, describe)
	spoken := s.answerTo(t, "ada")
	if !strings.Contains(strings.ToLower(spoken.Question), "what do you see") {
		t.Errorf("heard %q", spoken.Question)
	}
	wantFacts(t, picture, spoken.Answer, 4)
	if err := bob.Chat("what color is on the right?"); err != nil {
		t.Fatal(err)
	}
	if written := s.answerTo(t, "bob"); written.Question != "what color is on the right?" {
		t.Errorf("asked %q", written.Question)
	}
	stop()
	if err := <-flooded; err != nil {
		t.Error(err)
	}
	told := s.wait(t, "a problem of the flood", func(e room.Event) bool { p, ok := e.(room.Problem); return ok && errors.Is(p.Err, room.ErrRefused) })
	var refused *room.RefusedError
	if !errors.As(told.(room.Problem).Err, &refused) || refused.Kind != limits.ChatRate {
		t.Errorf("told %v", told)
	}
	stats := s.session.Limits()
	if n := stats.Room.Refused[limits.ChatRate]; n < 10 {
		t.Errorf("%d messages of the flood were refused", n)
	}
	until(t, "the flooding chatter is told", func() bool { return slow.Load() > 0 })
	if n := slow.Load(); n != 1 {
		t.Errorf("the flooding chatter was told %d times", n)
	}
	if q := stats.Questions; q.Waited == 0 || q.Superseded == 0 {
		t.Errorf("nobody waited, or no question of the flood was given up: %+v", q)
	}
}

// toldToSlowDown counts such messages from now on. All of them are read as they come: a queue that
// nobody reads loses its oldest.
func (s *stage) toldToSlowDown() *atomic.Int64 {
	var n atomic.Int64
	go func() {
		for e := range s.human.Events() {
			if _, left := e.(participant.Left); left {
				return
			}
			if chat, ok := e.(participant.Chat); ok && strings.HasPrefix(chat.Text, "eve, I read at most 20 messages a minute") {
				n.Add(1)
			}
		}
	}()
	return &n
}

// answerTo returns the first whole answer to a person.
func (s *stage) answerTo(t testing.TB, who string) reply.Trace {
	t.Helper()
	for {
		trace := s.turn(t)
		if trace.Who == who && trace.Err == nil {
			return trace
		}
		if trace.Who == who && !errors.Is(trace.Err, room.ErrSuperseded) {
			t.Fatalf("the question of %s ended with %v", who, trace.Err)
		}
	}
}

// TestQuestionRightAfterTheCameraOpens: who asks at once about what they begin to show is answered
// from the picture.
func TestQuestionRightAfterTheCameraOpens(t *testing.T) {
	for i := range 3 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			models, _ := open(t)
			s := setStageWith(t, models, participant.Config{}, func(c *room.Config, _ *room.Persona) {
				p := turn.Default()
				p.Mode, p.Looking.Subscribe = turn.ModeFront, time.Minute // a busy server needs more than what is waited for
				c.Policy = &p
			})
			picture := s.show(t, uint64(4+i), scene.KindQuadrants, participant.CameraConfig{})
			if err := s.human.Chat(describe); err != nil {
				t.Fatal(err)
			}
			trace := s.turn(t)
			if trace.Err != nil || !trace.Picture {
				t.Fatalf("picture %v, %q, %v", trace.Picture, trace.Answer, trace.Err)
			}
			wantFacts(t, picture, trace.Answer, 4)
		})
	}
}
