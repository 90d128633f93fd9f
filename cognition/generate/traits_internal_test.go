package generate

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// shape is a chat template with its tokenizer, and what it is known to take.
type shape struct {
	files                            fs.FS
	instructions, history, userFirst bool
}

// shapes are all templates of the tests' data.
func shapes(tb testing.TB) map[string]shape {
	tb.Helper()
	out := map[string]shape{
		"calibration": {os.DirFS("../../models/calibration/weights"), false, false, false},
		"idefics3":    {os.DirFS("testdata/idefics3"), true, true, false},
		"qwen2_vl":    {os.DirFS("testdata/qwenvl/qwen2_vl"), true, true, false},
		"qwen3_vl":    {os.DirFS("testdata/qwenvl/qwen3_vl"), true, true, false},
		"gemma3n":     {os.DirFS("testdata/gemma3n"), true, true, true},
		"thinking":    {written(tb, "testdata/templates/thinking.jinja"), true, true, false},
		"strict":      {written(tb, "testdata/templates/strict.jinja"), false, true, true},
	}
	for _, name := range []string{"smollm2", "smolvlm", "vision"} {
		out[name] = shape{written(tb, "../jinja/testdata/"+name+".jinja"), true, true, false}
	}
	return out
}

// written is a language model's folder with this template.
func written(tb testing.TB, file string) fs.FS {
	tb.Helper()
	template, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	tokens, err := os.ReadFile("tokenizer/testdata/bytelevel.json")
	if err != nil {
		tb.Fatal(err)
	}
	return fstest.MapFS{
		"config.json":         {Data: []byte(`{"model_type":"llama","vocab_size":1024,"eos_token_id":2,"max_position_embeddings":512}`)},
		"tokenizer.json":      {Data: tokens},
		"chat_template.jinja": {Data: template},
	}
}

// read opens the files of a model without its graphs, with a window.
func (s shape) read(tb testing.TB, window int) *Model {
	tb.Helper()
	m, err := readModel(s.files)
	if err != nil {
		tb.Fatal(err)
	}
	m.window = window
	return m
}

func TestTraitsAreReadFromTheTemplate(t *testing.T) {
	for name, s := range shapes(t) {
		got := s.read(t, 321).Traits()
		if got.Window != 321 || got.Instructions != s.instructions || got.History != s.history || got.UserFirst != s.userFirst {
			t.Errorf("%s: instructions %v, history %v, user first %v, window %d", name, got.Instructions, got.History, got.UserFirst, got.Window)
		}
		if got.Frame < 1 || got.Frame > 32 || got.Empty < 1 || got.Empty > 80 {
			t.Errorf("%s: %d tokens around a message, %d around all", name, got.Frame, got.Empty)
		}
	}
}

// words are what people and personas say in these tests.
const words = "yes, no. what is your name? Ada's tulips! 42 and a half (really) – naïve 花 <|im_end|> <think> \"so\""

// something says a few of them.
func something(random *rand.Rand) string {
	list := strings.Split(words, " ")
	var out []string
	for range 1 + random.IntN(8) {
		out = append(out, list[random.IntN(len(list))])
	}
	return strings.Join(out, " ")
}

// TestPrefixesStay holds conversations with every template and looks at the tokens from turn to
// turn: everything that was asked before, and every answer but the newest one, must stand where it
// stood.
func TestPrefixesStay(t *testing.T) {
	for name, s := range shapes(t) {
		if !s.history {
			continue
		}
		t.Run(name, func(t *testing.T) {
			m := s.read(t, 1<<20)
			who := prompt.Persona{Name: "Iris"}
			if s.instructions {
				who.Instructions = "You are Iris. Be kind."
			}
			c, err := prompt.NewConversation(who, m.Traits(), prompt.Limits{Answer: 100})
			if err != nil {
				t.Fatal(err)
			}
			random := rand.New(rand.NewPCG(1, 2))
			var before []int
			head := 0
			for turn := range uint64(40) {
				line := prompt.Line{Seq: 3 * turn, Speaker: "Ada", Text: something(random)}
				c.Append(time.Time{}, line)
				if turn%3 == 1 {
					line = prompt.Line{Seq: 3*turn + 1, Speaker: "Bob", Text: something(random)}
					c.Append(time.Time{}, line)
				}
				p, err := c.Ask(time.Time{}, line, prompt.Tail{})
				if err != nil {
					t.Fatal(err)
				}
				ids, err := m.Prompt(p.Messages)
				if err != nil {
					t.Fatal(err)
				}
				same := 0
				for same < min(len(ids), len(before)) && ids[same] == before[same] {
					same++
				}
				if same < len(before)-head {
					t.Fatalf("turn %d: %d of %d tokens stand where they stood, of which %d are the head of the answer", turn, same, len(before), head)
				}
				bare, err := m.length(false, p.Messages...)
				if err != nil {
					t.Fatal(err)
				}
				before, head = ids, len(ids)-bare
				c.Append(time.Time{}, prompt.Line{Seq: 3*turn + 2, Own: true, Text: something(random), Cut: turn%5 == 4})
			}
		})
	}
}

// TestBoundsHold compares the bound of prompts with their length, for every template.
func TestBoundsHold(t *testing.T) {
	for name, s := range shapes(t) {
		t.Run(name, func(t *testing.T) {
			m := s.read(t, 1<<20)
			rapid.Check(t, func(t *rapid.T) {
				who := prompt.Persona{Name: rapid.StringN(1, 5, 9).Draw(t, "name")}
				if s.instructions && rapid.Bool().Draw(t, "prompt") {
					who.Instructions = rapid.StringN(1, 30, 40).Draw(t, "instructions")
				}
				who.Memory = rapid.StringN(0, 20, 30).Draw(t, "memory")
				c, err := prompt.NewConversation(who, m.Traits(), prompt.Limits{Answer: 10})
				if err != nil {
					t.Fatal(err)
				}
				lines := uint64(rapid.IntRange(1, 8).Draw(t, "lines"))
				var line prompt.Line
				for seq := range lines {
					line = prompt.Line{
						Seq: seq, Own: seq+1 < lines && rapid.Bool().Draw(t, "own"), Speaker: rapid.StringN(0, 3, 9).Draw(t, "speaker"),
						Text: "a " + rapid.StringN(0, 20, 40).Draw(t, "text"), Cut: rapid.Bool().Draw(t, "cut"),
					}
					c.Append(time.Time{}, line)
				}
				tail := prompt.Tail{Time: rapid.StringN(0, 5, 9).Draw(t, "time")}
				for range rapid.IntRange(0, 3).Draw(t, "others") {
					tail.Others = append(tail.Others, prompt.Line{
						Own: rapid.Bool().Draw(t, "own"), Speaker: rapid.StringN(0, 3, 9).Draw(t, "speaker"), Text: rapid.StringN(0, 20, 40).Draw(t, "text"),
					})
				}
				var parts []prompt.Part
				if part, ok := pictures()[name]; ok && rapid.Bool().Draw(t, "picture") {
					parts, m.hidden, tail.PartTokens = append(parts, part), part.Hidden, m.PartTokens(part)
				}
				p, err := c.Ask(time.Time{}, line, tail)
				if err != nil {
					t.Fatal(err)
				}
				if n, err := m.PromptTokens(p.With(parts...)); err != nil || n > p.Tokens {
					t.Fatalf("%d tokens, bound %d (%v)", n, p.Tokens, err)
				}
			})
		})
	}
}

// pictures are for the models that see.
func pictures() map[string]Image {
	return map[string]Image{
		"idefics3": {Tokens: 4, Hidden: 32, Features: make([]float32, 4*32)},
		"gemma3n":  {Tokens: 4, Hidden: 24, Features: make([]float32, 4*24)},
		"qwen2_vl": {Tokens: 4, Hidden: 32, Grid: Grid{T: 1, H: 2, W: 2}, Features: make([]float32, 4*32)},
	}
}

// TestPartTokensAreABound puts pictures and sound into prompts.
func TestPartTokensAreABound(t *testing.T) {
	for name, parts := range map[string][]prompt.Part{
		"idefics3": {Image{Tokens: 4, Hidden: 32, Features: make([]float32, 4*32)}, Image{Tokens: 4, Hidden: 32, Rows: 2, Cols: 2, Features: make([]float32, 5*4*32)}},
		"gemma3n":  {Image{Tokens: 4, Hidden: 24, Features: make([]float32, 4*24)}, Audio{Tokens: 6, Hidden: 24, Features: make([]float32, 6*24)}},
		"qwen2_vl": {Image{Tokens: 4, Hidden: 32, Grid: Grid{T: 1, H: 2, W: 2}, Features: make([]float32, 4*32)}},
	} {
		m := shapes(t)[name].read(t, 512)
		for i, part := range parts {
			if image, ok := part.(Image); ok {
				m.hidden = image.Hidden
			}
			question := said(prompt.User, "what is it?")
			without, err := m.PromptTokens([]prompt.Message{question})
			if err != nil {
				t.Fatal(err)
			}
			question.Parts = []prompt.Part{part}
			with, err := m.PromptTokens([]prompt.Message{question})
			if err != nil {
				t.Fatal(err)
			}
			if bound := m.PartTokens(part); bound < with-without || bound > with-without+3 {
				t.Errorf("%s, part %d: %d tokens, bound %d", name, i, with-without, bound)
			}
		}
	}
	blind := shapes(t)["smollm2"].read(t, 512)
	for _, part := range []prompt.Part{Image{Tokens: 4}, Audio{Tokens: 4}, nil} {
		if n := blind.PartTokens(part); n != 0 {
			t.Errorf("%T has %d tokens for a model that does not take it", part, n)
		}
	}
}

// BenchmarkPrompt10000Lines renders and encodes a conversation of ten thousand lines.
func BenchmarkPrompt10000Lines(b *testing.B) {
	m := shapes(b)["idefics3"].read(b, 1<<20)
	c, err := prompt.NewConversation(prompt.Persona{Name: "Iris", Instructions: "Be kind."}, m.Traits(), prompt.Limits{Answer: 100})
	if err != nil {
		b.Fatal(err)
	}
	var line prompt.Line
	for i := range uint64(10_000) {
		line = prompt.Line{Seq: i, Own: i%3 == 1, Speaker: "Ada", Text: fmt.Sprintf("What is the name of flower %d on the table?", i)}
		c.Append(time.Time{}, line)
	}
	b.ReportAllocs()
	for b.Loop() {
		p, err := c.Ask(time.Time{}, line, prompt.Tail{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := m.Prompt(p.Messages); err != nil {
			b.Fatal(err)
		}
	}
}
