package generate_test

import (
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// gridTalk is a conversation with what transformers.js makes of it (testdata/qwenvl/make.mjs).
type gridTalk struct {
	Messages []struct {
		Role   string   `json:"role"`
		Text   string   `json:"text"`
		Images []string `json:"images"`
	} `json:"messages"`
	Prompt    []int     `json:"prompt"`
	Positions [][]int64 `json:"positions"`
	IDs       []int     `json:"ids"`
	Margin    float64   `json:"margin"` // smallest distance of the two best scores
}

// gridWorld is a folder of the Qwen VL family with its vision encoder and its golden conversations.
type gridWorld struct {
	*generate.Model
	talks  []gridTalk
	images map[string]generate.Image
}

const (
	gridFolder  = "testdata/qwenvl"
	gridPatches = "../../vision/testdata/patches" // pixel values of the reference image processor
)

// openGrids opens a folder, and encodes every picture that its conversations show.
func openGrids(t *testing.T, name string, opt generate.Options) *gridWorld {
	t.Helper()
	folder := filepath.Join(gridFolder, name)
	w := &gridWorld{Model: openModel(t, generate.Dir(folder), opt), images: map[string]generate.Image{}}
	if err := json.Unmarshal(read(t, filepath.Join("qwenvl", name, "golden.json")), &w.talks); err != nil {
		t.Fatal(err)
	}
	if len(w.talks) < 11 {
		t.Fatalf("only %d conversations", len(w.talks))
	}
	session, err := openRuntime(t).Load(t.Context(), ort.Source{Path: filepath.Join(folder, "onnx", "vision_encoder.onnx")}, ort.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, session)
	data, err := os.ReadFile(filepath.Join(gridPatches, "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name  string  `json:"name"`
		Grid  []int64 `json:"grid"`
		Shape []int64 `json:"shape"`
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Shape[1] == 96 { // of this model's patches
			w.images[c.Name] = encode(t, session, c.Name, c.Grid, c.Shape)
		}
	}
	return w
}

// encode runs the vision encoder over a picture's patches.
func encode(t *testing.T, session *ort.Session, name string, grid, shape []int64) generate.Image {
	t.Helper()
	file, err := os.Open(filepath.Join(gridPatches, name+".f32.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float32, shape[0]*shape[1])
	if err := binary.Read(unpacked, binary.LittleEndian, values); err != nil {
		t.Fatal(err)
	}
	pixels, err := ort.Float32(shape, values)
	if err != nil {
		t.Fatal(err)
	}
	defer pixels.Close()
	places, err := ort.Int64([]int64{1, 3}, grid)
	if err != nil {
		t.Fatal(err)
	}
	defer places.Close()
	out := []ort.Tensor{nil}
	if err := session.Run(t.Context(), []ort.Tensor{pixels, places}, out); err != nil {
		t.Fatal(err)
	}
	defer out[0].Close()
	return generate.Image{
		Features: slices.Clone(out[0].Float32s()), Tokens: int(out[0].Shape()[0]), Hidden: int(out[0].Shape()[1]),
		Grid: generate.Grid{T: int(grid[0]), H: int(grid[1]) / 2, W: int(grid[2]) / 2},
	}
}

// messages builds a conversation.
func (w *gridWorld) messages(talk *gridTalk) []prompt.Message {
	list := make([]prompt.Message, len(talk.Messages))
	for i, m := range talk.Messages {
		list[i] = prompt.Message{Role: prompt.Role(m.Role), Text: m.Text}
		for _, name := range m.Images {
			list[i].Parts = append(list[i].Parts, w.images[name])
		}
	}
	return list
}

// TestGridsEqualReference compares prompts, positions and greedy answers with the reference, token
// by token: for text, for pictures of several shapes, several of them, and later turns; with the
// prompt in one run and in pieces that cut pictures, without a cache and with one that holds the
// conversation before, and with keys and values copied and appended.
func TestGridsEqualReference(t *testing.T) {
	for _, c := range []struct{ name, variant string }{{"qwen2_vl", ""}, {"qwen3_vl", ""}, {"qwen3_vl", "_gqa"}} {
		t.Run(c.name+c.variant, func(t *testing.T) {
			for _, chunk := range []int{0, 1, 7} {
				w := openGrids(t, c.name, generate.Options{Chunk: chunk, Variant: c.variant})
				if appends := c.variant != ""; w.Appends() != appends {
					t.Errorf("appends: %v", w.Appends())
				}
				w.compare(t, chunk)
			}
		})
	}
}

// compare holds the model to all its conversations.
func (w *gridWorld) compare(t *testing.T, chunk int) {
	t.Helper()
	cache := w.NewPromptCache()
	closeAfter(t, cache)
	for i, talk := range w.talks {
		messages := w.messages(&talk)
		ids, axes, err := w.Positions(messages)
		if err != nil || !slices.Equal(ids, talk.Prompt) {
			t.Fatalf("talk %d: prompt (%v)\n got %v\nwant %v", i, err, ids, talk.Prompt)
		}
		for axis, want := range talk.Positions {
			if !slices.Equal(axes[axis], want) {
				t.Errorf("talk %d: positions on axis %d\n got %v\nwant %v", i, axis, axes[axis], want)
			}
		}
		for _, by := range []generator{w, cache, cache} {
			got := answer(t, by, prompt.Request{Messages: messages, MaxTokens: 48})
			if !slices.Equal(got.IDs, talk.IDs) {
				t.Errorf("chunk %d, by %T, talk %d, reused %d:\n got %v\nwant %v", chunk, by, i, got.Reused, got.IDs, talk.IDs)
			}
		}
	}
}

// TestGridsOnADevice answers the same conversations with features in the memory of a session and
// everything where a device would have it.
func TestGridsOnADevice(t *testing.T) {
	if onCUDA() {
		t.Skip("features are written through memory of the processor; the other tests run on the device itself")
	}
	for _, name := range []string{"qwen2_vl", "qwen3_vl"} {
		w := openGrids(t, name, generate.Options{Chunk: 9})
		w.AsOnDevice()
		for i, talk := range w.talks {
			got := answer(t, w.Model, prompt.Request{Messages: newShelf(t).put(t, w.messages(&talk), false), MaxTokens: 48})
			if !slices.Equal(got.IDs, talk.IDs) {
				t.Errorf("%s, talk %d:\n got %v\nwant %v", name, i, got.IDs, talk.IDs)
			}
		}
	}
}

// TestGridsAreReused keeps a conversation with two pictures in a cache: each turn, whose prompt
// begins like the last one and its answer, is computed from where it differs, and says what a fresh
// call says.
func TestGridsAreReused(t *testing.T) {
	for _, name := range []string{"qwen2_vl", "qwen3_vl"} {
		w := openGrids(t, name, generate.Options{Chunk: 5})
		cache := w.NewPromptCache()
		closeAfter(t, cache)
		talk := user("what do you see?", w.images["wide"])
		for turn, next := range []prompt.Message{
			{Role: prompt.User, Text: "are you sure?"},
			{Role: prompt.User, Text: "and here?", Parts: []prompt.Part{w.images["tall"]}},
			{Role: prompt.User, Text: "which is higher?"},
		} {
			want := answer(t, w.Model, prompt.Request{Messages: talk, MaxTokens: 6})
			got := answer(t, cache, prompt.Request{Messages: talk, MaxTokens: 6})
			if !slices.Equal(got.IDs, want.IDs) {
				t.Errorf("%s, turn %d: with the cache %v, without %v", name, turn, got.IDs, want.IDs)
			}
			if turn > 0 && got.Reused < 60 { // the picture's tokens at least
				t.Errorf("%s, turn %d: %d tokens reused", name, turn, got.Reused)
			}
			talk = append(talk, prompt.Message{Role: prompt.Assistant, Text: "A disc."}, next)
		}
	}
}

// TestGridIsPartOfAPicture shows the same features in two grids: nothing of one may be taken for
// the other.
func TestGridIsPartOfAPicture(t *testing.T) {
	w := openGrids(t, "qwen3_vl", generate.Options{})
	cache := w.NewPromptCache()
	closeAfter(t, cache)
	upright, lying := w.images["exact"], w.images["exact"]
	lying.Grid.H, lying.Grid.W = upright.Grid.W, upright.Grid.H
	first := answer(t, cache, prompt.Request{Messages: user("what do you see?", upright), MaxTokens: 16})
	second := answer(t, cache, prompt.Request{Messages: user("what do you see?", lying), MaxTokens: 16})
	fresh := answer(t, w.Model, prompt.Request{Messages: user("what do you see?", lying), MaxTokens: 16})
	if !slices.Equal(second.IDs, fresh.IDs) || second.Reused > 6 {
		t.Errorf("reused %d tokens and said %v, fresh %v", second.Reused, second.IDs, fresh.IDs)
	}
	if slices.Equal(first.IDs, second.IDs) {
		t.Errorf("both grids give %v: positions do not matter to this model", first.IDs)
	}
}
