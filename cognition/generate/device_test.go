package generate_test

import (
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// shelf makes memory as a vision encoder's session does.
type shelf struct{ session *ort.Session }

func newShelf(t *testing.T) shelf {
	t.Helper()
	rt := openRuntime(t)
	opt := ort.Options{}
	if onCUDA() {
		opt.Provider = ort.CUDA
	}
	s, err := rt.Load(t.Context(), ort.Source{Path: calibration + "/onnx/embed_tokens.onnx"}, opt)
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, s)
	return shelf{s}
}

// put moves the features of all images into such memory, in float32 or rounded to float16.
func (s shelf) put(t *testing.T, messages []prompt.Message, half bool) []prompt.Message {
	t.Helper()
	for i := range messages {
		for k, part := range messages[i].Parts {
			image := part.(generate.Image)
			kind := ort.TypeFloat32
			if half {
				kind = ort.TypeFloat16
			}
			memory, err := s.session.Allocate(kind, len(image.Features))
			if err != nil {
				t.Fatal(err)
			}
			closeAfter(t, memory)
			view, err := memory.Tensor(0, int64(len(image.Features)))
			if err != nil {
				t.Fatal(err)
			}
			if half {
				copy(view.Float16s(), generate.Halves(image.Features))
			} else {
				copy(view.Float32s(), image.Features)
			}
			if err := view.Close(); err != nil {
				t.Fatal(err)
			}
			image.Device, image.Features, image.Key = memory, nil, uint64(1+10*i+k)
			messages[i].Parts[k] = image
		}
	}
	return messages
}

// TestDevicePathsEqualReference answers the reference's conversations with everything where a
// device would have it: features handed over in a session's memory or from here, embeddings merged
// by a graph, scores of a prompt left where they are.
func TestDevicePathsEqualReference(t *testing.T) {
	if onCUDA() {
		t.Skip("features are written through memory of the processor; the other tests run on the device itself")
	}
	for _, c := range []struct {
		variant string
		chunk   int
		lent    bool // features in a session's memory
		half    bool
		all     bool // scores of every position
	}{
		{chunk: 7},
		{lent: true},
		{chunk: 7, lent: true},
		{all: true},
		{chunk: 7, lent: true, all: true},
		{variant: "_keep", chunk: 5, lent: true},
		{variant: "_fp16", lent: true, half: true},
		{variant: "_fp16", chunk: 9, lent: true, all: true},
	} {
		files := folder(t)
		if c.all {
			allScores(t, files)
		}
		m := openModel(t, files, generate.Options{Variant: c.variant, Chunk: c.chunk})
		if last := c.variant != "_keep" && !c.all; m.LastRow() != last {
			t.Errorf("%+v: scores of the last position only: %v", c, m.LastRow())
		}
		m.AsOnDevice()
		for i, talk := range referenceTalks(t) {
			want, messages := talk.IDs, talk.messages()
			if c.variant == "_fp16" {
				want = talk.Fp16
			}
			if c.lent {
				messages = newShelf(t).put(t, messages, c.half)
			}
			got := answer(t, m, prompt.Request{Messages: messages, MaxTokens: 40})
			if !slices.Equal(got.IDs, want) {
				t.Errorf("%+v, talk %d:\n got %v\nwant %v", c, i, got.IDs, want)
			}
		}
	}
}

// TestNothingLeavesTheDevice looks at the tensors that are bound: only token ids, positions,
// features that come from here and one position's scores are in main memory.
func TestNothingLeavesTheDevice(t *testing.T) {
	files := folder(t)
	allScores(t, files)
	m := openModel(t, files, generate.Options{})
	m.AsOnDevice()
	embeddings, merged, scores, kept, err := m.Places(t.Context(), referenceTalks(t)[3].messages())
	if err != nil {
		t.Fatal(err)
	}
	if !embeddings || !merged || !scores || !kept {
		t.Errorf("on the device: embeddings %v, merged %v, scores %v; keys and values reused without a copy: %v", embeddings, merged, scores, kept)
	}
}

// TestLentFeaturesAreReusedByKey uses a cache: the same key is the same picture, no key is none
// that was seen before.
func TestLentFeaturesAreReusedByKey(t *testing.T) {
	m := openModel(t, os.DirFS("testdata/idefics3"), generate.Options{})
	cache := m.NewPromptCache()
	closeAfter(t, cache)
	messages := newShelf(t).put(t, referenceTalks(t)[2].messages(), false)
	for i, c := range []struct {
		key    uint64
		reused bool
	}{{7, false}, {7, true}, {8, false}, {0, false}, {0, false}} {
		image := messages[0].Parts[0].(generate.Image)
		image.Key = c.key
		messages[0].Parts[0] = image
		got := answer(t, cache, prompt.Request{Messages: messages, MaxTokens: 3})
		if reused := got.Reused > got.PromptTokens/2; reused != c.reused {
			t.Errorf("request %d, key %d: %d of %d tokens reused", i, c.key, got.Reused, got.PromptTokens)
		}
	}
}

func TestLentFeaturesThatDoNotFit(t *testing.T) {
	m := openModel(t, os.DirFS("testdata/idefics3"), generate.Options{})
	s := newShelf(t)
	for name, damage := range map[string]func(*generate.Image){
		"too few": func(image *generate.Image) { image.Rows, image.Cols = 2, 2 },
		"both":    func(image *generate.Image) { image.Features = make([]float32, image.Device.Len()) },
		"another type": func(image *generate.Image) {
			memory, err := s.session.Allocate(ort.TypeInt64, image.Device.Len())
			if err != nil {
				t.Fatal(err)
			}
			closeAfter(t, memory)
			image.Device = memory
		},
	} {
		messages := s.put(t, referenceTalks(t)[1].messages(), false)
		image := messages[0].Parts[0].(generate.Image)
		damage(&image)
		messages[0].Parts[0] = image
		if _, err := m.Generate(t.Context(), prompt.Request{Messages: messages}, nil); !errors.Is(err, generate.ErrImage) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Embeddings in float32 before a decoder in float16 are converted here, so features must be
	// here too.
	files := folder(t)
	files["onnx/decoder_model_merged.onnx"] = files["onnx/decoder_model_merged_fp16.onnx"]
	two := openModel(t, files, generate.Options{})
	messages := s.put(t, referenceTalks(t)[1].messages(), false)
	if _, err := two.Generate(t.Context(), prompt.Request{Messages: messages}, nil); !errors.Is(err, generate.ErrImage) {
		t.Errorf("embeddings of two types: %v", err)
	}
}
