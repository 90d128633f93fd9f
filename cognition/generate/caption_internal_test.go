package generate

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

func TestCaptionsStandBetweenPictures(t *testing.T) {
	m, err := readModel(os.DirFS("testdata/idefics3"))
	if err != nil {
		t.Fatal(err)
	}
	m.hidden = 32
	image := Image{Tokens: 4, Hidden: 32, Features: make([]float32, 4*32)}
	ask := func(captions ...string) prompt.Message {
		message := prompt.Message{Role: prompt.User, Text: "What changed?"}
		for _, c := range captions {
			message.Parts = append(message.Parts, prompt.Caption(c), image)
		}
		return message
	}
	const picture = "<fake_token_around_image><global-img><image><image><image><image><fake_token_around_image>"
	message := ask("4 seconds ago:", "Now:")
	text := "<|im_start|>User: 4 seconds ago:" + picture + "Now:" + picture + "What changed?<end_of_utterance>\nAssistant:"
	want, err := m.tokens.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.preparePrompt([]prompt.Message{message})
	if err != nil || !slices.Equal(got.ids, want) || len(got.rows) != 8 {
		t.Errorf("%v, %d rows of features\n got %v\nwant %v", err, len(got.rows), got.ids, want)
	}
	need := 0
	for _, p := range message.Parts {
		need += m.PartTokens(p)
	}
	message.Parts = nil
	bare, err := m.preparePrompt([]prompt.Message{message})
	if err != nil || len(bare.ids)+need < len(want) {
		t.Errorf("%v: parts count as %d tokens, the prompt grew from %d to %d", err, need, len(bare.ids), len(want))
	}
	foreign := ask("<image>", "Now<fake_token_around_image>:")
	got, err = m.preparePrompt([]prompt.Message{foreign})
	if err != nil || len(got.rows) != 8 || foreign.Parts[0] != prompt.Caption("<image>") {
		t.Errorf("special tokens in a caption are obeyed: %v, %v", err, foreign.Parts[0])
	}
	m.template.within = false // a template that takes parts in front only
	got, err = m.preparePrompt([]prompt.Message{ask("4 seconds ago:", "Now:")})
	if err != nil {
		t.Fatal(err)
	}
	text = "<|im_start|>User:" + strings.Repeat(picture, 2) + "4 seconds ago:\nNow:\nWhat changed?<end_of_utterance>\nAssistant:"
	if want, err = m.tokens.Encode(text); err != nil || !slices.Equal(got.ids, want) {
		t.Errorf("%v\n got %v\nwant %v", err, got.ids, want)
	}
}
