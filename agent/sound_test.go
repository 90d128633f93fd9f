package agent_test

import (
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/cognition/generate"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/usm"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/models/host"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// gemma3n is the folder of a small model, with random weights, in the contract of Gemma 3n's export.
const gemma3n = "../cognition/generate/testdata/gemma3n"

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

// TestPicturesAndSoundReachTheModel goes the whole way, from pixels and samples to the answer, with the engine's own parts: the answer must be
// the one that the model gives to the features that transformers.js made of the same pictures and clips.
func TestPicturesAndSoundReachTheModel(t *testing.T) {
	installed(t)
	store, err := models.OpenDefault(models.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	facts, err := host.Probe(t.Context(), models.Families())
	if err != nil {
		t.Fatal(err)
	}
	engine, err := agent.LoadEngine(t.Context(), agent.EngineConfig{Path: store.Path, Host: facts, Base: generate.Dir(gemma3n), Sound: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
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
	m, count := engine.Model(), map[string]int{}
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
		got, length, err := engine.Answer(t.Context(), first.Text, picture, pcm, 24)
		if err != nil || got != reference.Text || length != len(talk.Prompt) {
			t.Errorf("talk %d: %q from %d tokens, want %q from %d (%v)", i, got, length, reference.Text, len(talk.Prompt), err)
		}
	}
	if count["picture"] < 3 || count["sound"] < 3 {
		t.Errorf("only %v", count)
	}
	if held := engine.Compute().Leases; len(held) != 0 {
		t.Errorf("leases held: %+v", held)
	}
}

// TestSpokenQuestionIsHeardByTheModel puts the model into a room, without eyes since its weights are random: what is said reaches it as sound
// beside the transcript, what is typed as text alone.
func TestSpokenQuestionIsHeardByTheModel(t *testing.T) {
	installed(t)
	// The weights are random, and so is when an answer ends: with more tokens that end it, it is short enough to be spoken here.
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(gemma3n)); err != nil {
		t.Fatal(err)
	}
	var ends []int
	for id := 0; id < 380; id += 8 {
		ends = append(ends, id)
	}
	data, err := json.Marshal(map[string]any{"eos_token_id": ends})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "generation_config.json"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	engine, err := openWith(t, func(c *agent.EngineConfig) { c.Base, c.NoVision, c.Sound = generate.Dir(folder), true, true })
	if err != nil {
		t.Fatal(err)
	}
	s := setStageWith(t, engine, participant.Config{})
	count := func(text string, clips ...prompt.Part) int {
		n, err := engine.Model().PromptTokens([]prompt.Message{{Role: prompt.User, Text: text, Parts: clips}})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	silent := generate.Audio{Features: make([]float32, gemmaClip*engine.Model().Hidden()), Tokens: gemmaClip, Hidden: engine.Model().Hidden()}
	s.say(t, "What do you hear?")
	spoken := s.turn(t)
	if !strings.Contains(strings.ToLower(spoken.Question), "hear") || !spoken.Sound || spoken.PromptTokens != count(spoken.Question, silent) {
		t.Errorf("spoken: %+v, want %d prompt tokens", spoken, count(spoken.Question, silent))
	}
	if err := s.human.Chat("what do you hear?"); err != nil {
		t.Fatal(err)
	}
	typed := s.turn(t)
	if typed.Sound || typed.PromptTokens != count(typed.Question) || typed.PromptTokens >= spoken.PromptTokens {
		t.Errorf("typed: %+v, want %d prompt tokens", typed, count(typed.Question))
	}
	t.Logf("spoken: %d prompt tokens, features after %v, error %v", spoken.PromptTokens, spoken.Features.Sub(spoken.Begin), spoken.Err)
}

// TestSoundNeedsAModelThatHears: the configuration decides, and what cannot be done is an error.
func TestSoundNeedsAModelThatHears(t *testing.T) {
	installed(t)
	deaf, err := models.CalibrationFS()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openWith(t, func(c *agent.EngineConfig) { c.Base, c.Sound = deaf, true }); !errors.Is(err, generate.ErrNoHearing) || !errors.Is(err, usm.ErrConfig) {
		t.Errorf("the calibration model: %v", err)
	}
	if _, err := openWith(t, func(c *agent.EngineConfig) { c.Remote, c.Sound = behind("http://127.0.0.1:9"), true }); !errors.Is(err, agent.ErrConfig) {
		t.Errorf("a model behind a server: %v", err)
	}
	if usm.MaxClip.Seconds()*hearing.SampleRate != 480000 {
		t.Errorf("a clip may have %v", usm.MaxClip)
	}
}
