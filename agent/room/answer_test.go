package room_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// TestWhatIsNotForPeopleStaysInside: thoughts and template tokens reach neither voice nor
// transcript nor chat; an answer that comes to nothing is a typed problem and no empty message.
func TestWhatIsNotForPeopleStaysInside(t *testing.T) {
	server := fixture.NewScripted(t)
	var script func(http.ResponseWriter)
	server.Answer = func(w http.ResponseWriter, _ *http.Request, q fixture.Asked) {
		if q.Text == "What is your name?" { // the probe
			fixture.Stream(w, "Iris.")
			return
		}
		script(w)
	}
	models, err := shared.OpenModels(t, func(c *engine.Config) {
		c.Remote, c.Resolution.Sources, c.AnswerTokens = fixture.Behind(server.URL), nil, 321
	})
	if err != nil {
		t.Fatal(err)
	}
	s := setStageWith(t, models, participant.Config{})
	ask := func(t *testing.T, write func(http.ResponseWriter)) reply.Trace {
		t.Helper()
		script = write
		if err := s.session.Ask(t.Context(), "ada", "What is on the table?"); err != nil {
			t.Fatal(err)
		}
		return s.turn(t)
	}
	for name, pieces := range map[string][]string{
		"a thought":             {"<think>They ask of the table.</think>", "There is a cup."},
		"a thought that is cut": {"<th", "ink>They ask</thi", "nk>There ", "is a cup."},
		"a template token":      {"There is a cup.", "<|im_", "end|>"},
	} {
		t.Run(name, func(t *testing.T) {
			trace := ask(t, func(w http.ResponseWriter) { fixture.Stream(w, pieces...) })
			if trace.Err != nil || trace.Answer != "There is a cup." || trace.Finish != "stop" {
				t.Errorf("%q, finished by %q, %v", trace.Answer, trace.Finish, trace.Err)
			}
			if transcript, chat := s.said(t); transcript != "There is a cup." || chat != "There is a cup." {
				t.Errorf("transcript %q, chat %q", transcript, chat)
			}
		})
	}
	for name, c := range map[string]struct {
		write func(http.ResponseWriter)
		kind  error
		word  string
	}{
		"only a thought": {
			func(w http.ResponseWriter) { fixture.Begin(w, "<think>They ask"); fixture.Finish(w, "length") }, answer.ErrOnlyReasoning, "length",
		},
		"nothing":     {func(w http.ResponseWriter) { fixture.Finish(w, "stop") }, answer.ErrEmpty, "stop"},
		"a tool call": {func(w http.ResponseWriter) { fixture.Finish(w, "tool_calls") }, answer.ErrToolCall, "tool_calls"},
		"withheld":    {func(w http.ResponseWriter) { fixture.Finish(w, "content_filter") }, answer.ErrFiltered, "content_filter"},
	} {
		t.Run(name, func(t *testing.T) {
			trace := ask(t, c.write)
			var typed *answer.Error
			if !errors.As(trace.Err, &typed) || !errors.Is(typed, c.kind) || !errors.Is(typed, answer.ErrNoAnswer) || typed.Reason != c.word || typed.Limit != 321 {
				t.Errorf("ended with %v", trace.Err)
			}
			s.wait(t, "a problem", func(e room.Event) bool {
				p, ok := e.(room.Problem)
				var stage *room.StageError
				return ok && errors.Is(p.Err, c.kind) && errors.As(p.Err, &stage) && stage.Stage == room.StageReply
			})
			if !trace.FirstPacket.IsZero() || trace.Answer != "" {
				t.Errorf("said %q", trace.Answer)
			}
		})
	}
	t.Run("cut off", func(t *testing.T) {
		trace := ask(t, func(w http.ResponseWriter) { fixture.Begin(w, "There is a"); fixture.Finish(w, "length") })
		if trace.Err != nil || trace.Answer != "There is a" || trace.Finish != "length" {
			t.Errorf("%q, finished by %q, %v", trace.Answer, trace.Finish, trace.Err)
		}
		s.wait(t, "a problem", func(e room.Event) bool { p, ok := e.(room.Problem); return ok && errors.Is(p.Err, answer.ErrCutOff) })
		// It is the first message after those that came to nothing: no empty one was sent.
		if transcript, chat := s.said(t); transcript != "There is a" || chat != "There is a" {
			t.Errorf("transcript %q, chat %q", transcript, chat)
		}
	})
}

// TestQuestionThatTheModelRefusesForItsSizeIsNotKeptWhole: what is reported, printed and kept of it
// is its beginning.
func TestQuestionThatTheModelRefusesForItsSizeIsNotKeptWhole(t *testing.T) {
	server := fixture.NewScripted(t)
	server.Answer = func(w http.ResponseWriter, _ *http.Request, _ fixture.Asked) { fixture.Stream(w, "Iris.") }
	remote := fixture.Behind(server.URL)
	remote.Context = 200 // tokens: at most 6,400 bytes
	models, err := shared.OpenModels(t, func(c *engine.Config) { c.Remote, c.Resolution.Sources = remote, nil })
	if err != nil {
		t.Fatal(err)
	}
	s := setStageWith(t, models, participant.Config{})
	for _, c := range []struct {
		bytes int
		whole bool
	}{{5000, true}, {10_000, false}} {
		question := strings.Repeat("word ", c.bytes/5)
		if err := s.session.Ask(t.Context(), "ada", question); err != nil {
			t.Fatal(err)
		}
		trace := s.turn(t)
		if (trace.Err == nil) != c.whole || (trace.Question == question) != c.whole {
			t.Errorf("%d bytes: %v, the trace has %d", c.bytes, trace.Err, len(trace.Question))
		}
		heard := s.wait(t, "the question", func(e room.Event) bool { h, ok := e.(room.Heard); return ok && h.Turn == trace.Turn }).(room.Heard)
		if (heard.Text == question) != c.whole || !c.whole && len(heard.Text) > 600 {
			t.Errorf("%d bytes: %d are reported", c.bytes, len(heard.Text))
		}
	}
}
