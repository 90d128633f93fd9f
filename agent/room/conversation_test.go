package room_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/store"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// smollm opens a language model that takes instructions and history.
func smollm(t testing.TB) *engine.Models {
	t.Helper()
	dir := filepath.Dir(testmodels.Path(t, "smollm2-135m-instruct", "config.json"))
	models, err := shared.OpenModels(t, func(c *engine.Config) {
		c.Files, c.Resolution.Sources, c.AnswerTokens = generate.Dir(dir), nil, 32
	})
	if err != nil {
		t.Fatal(err)
	}
	return models
}

// ask types a question and returns what the persona answers.
func (s *stage) ask(t *testing.T, question string) string {
	t.Helper()
	if err := s.human.Chat(question); err != nil {
		t.Fatal(err)
	}
	trace := s.turn(t)
	if trace.Err != nil || trace.Question != question {
		t.Fatalf("%q: %+v", question, trace)
	}
	t.Logf("%q: %q, %d of %d prompt tokens reused, %v", question, trace.Answer, trace.Reused, trace.PromptTokens, trace.Break)
	return trace.Answer
}

// told is what the persona is told to be. A model of 135 million parameters knows most names that
// it is told, not all, and better those of whom it may have met: see
// generate.TestSmolLM2KnowsWhatWasSaid.
const told = "You are Iris, a friendly assistant. Answer in one or two sentences."

var visitor = participant.Config{Identity: "Visitor"}

// TestAPersonaKnowsWhatWasSaid: the name that somebody told it, a few questions later; what was
// kept of the prompt is used again, and nothing in front of the last question changes.
func TestAPersonaKnowsWhatWasSaid(t *testing.T) {
	s := setStageWith(t, smollm(t), visitor, func(_ *room.Config, p *room.Persona) { p.Prompt, p.History = told, persona.HistoryRoom })
	s.ask(t, "My name is Ada.")
	if got := s.ask(t, "What is my name?"); !strings.Contains(got, "Ada") {
		t.Errorf("it says %q", got)
	}
	for _, q := range []string{"What do tulips need?", "And roses?", "Are they easy?", "Thank you."} {
		s.ask(t, q)
	}
	if err := s.human.Chat("Do ferns need water?"); err != nil {
		t.Fatal(err)
	}
	trace := s.turn(t)
	if trace.Err != nil || trace.Break != nil || 10*trace.Reused < 9*trace.PromptTokens {
		t.Errorf("%d of %d prompt tokens reused, %v, %v", trace.Reused, trace.PromptTokens, trace.Break, trace.Err)
	}
}

// TestAPersonaGoesOnFromTheStore: what was said in the room before the process began is known,
// whose words are whose; without a store, or with a model that takes no history, that is refused.
func TestAPersonaGoesOnFromTheStore(t *testing.T) {
	models := smollm(t)
	machine := models.Machine()
	kept, err := room.OpenTranscripts(t.Context(), machine, room.TranscriptConfig{Path: filepath.Join(t.TempDir(), "t.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	_, server := open(t)
	cfg := room.Config{URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "before"}
	who := room.Persona{Identity: "iris", Prompt: told, History: persona.HistoryStored}
	if _, err := room.Join(t.Context(), models, cfg, who); !errors.Is(err, room.ErrConfig) {
		t.Errorf("without a store: %v", err)
	}
	cfg.Transcripts, who.Prompt = kept, ""
	blind, _ := open(t)
	if _, err := room.Join(t.Context(), blind, cfg, who); !errors.Is(err, room.ErrNoHistory) {
		t.Errorf("a model that takes none: %v", err)
	}
	stored := func(c *room.Config, p *room.Persona) {
		p.Prompt, p.History, c.Transcripts, c.Room = told, persona.HistoryStored, kept, "again"
	}
	for _, u := range []store.Utterance{
		{Participant: "Visitor", Role: store.Human, Text: "My name is Ada."},
		{Participant: "iris", Role: store.Persona, Text: "Ada is a wonderful person with a passion for helping others."},
		{Participant: "Visitor", Role: store.Human, Text: "In another room.", Room: "elsewhere"},
	} {
		u.Session, u.Start, u.End = "before", time.Now(), time.Now()
		if u.Room == "" {
			u.Room = "again"
		}
		if err := kept.Put(u); err != nil {
			t.Fatal(err)
		}
	}
	for kept.Stats().Writer.Written < 3 {
		time.Sleep(10 * time.Millisecond)
	}
	s := setStageWith(t, models, participant.Config{Identity: "Visitor", Room: "again"}, stored)
	if got := s.ask(t, "What is my name?"); !strings.Contains(got, "Ada") {
		t.Errorf("it says %q", got)
	}
}

// TestAQuestionThatFitsNowhereIsRefusedWhole: what is kept of it is cut, and not asked; what was
// said before is still known.
func TestAQuestionThatFitsNowhereIsRefusedWhole(t *testing.T) {
	s := setStageWith(t, smollm(t), visitor, func(_ *room.Config, p *room.Persona) { p.Prompt, p.History = told, persona.HistoryRoom })
	s.ask(t, "My name is Ada.")
	if err := s.session.Ask(t.Context(), "Visitor", "What is my name? "+strings.Repeat("word ", 9000)); err != nil {
		t.Fatal(err)
	}
	if trace := s.turn(t); !errors.Is(trace.Err, prompt.ErrTooLong) || trace.Answer != "" || trace.Tokens != 0 {
		t.Errorf("%v, %q", trace.Err, trace.Answer)
	}
	if got := s.ask(t, "What is my name?"); got == "" {
		t.Error("it answers nothing any more")
	}
}

// TestWithoutHistoryEveryQuestionStandsAlone: the same, and it does not know.
func TestWithoutHistoryEveryQuestionStandsAlone(t *testing.T) {
	s := setStageWith(t, smollm(t), visitor, func(_ *room.Config, p *room.Persona) { p.Prompt, p.History = told, persona.HistoryOff })
	s.ask(t, "My name is Zebedee.")
	if got := s.ask(t, "What is my name?"); strings.Contains(got, "Zebedee") {
		t.Errorf("it says %q", got)
	}
}

// TestAModelThatTakesNoInstructionsRefusesAPrompt: before it is in the room.
func TestAModelThatTakesNoInstructionsRefusesAPrompt(t *testing.T) {
	models, server := open(t)
	_, err := room.Join(t.Context(), models, room.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "told",
	}, room.Persona{Identity: "iris", Prompt: told})
	var stage *room.StageError
	if !errors.Is(err, prompt.ErrNoInstructions) || !errors.As(err, &stage) || stage.Stage != room.StageReply {
		t.Errorf("%v", err)
	}
}

// TestGreeting: said once, when the first human is there, as it stands.
func TestGreeting(t *testing.T) {
	models, _ := open(t)
	s := setStageWith(t, models, participant.Config{}, func(_ *room.Config, p *room.Persona) { p.Greeting = "Hello, I am Iris." })
	trace := s.turn(t)
	if trace.Err != nil || trace.Answer != "Hello, I am Iris." || trace.Tokens != 0 || trace.FirstPacket.IsZero() {
		t.Errorf("%+v", trace)
	}
	limit := 0
	for e := range s.human.Events() {
		if e, ok := e.(participant.Transcript); ok && e.Final && e.From == "iris" {
			if e.Text != "Hello, I am Iris." {
				t.Errorf("the room reads %q", e.Text)
			}
			break
		}
		if limit++; limit > 500 {
			t.Fatal("the room does not read it")
		}
	}
}

// BenchmarkTenTurns has a persona of SmolLM2 talk for ten turns. "reuse" is the share of the tenth
// prompt that was kept from the ninth, "token" the time of the tenth answer's first token in times
// that of the first answer's.
func BenchmarkTenTurns(b *testing.B) {
	s := setStageWith(b, smollm(b), visitor, func(_ *room.Config, p *room.Persona) { p.Prompt, p.History = told, persona.HistoryRoom })
	var first, last reply.Trace
	for b.Loop() {
		for i, q := range []string{
			"My name is Ada.", "I live in Paris.", "What is a fern?", "Where do they grow?", "Do you like tea?", "I like green tea.",
			"What is a river?", "Name a colour.", "What is the capital of France?", "What is my name?",
		} {
			if err := s.human.Chat(q); err != nil {
				b.Fatal(err)
			}
			last = s.turn(b)
			if i == 0 {
				first = last
			}
		}
	}
	thought := func(t reply.Trace) float64 { return float64(t.FirstToken.Sub(t.Features)) }
	b.ReportMetric(float64(last.Reused)/float64(last.PromptTokens), "reuse")
	b.ReportMetric(thought(last)/thought(first), "token")
	b.ReportMetric(float64(last.PromptTokens), "prompt")
}
