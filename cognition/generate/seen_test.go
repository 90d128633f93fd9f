package generate_test

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// TestWhatStandsBeforeAPictureIsReused holds conversations of several people with personas that see
// something new with every question: what was said before the picture is not computed again, and
// every answer is, token by token, what a model without a cache says.
func TestWhatStandsBeforeAPictureIsReused(t *testing.T) {
	for name, c := range map[string]struct {
		files  fs.FS
		chunk  int
		device bool
		tokens int
		grid   generate.Grid
	}{
		"idefics3":            {os.DirFS("testdata/idefics3"), 0, false, 4, generate.Grid{}},
		"idefics3, in pieces": {os.DirFS("testdata/idefics3"), 3, false, 4, generate.Grid{}},
		"idefics3, device":    {os.DirFS("testdata/idefics3"), 0, true, 4, generate.Grid{}},
		"qwen2_vl":            {generate.Dir("testdata/qwenvl/qwen2_vl"), 0, false, 6, generate.Grid{T: 1, H: 2, W: 3}},
		"qwen3_vl, in pieces": {generate.Dir("testdata/qwenvl/qwen3_vl"), 5, false, 6, generate.Grid{T: 1, H: 3, W: 2}},
		"gemma3n":             {generate.Dir("testdata/gemma3n"), 0, false, gemmaImage, generate.Grid{}},
	} {
		t.Run(name, func(t *testing.T) {
			m := openModel(t, c.files, generate.Options{Chunk: c.chunk})
			if c.device {
				m.AsOnDevice()
			}
			cache := m.NewPromptCache()
			closeAfter(t, cache)
			talk, err := prompt.NewConversation(prompt.Persona{Name: "Iris", Instructions: "be kind", Memory: "ada likes tea"}, m.Traits(), prompt.Limits{Answer: 8})
			if err != nil {
				t.Fatal(err)
			}
			before := 0 // tokens in front of the last picture
			for turn, line := range []prompt.Line{
				{Speaker: "Ada", Text: "what is this?"},
				{Own: true, Text: "a disc."},
				{Speaker: "Bob", Text: "what else?"},
				{Own: true, Text: "a cup."},
				{Speaker: "Ada", Text: "and here?"},
				{Speaker: "Ada", Text: "and now?"}, // in one message with the line before
			} {
				line.Seq = uint64(turn)
				talk.Append(time.Time{}, line)
				if line.Own {
					continue
				}
				picture := noise(m, c.tokens, turn)
				picture.Grid = c.grid
				p, err := talk.Ask(time.Time{}, line, prompt.Tail{PartTokens: m.PartTokens(picture)})
				if err != nil {
					t.Fatal(err)
				}
				req := prompt.Request{Messages: p.With(picture), MaxTokens: 6}
				want, got := answer(t, m, req), answer(t, cache, req)
				if !slices.Equal(got.IDs, want.IDs) || len(got.IDs) == 0 {
					t.Errorf("turn %d: with the cache %v, without %v", turn, got.IDs, want.IDs)
				}
				if got.PromptTokens > p.Tokens {
					t.Errorf("turn %d: %d tokens, bound %d", turn, got.PromptTokens, p.Tokens)
				}
				if got.Reused < before-3 { // what stands around the picture goes with it
					t.Errorf("turn %d: %d tokens reused, %d stood before the picture", turn, got.Reused, before)
				}
				if again := answer(t, cache, req); again.Reused != again.PromptTokens-1 || !slices.Equal(again.IDs, want.IDs) {
					t.Errorf("turn %d: of the same prompt %d of %d tokens reused", turn, again.Reused, again.PromptTokens)
				}
				ids, err := m.Prompt(req.Messages)
				if err != nil {
					t.Fatal(err)
				}
				if before = slices.IndexFunc(ids, m.Placeholder); before < 0 {
					t.Fatal("there is no picture in the prompt")
				}
				t.Logf("turn %d: %d of %d tokens reused, %d stand before the picture", turn, got.Reused, got.PromptTokens, before)
			}
			if before < 60 {
				t.Errorf("only %d tokens stand before the last picture", before)
			}
		})
	}
}

// TestTemplatesThatTakePicturesInFront get them there, wherever they would stand: the text is the
// same, and so is the number of pictures.
func TestTemplatesThatTakePicturesInFront(t *testing.T) {
	files := changeable(t, "testdata/idefics3")
	files["chat_template.jinja"].Data = []byte(`<|im_start|>{% for m in messages %}{{ m['role'] }}:` +
		`{% for p in m['content'] %}{% if p['type'] == 'image' %}<image>{% endif %}{% endfor %}` +
		`{% for p in m['content'] %}{% if p['type'] == 'text' %}[{{ p['text'] }}]{% endif %}{% endfor %}{% endfor %}`)
	front, within := openModel(t, files, generate.Options{}), openModel(t, os.DirFS("testdata/idefics3"), generate.Options{})
	message := user("ada: so<image>me tea\nbob: where?", noise(front, 4, 1))
	for _, m := range []*generate.Model{front, within} {
		message[0].Before = 0
		want, err := m.Prompt(message)
		if err != nil {
			t.Fatal(err)
		}
		message[0].Before = len("ada: so<image>me tea\n")
		got, err := m.Prompt(message)
		if err != nil {
			t.Fatal(err)
		}
		if same := slices.Equal(got, want); same != (m == front) {
			t.Errorf("within the text %v, in front of it %v", got, want)
		}
		if len(got) < len(want)-3 || len(got) > len(want)+3 { // of the text nothing is lost, nor obeyed
			t.Errorf("%d tokens, in front %d", len(got), len(want))
		}
	}
}

// TestEmptyPictureIsRefused where no file says how many tokens a picture has.
func TestEmptyPictureIsRefused(t *testing.T) {
	files := changeable(t, "testdata/idefics3")
	delete(files, "processor_config.json")
	m := openModel(t, files, generate.Options{})
	if _, err := m.Prompt(user("what is this?", noise(m, 1, 1))); err != nil {
		t.Error(err)
	}
	if _, err := m.Prompt(user("what is this?", noise(m, 0, 1))); !errors.Is(err, generate.ErrImage) {
		t.Errorf("no token: %v", err)
	}
}
