package generate_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// referenceTalk is a conversation with what the reference implementation of Idefics3 makes of it
// (testdata/make.py).
type referenceTalk struct {
	Messages []struct {
		Role   string `json:"role"`
		Text   string `json:"text"`
		Images []struct {
			Rows int `json:"rows"`
			Cols int `json:"cols"`
			Seed int `json:"seed"`
		} `json:"images"`
	} `json:"messages"`
	Prompt  []int   `json:"prompt"`
	IDs     []int   `json:"ids"`       // PyTorch, float32
	Fp16    []int   `json:"ids_fp16"`  // the runtime's Python interface, float16 throughout
	Mixed   []int   `json:"ids_mixed"` // the same, float32 at both ends
	Smaller float64 `json:"margin"`    // smallest distance of the two best scores
}

// Shape of the model in testdata/make.py.
const (
	referenceHidden = 32
	referenceTokens = 4
)

// messages builds the conversation; features follow the formula in make.py.
func (r referenceTalk) messages() []prompt.Message {
	list := make([]prompt.Message, len(r.Messages))
	for i, m := range r.Messages {
		list[i] = prompt.Message{Role: prompt.Role(m.Role), Text: m.Text}
		for _, image := range m.Images {
			features := make([]float32, (image.Rows*image.Cols+1)*referenceTokens*referenceHidden)
			for k := range features {
				features[k] = float32((k*7919+image.Seed*104729)%2001-1000) / 1000
			}
			list[i].Parts = append(list[i].Parts, generate.Image{
				Features: features, Tokens: referenceTokens, Hidden: referenceHidden, Rows: image.Rows, Cols: image.Cols,
			})
		}
	}
	return list
}

// referenceTalks reads the golden conversations.
func referenceTalks(tb testing.TB) []referenceTalk {
	tb.Helper()
	var talks []referenceTalk
	if err := json.Unmarshal(read(tb, "idefics3/golden.json"), &talks); err != nil {
		tb.Fatal(err)
	}
	if len(talks) < 7 {
		tb.Fatalf("only %d conversations", len(talks))
	}
	return talks
}

// TestEqualsReference compares prompts and greedy answers, token by token, for text, single images,
// split images and several of them.
func TestEqualsReference(t *testing.T) {
	for _, variant := range []string{"", "_keep", "_fp16", "_mixed"} {
		t.Run("variant"+variant, func(t *testing.T) {
			for _, chunk := range []int{0, 7} {
				m := openModel(t, os.DirFS("testdata/idefics3"), generate.Options{Variant: variant, Chunk: chunk})
				cache := m.NewPromptCache()
				closeAfter(t, cache)
				for i, talk := range referenceTalks(t) {
					want := talk.IDs
					switch variant {
					case "_fp16":
						want = talk.Fp16
					case "_mixed":
						want = talk.Mixed
					}
					n, err := m.PromptTokens(talk.messages())
					if err != nil || n != len(talk.Prompt) {
						t.Errorf("talk %d: prompt of %d tokens, want %d (%v)", i, n, len(talk.Prompt), err)
					}
					for _, by := range []generator{m, cache} {
						got := answer(t, by, prompt.Request{Messages: talk.messages(), MaxTokens: 40})
						if !slices.Equal(got.IDs, want) {
							t.Errorf("chunk %d, by %T, talk %d:\n got %v\nwant %v", chunk, by, i, got.IDs, want)
						}
					}
				}
			}
		})
	}
}
