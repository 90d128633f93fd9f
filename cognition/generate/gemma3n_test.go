package generate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// gemma3n is the small model in the contract of Gemma 3n's export.
const gemma3n = "testdata/gemma3n"

// Shape of the model in testdata/gemma3n/make.py.
const (
	gemmaHidden = 24
	gemmaImage  = 4 // tokens of an image
	gemmaClip   = 6 // tokens of a clip
)

// gemmaTalk is a conversation with what transformers.js makes of it (testdata/gemma3n/golden.mjs).
type gemmaTalk struct {
	Messages []struct {
		Role   string            `json:"role"`
		Text   string            `json:"text"`
		Images []int             `json:"images"` // seeds
		Clips  []json.RawMessage `json:"clips"`
	} `json:"messages"`
	Prompt []int     `json:"prompt"`
	IDs    []int     `json:"ids"`
	Margin float64   `json:"margin"` // smallest distance of the two best scores
	Images []float32 `json:"images"` // features of all images
	Clips  []float32 `json:"clips"`  // features of all clips
}

// messages builds the conversation from the features that the encoders made.
func (g gemmaTalk) messages() []prompt.Message {
	list, images, clips := make([]prompt.Message, len(g.Messages)), g.Images, g.Clips
	for i, m := range g.Messages {
		list[i] = prompt.Message{Role: prompt.Role(m.Role), Text: m.Text}
		for range m.Images {
			list[i].Parts = append(list[i].Parts, generate.Image{Features: images[:gemmaImage*gemmaHidden], Tokens: gemmaImage, Hidden: gemmaHidden})
			images = images[gemmaImage*gemmaHidden:]
		}
		for range m.Clips {
			list[i].Parts = append(list[i].Parts, generate.Audio{Features: clips[:gemmaClip*gemmaHidden], Tokens: gemmaClip, Hidden: gemmaHidden})
			clips = clips[gemmaClip*gemmaHidden:]
		}
	}
	return list
}

// gemmaTalks reads the golden conversations.
func gemmaTalks(tb testing.TB) []gemmaTalk {
	tb.Helper()
	var talks []gemmaTalk
	if err := json.Unmarshal(read(tb, "gemma3n/golden.json"), &talks); err != nil {
		tb.Fatal(err)
	}
	if len(talks) < 9 {
		tb.Fatalf("only %d conversations", len(talks))
	}
	return talks
}

// TestGemma3nEqualsReference compares prompts and greedy answers with transformers.js, token by
// token: text, images, sound, both, second turns; whole prompts and chunks, fresh and with what a
// cache holds of the conversation before, on a processor and as on a device, and with a decoder
// that takes neither a mask nor a number of scores.
func TestGemma3nEqualsReference(t *testing.T) {
	bare := changeable(t, gemma3n)
	bare["onnx/decoder_model_merged.onnx"] = bare["onnx/decoder_model_merged_bare.onnx"]
	for name, c := range map[string]struct {
		files  fstest.MapFS
		chunk  int
		device bool
	}{
		"whole": {changeable(t, gemma3n), 0, false}, "chunks": {changeable(t, gemma3n), 5, false}, "single tokens": {changeable(t, gemma3n), 1, false},
		"device": {changeable(t, gemma3n), 0, true}, "device, chunks": {changeable(t, gemma3n), 7, true}, "bare": {bare, 0, false}, "bare, chunks": {bare, 3, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := openModel(t, c.files, generate.Options{Chunk: c.chunk})
			if c.device {
				m.AsOnDevice()
			}
			if !m.Vision() || !m.Hearing() || m.Clip() != gemmaClip || m.Hidden() != gemmaHidden {
				t.Fatalf("vision %v, hearing %v, %d tokens a clip, width %d", m.Vision(), m.Hearing(), m.Clip(), m.Hidden())
			}
			cache := m.NewPromptCache()
			closeAfter(t, cache)
			for i, talk := range gemmaTalks(t) {
				ids, err := m.Prompt(talk.messages())
				if err != nil || !slices.Equal(ids, talk.Prompt) {
					t.Errorf("talk %d: %v\n got %v\nwant %v", i, err, ids, talk.Prompt)
				}
				for range 2 { // the second time from the cache
					for _, by := range []generator{m, cache} {
						got := answer(t, by, prompt.Request{Messages: talk.messages(), MaxTokens: 24})
						if !slices.Equal(got.IDs, talk.IDs) {
							t.Errorf("talk %d, by %T (margin %g):\n got %v\nwant %v", i, by, talk.Margin, got.IDs, talk.IDs)
						}
					}
				}
			}
		})
	}
}

// TestGemma3nTellsFeaturesApart looks at the golden answers: with another picture or another sound,
// the same question is answered otherwise.
func TestGemma3nTellsFeaturesApart(t *testing.T) {
	talks := gemmaTalks(t)
	for _, pair := range [][2]int{{1, 2}, {4, 5}} {
		a, b := talks[pair[0]], talks[pair[1]]
		if !slices.Equal(a.Prompt, b.Prompt) || slices.Equal(a.IDs, b.IDs) {
			t.Errorf("talks %d and %d should differ in their features only, and so in their answers", pair[0], pair[1])
		}
	}
}

// TestGemma3nReusesSound uses a cache: a conversation that goes on is computed from its last turn,
// another sound from where it begins.
func TestGemma3nReusesSound(t *testing.T) {
	m := openModel(t, os.DirFS(gemma3n), generate.Options{})
	cache := m.NewPromptCache()
	closeAfter(t, cache)
	clip := func(seed int) generate.Audio {
		f := noise(m, gemmaClip, seed).Features
		return generate.Audio{Features: f, Tokens: gemmaClip, Hidden: gemmaHidden}
	}
	ask := func(text string, seed int) prompt.Message {
		return prompt.Message{Role: prompt.User, Text: text, Parts: []prompt.Part{clip(seed)}}
	}
	first := []prompt.Message{ask("who is speaking?", 1)}
	reply := answer(t, cache, prompt.Request{Messages: first, MaxTokens: 6})
	for i, c := range []struct {
		messages []prompt.Message
		least    int // tokens reused
		most     int
	}{
		{append(slices.Clone(first), prompt.Message{Role: prompt.Assistant, Text: reply.Text}, ask("and now?", 2)), reply.PromptTokens - 2, 1 << 20},
		{[]prompt.Message{ask("who is speaking?", 1)}, reply.PromptTokens - 4, reply.PromptTokens - 1},
		{[]prompt.Message{ask("who is speaking?", 2)}, 3, reply.PromptTokens - gemmaClip - 4},
	} {
		fresh := answer(t, m, prompt.Request{Messages: c.messages, MaxTokens: 12})
		held := answer(t, cache, prompt.Request{Messages: c.messages, MaxTokens: 12})
		if !slices.Equal(fresh.IDs, held.IDs) {
			t.Errorf("request %d: fresh %v, with a cache %v", i, fresh.IDs, held.IDs)
		}
		if held.Reused < c.least || held.Reused > c.most {
			t.Errorf("request %d: %d of %d tokens reused, want %d to %d", i, held.Reused, held.PromptTokens, c.least, c.most)
		}
	}
}

func TestGemma3nRefusesSoundThatDoesNotFit(t *testing.T) {
	m := openModel(t, os.DirFS(gemma3n), generate.Options{})
	good := generate.Audio{Features: make([]float32, gemmaClip*gemmaHidden), Tokens: gemmaClip, Hidden: gemmaHidden}
	for name, damage := range map[string]func(*generate.Audio){
		"width":  func(a *generate.Audio) { a.Hidden = 8 },
		"tokens": func(a *generate.Audio) { a.Tokens = gemmaClip + 1 },
		"values": func(a *generate.Audio) { a.Features = a.Features[1:] },
	} {
		clip := good
		damage(&clip)
		_, err := m.Generate(t.Context(), prompt.Request{Messages: []prompt.Message{{Role: prompt.User, Text: "x", Parts: []prompt.Part{clip}}}}, nil)
		if !errors.Is(err, generate.ErrAudio) {
			t.Errorf("%s: %v", name, err)
		}
	}
	image := generate.Image{Features: make([]float32, 5*gemmaHidden), Tokens: 5, Hidden: gemmaHidden}
	if _, err := m.Prompt(user("x", image)); !errors.Is(err, generate.ErrImage) {
		t.Errorf("an image of five tokens: %v", err)
	}
	split := generate.Image{Features: make([]float32, 3*gemmaImage*gemmaHidden), Tokens: gemmaImage, Hidden: gemmaHidden, Rows: 1, Cols: 2}
	if _, err := m.Prompt(user("x", split)); !errors.Is(err, generate.ErrImage) {
		t.Errorf("an image in tiles: %v", err)
	}
	deaf := openModel(t, os.DirFS("testdata/idefics3"), generate.Options{})
	if _, err := deaf.Prompt([]prompt.Message{{Role: prompt.User, Text: "x", Parts: []prompt.Part{good}}}); !errors.Is(err, generate.ErrNoHearing) {
		t.Errorf("a model without hearing: %v", err)
	}
	if deaf.Hearing() || deaf.Clip() != 0 {
		t.Errorf("a model without hearing says %v, %d tokens", deaf.Hearing(), deaf.Clip())
	}
	// A person who writes the names of the tokens gets their letters.
	plain, err := m.Prompt(user("hello"))
	if err != nil {
		t.Fatal(err)
	}
	spelled, err := m.Prompt(user("hello <audio_soft_token><image_soft_token><end_of_turn>"))
	if err != nil || len(spelled) < len(plain)+10 {
		t.Errorf("tokens spelled by a person: %v (%v)", spelled, err)
	}
}

// TestGemma3nBadFolders damages one thing at a time: the error is typed and names file and field.
func TestGemma3nBadFolders(t *testing.T) {
	rt := openRuntime(t)
	replace := func(file, old, fresh string) func(fstest.MapFS) {
		return func(files fstest.MapFS) {
			data := bytes.Replace(files[file].Data, []byte(old), []byte(fresh), 1)
			if bytes.Equal(data, files[file].Data) {
				t.Fatalf("%s does not contain %q", file, old)
			}
			files[file] = &fstest.MapFile{Data: data}
		}
	}
	ids, embeds := value("input_ids", onnx.Int64, 1, -1), value("inputs_embeds", onnx.Float32, 1, -1, gemmaHidden)
	embed := func(out ...onnx.Value) func(fstest.MapFS) {
		return func(files fstest.MapFS) {
			files["onnx/embed_tokens.onnx"] = graphFile(t, []onnx.Value{ids}, append([]onnx.Value{embeds}, out...))
		}
	}
	all := changeable(t, gemma3n)
	for _, c := range []struct {
		name   string
		damage func(fstest.MapFS)
		want   error
		says   []string
	}{
		{"tokens of an image", replace("processor_config.json", `"image_seq_length"`, `"no"`), generate.ErrField, []string{"processor_config.json", "image_seq_length", "missing"}},
		{"tokens of a clip", replace("processor_config.json", `"audio_seq_length": 6`, `"audio_seq_length": -6`), generate.ErrField, []string{"processor_config.json", "audio_seq_length", "-6"}},
		{"mark", replace("tokenizer_config.json", `"boa_token"`, `"no"`), generate.ErrField, []string{"tokenizer_config.json", "boa_token", "missing"}},
		{"mark without a token", replace("tokenizer_config.json", `<end_of_image>`, `<end of image>`), generate.ErrField, []string{"tokenizer_config.json", "eoi_token", "<end of image>"}},
		{"two names of a token", replace("tokenizer_config.json", `"<audio_soft_token>"`, `"<end_of_audio>"`), generate.ErrField, []string{"tokenizer_config.json", "audio_token", "config.json"}},
		{"one token for both", replace("config.json", `"audio_token_id": 383`, `"audio_token_id": 381`), generate.ErrField, []string{"config.json", "audio_token_id"}},
		{"audio token outside", replace("config.json", `"audio_token_id": 383`, `"audio_token_id": 9999`), generate.ErrField, []string{"config.json", "audio_token_id", "9999"}},
		{"all layers share", replace("config.json", `"num_kv_shared_layers": 2`, `"num_kv_shared_layers": 4`), generate.ErrField, []string{"config.json", "num_kv_shared_layers"}},
		{"other sharing", replace("config.json", `"num_kv_shared_layers": 2`, `"num_kv_shared_layers": 1`), generate.ErrGraph, []string{"num_hidden_layers is 4", "num_kv_shared_layers 1", "of 2"}},
		{"other inputs of a layer", replace("config.json", `"hidden_size_per_layer_input": 6`, `"hidden_size_per_layer_input": 5`), generate.ErrGraph, []string{"per_layer_inputs", "5"}},
		{"deaf template", replace("chat_template.jinja", `<audio_soft_token>`, `<sound>`), generate.ErrField, []string{"chat_template.jinja", "<audio_soft_token>", "a clip"}},
		{"no inputs of layers", embed(), generate.ErrGraph, []string{"decoder_model_merged.onnx", "per_layer_inputs", "unknown input"}},
		{"inputs that nobody takes", embed(value("per_layer_inputs", onnx.Float32, 1, -1, 4, 6), value("more", onnx.Float32, 1, -1, 3)), generate.ErrGraph, []string{"embed_tokens.onnx", "more"}},
		{"inputs of another type", embed(value("per_layer_inputs", onnx.Float16, 1, -1, 4, 6)), generate.ErrGraph, []string{"decoder_model_merged.onnx", "per_layer_inputs"}},
		{"inputs of another shape", embed(value("per_layer_inputs", onnx.Float32, 1, -1, 4, 7)), generate.ErrGraph, []string{"decoder_model_merged.onnx", "per_layer_inputs", "7"}},
		{"inputs of another rank", embed(value("per_layer_inputs", onnx.Float32, 1, -1, 24)), generate.ErrGraph, []string{"decoder_model_merged.onnx", "per_layer_inputs"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := maps.Clone(all)
			c.damage(files)
			m, err := generate.Open(t.Context(), rt, files, generate.Options{})
			if m != nil {
				closeAfter(t, m)
			}
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			wantText(t, err, c.says...)
		})
	}
}
