package generate

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// TestPromptEqualsReference compares the token ids of whole prompts with those of the reference
// processor.
func TestPromptEqualsReference(t *testing.T) {
	m, err := readModel(os.DirFS("testdata/idefics3"))
	if err != nil {
		t.Fatal(err)
	}
	m.hidden = 32
	data, err := os.ReadFile(filepath.Join("testdata", "idefics3", "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var talks []struct {
		Messages []struct {
			Role   prompt.Role                `json:"role"`
			Text   string                     `json:"text"`
			Images []struct{ Rows, Cols int } `json:"images"`
		} `json:"messages"`
		Prompt []int `json:"prompt"`
	}
	if err := json.Unmarshal(data, &talks); err != nil {
		t.Fatal(err)
	}
	for i, talk := range talks {
		var messages []prompt.Message
		for _, x := range talk.Messages {
			message := prompt.Message{Role: x.Role, Text: x.Text}
			for _, im := range x.Images {
				image := Image{Tokens: 4, Hidden: 32, Rows: im.Rows, Cols: im.Cols}
				image.Features = make([]float32, image.tiles()*4*32)
				message.Parts = append(message.Parts, image)
			}
			messages = append(messages, message)
		}
		p, err := m.preparePrompt(messages)
		if err != nil || !slices.Equal(p.ids, talk.Prompt) {
			t.Errorf("talk %d: %v\n got %v\nwant %v", i, err, p.ids, talk.Prompt)
		}
	}
}
