package generate_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// openSmolLM2 loads the installed SmolLM2-135M-Instruct.
func openSmolLM2(tb testing.TB) *generate.Model {
	tb.Helper()
	dir := filepath.Dir(testmodels.Path(tb, "smollm2-135m-instruct", "config.json"))
	testmodels.Path(tb, "smollm2-135m-instruct", "onnx/decoder_model_merged.onnx")
	return openModel(tb, generate.Dir(dir), generate.Options{Options: ort.Options{Threads: 2}})
}

// visit is a persona's conversation with one person.
type visit struct {
	tb     testing.TB
	who    string
	by     generator
	talk   *prompt.Conversation
	lines  uint64
	asked  prompt.Line
	before context.Chain
	broken *context.Break
}

// newVisit begins one.
func newVisit(tb testing.TB, by generator, traits prompt.Traits, limits prompt.Limits, who string) *visit {
	tb.Helper()
	persona := prompt.Persona{Name: "Iris", Instructions: "You are Iris, a friendly assistant. Answer in one or two sentences."}
	talk, err := prompt.NewConversation(persona, traits, limits)
	if err != nil {
		tb.Fatal(err)
	}
	return &visit{tb: tb, who: who, by: by, talk: talk}
}

// say says something and returns the answer.
func (v *visit) say(text string, limit int) prompt.Result {
	v.tb.Helper()
	v.lines += 2
	v.asked = prompt.Line{Seq: v.lines, Speaker: v.who, Text: text}
	v.talk.Append(time.Time{}, v.asked)
	p, err := v.talk.Ask(time.Time{}, v.asked, prompt.Tail{})
	if err != nil {
		v.tb.Fatal(err)
	}
	now := context.ChainOf(p.Segments, v.before)
	v.before, v.broken = now, context.Compare(v.before, now)
	got := answer(v.tb, v.by, prompt.Request{Messages: p.Messages, MaxTokens: limit})
	if got.PromptTokens > p.Tokens {
		v.tb.Errorf("a prompt of %d tokens, bound %d", got.PromptTokens, p.Tokens)
	}
	v.talk.Append(time.Time{}, prompt.Line{Seq: v.lines + 1, Own: true, Text: got.Text, Cut: got.Finish == prompt.FinishLimit})
	return got
}

// TestSmolLM2KnowsWhatWasSaid tells the persona a name and asks for it, with its history and
// without.
//
// A model of 135 million parameters knows most names, not all: SENSORY_AGENT_FULL=1 asks with eight
// pairs of names, of which six must be answered with the right one.
func TestSmolLM2KnowsWhatWasSaid(t *testing.T) {
	m := openSmolLM2(t)
	cache := m.NewPromptCache()
	closeAfter(t, cache)
	asked, right := 0, 0
	for _, who := range []string{"User", "Visitor", "Guest", "human"} {
		for _, name := range []string{"Ada", "Tom"} {
			if asked > 0 && os.Getenv("SENSORY_AGENT_FULL") == "" {
				continue
			}
			asked++
			for _, history := range []bool{true, false} {
				v := newVisit(t, cache, m.Traits(), prompt.Limits{Answer: 64, NoTranscript: !history}, who)
				first := v.say("My name is "+name+".", 32)
				got := v.say("What is my name?", 32)
				t.Logf("%s, %s, history %v: %q, then %q; %d of %d tokens reused", who, name, history, first.Text, got.Text, got.Reused, got.PromptTokens)
				switch knows := strings.Contains(got.Text, name); {
				case knows && !history:
					t.Errorf("it says %q without having been told", got.Text)
				case knows:
					right++
				}
			}
		}
	}
	if right*4 < asked*3 {
		t.Errorf("%d of %d names were known", right, asked)
	}
}

// TestSmolLM2ReusesTheConversation talks for ten turns: of the tenth prompt, at least nine tenths
// are kept, and the answer is what a fresh call says.
func TestSmolLM2ReusesTheConversation(t *testing.T) {
	m := openSmolLM2(t)
	cache := m.NewPromptCache()
	closeAfter(t, cache)
	v := newVisit(t, cache, m.Traits(), prompt.Limits{Answer: 64}, "Ada")
	var last prompt.Result
	for turn, text := range []string{
		"Hello, I am Ada.", "What do tulips need?", "And roses?", "Which one is easier?", "I have a small garden.", "It is in the shade.",
		"What grows there?", "How often do I water it?", "And in winter?", "Thank you. What should I do first?",
	} {
		last = v.say(text, 16)
		t.Logf("turn %d: %q, %d of %d tokens reused, first token after %v", turn+1, last.Text, last.Reused, last.PromptTokens, last.FirstToken)
		if v.broken != nil {
			t.Errorf("turn %d: %v", turn+1, v.broken)
		}
		if turn > 0 && last.PromptTokens-last.Reused > 40 {
			t.Errorf("turn %d: %d tokens were computed again", turn+1, last.PromptTokens-last.Reused)
		}
	}
	if r := (context.Reuse{Reused: last.Reused, Prompt: last.PromptTokens}); r.Ratio() < 0.9 {
		t.Error(r)
	}
	if need := m.PromptCacheBytes(last.PromptTokens + last.Tokens); cache.Bytes() < need || cache.Bytes() > need*3/2 {
		t.Errorf("the cache has %d bytes, %d are needed", cache.Bytes(), need)
	}
	p, err := v.talk.Ask(time.Time{}, v.asked, prompt.Tail{})
	if err != nil {
		t.Fatal(err)
	}
	fresh := answer(t, m, prompt.Request{Messages: p.Messages, MaxTokens: 16})
	if !slices.Equal(fresh.IDs, last.IDs) {
		t.Errorf("with the cache %v, without %v", last.IDs, fresh.IDs)
	}
}
