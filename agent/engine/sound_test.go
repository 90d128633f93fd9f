package engine_test

import (
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
	"github.com/sensory-agent/sensory-agent/models"
)

// gemma3n is the folder of a small model, with random weights, in the contract of Gemma 3n's
// export.
const gemma3n = "../../cognition/generate/testdata/gemma3n"

// Shape of that model.
const (
	gemmaImage = 4 // tokens of a picture
	gemmaClip  = 6 // tokens of a clip
)

// numbered is a picture by the formula of the model's golden.mjs, of the size that the model takes.
func numbered(seed int) image.Image {
	const side = 16
	picture := image.NewRGBA(image.Rect(0, 0, side, side))
	value := func(i int) uint8 { return uint8((i*37 + seed*101 + (i*i)%251) % 256) }
	for k := range side * side {
		picture.SetRGBA(k%side, k/side, color.RGBA{value(3 * k), value(3*k + 1), value(3*k + 2), 255})
	}
	return picture
}

// hummed is a clip by the formula of the model's golden.mjs.
func hummed(seed, length int) []float32 {
	pcm, period := make([]float32, length), 40+24*seed
	for i := range pcm {
		if i%4000 >= 3000 {
			continue
		}
		noise := float64((i*7919+seed*104729)%2001-1000) / 16000
		pcm[i] = float32(noise + (math.Abs(float64(i%period)-float64(period)/2)-float64(period)/4)/float64(period))
	}
	return pcm
}

// TestPicturesAndSoundReachTheModel goes the whole way, from pixels and samples to the answer, with
// the engine's own parts: the answer must be the one that the model gives to the features that
// transformers.js made of the same pictures and clips.
func TestPicturesAndSoundReachTheModel(t *testing.T) {
	fixture.Installed(t)
	machine, _ := shared.Open(t)
	cfg, free, err := fixture.Config(func(c *engine.Config) { c.Files, c.Sound = generate.Dir(gemma3n), true })
	if err != nil {
		t.Fatal(err)
	}
	defer free()
	got, err := engine.Load(t.Context(), machine, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := got.Close(); err != nil {
			t.Error(err)
		}
	})
	data, err := os.ReadFile(filepath.Join(gemma3n, "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var talks []struct {
		Messages []struct {
			Role   string `json:"role"`
			Text   string `json:"text"`
			Images []int  `json:"images"`
			Clips  []struct {
				Seed   int `json:"seed"`
				Length int `json:"length"`
			} `json:"clips"`
		} `json:"messages"`
		Prompt []int     `json:"prompt"`
		IDs    []int     `json:"ids"`
		Images []float32 `json:"images"`
		Clips  []float32 `json:"clips"`
	}
	if err := json.Unmarshal(data, &talks); err != nil {
		t.Fatal(err)
	}
	m, count := got.Generator(), map[string]int{}
	for i, talk := range talks {
		first := talk.Messages[0]
		if len(talk.Messages) != 1 || len(first.Images) > 1 {
			continue // the agent asks one question about one picture
		}
		want := prompt.Message{Role: prompt.User, Text: first.Text}
		var picture image.Image
		var pcm []float32
		if len(first.Images) > 0 {
			count["picture"]++
			picture = numbered(first.Images[0])
			want.Parts = append(want.Parts, generate.Image{Features: talk.Images, Tokens: gemmaImage, Hidden: m.Hidden()})
		}
		if len(first.Clips) > 0 {
			count["sound"]++
			pcm = hummed(first.Clips[0].Seed, first.Clips[0].Length)
			want.Parts = append(want.Parts, generate.Audio{Features: talk.Clips, Tokens: gemmaClip, Hidden: m.Hidden()})
		}
		reference, err := m.Generate(t.Context(), prompt.Request{Messages: []prompt.Message{want}, MaxTokens: 24}, nil)
		if err != nil || len(reference.IDs) != len(talk.IDs) {
			t.Fatalf("talk %d: %d tokens, the golden answer has %d (%v)", i, len(reference.IDs), len(talk.IDs), err)
		}
		answer, length, err := got.Ask(t.Context(), first.Text, picture, pcm, 24)
		if err != nil || answer != reference.Text || length != len(talk.Prompt) {
			t.Errorf("talk %d: %q from %d tokens, want %q from %d (%v)", i, answer, length, reference.Text, len(talk.Prompt), err)
		}
	}
	if count["picture"] < 3 || count["sound"] < 3 {
		t.Errorf("only %v", count)
	}
	if held := machine.Compute().Leases; len(held) != 0 {
		t.Errorf("leases held: %+v", held)
	}
}

// TestSoundNeedsAModelThatHears: the configuration decides, and what cannot be done is an error.
func TestSoundNeedsAModelThatHears(t *testing.T) {
	fixture.Installed(t)
	deaf, err := models.CalibrationFS()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fixture.Open(t, func(c *engine.Config) { c.Files, c.Sound = deaf, true }); !errors.Is(err, generate.ErrNoHearing) || !errors.Is(err, usm.ErrConfig) {
		t.Errorf("the calibration model: %v", err)
	}
	if _, err := fixture.Open(t, func(c *engine.Config) { c.Remote, c.Sound = fixture.Behind("http://127.0.0.1:9"), true }); !errors.Is(err, engine.ErrConfig) {
		t.Errorf("a model behind a server: %v", err)
	}
	if usm.MaxClip.Seconds()*hearing.SampleRate != 480000 {
		t.Errorf("a clip may have %v", usm.MaxClip)
	}
}
