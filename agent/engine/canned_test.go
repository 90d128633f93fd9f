package engine_test

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/models"
)

func openCanned(t *testing.T, change func(*engine.CannedConfig)) *engine.Models {
	t.Helper()
	m, free := fixture.OpenCanned(t, change)
	t.Cleanup(func() {
		if held := m.Machine().Compute().Leases; len(held) != 0 {
			t.Errorf("leases held: %+v", held)
		}
		if err := free(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// TestCannedPartsSayThatTheyAre: words, answer, reason and voice name themselves, and nothing else
// comes out whatever goes in.
func TestCannedPartsSayThatTheyAre(t *testing.T) {
	m := openCanned(t, nil)
	h := engine.Holder{Room: "lab", Persona: "iris"}
	if !m.Canned() || m.Sees() || m.HearsSound() || m.Eyes() != nil {
		t.Errorf("canned %v, sees %v, hears sound %v", m.Canned(), m.Sees(), m.HearsSound())
	}
	if again, err := m.Share(); err != nil || !again.Canned() || again.Close() != nil {
		t.Errorf("another holder does not know: %v", err)
	}
	clip := make([]float32, 16000)
	for _, ear := range []hearing.Transcriber{m.Interim(h), m.Final(h)} {
		if heard, err := ear.Transcribe(t.Context(), clip); err != nil || heard.Text != engine.CannedTranscript || heard.Tokens != 5 {
			t.Errorf("heard %+v, %v", heard, err)
		}
	}
	var shown []string
	asked := engine.Asked("What is your name?", nil, nil)
	got, err := m.Answer(t.Context(), prompt.Request{Messages: asked, MaxTokens: m.AnswerTokens()}, nil,
		func(s string) error { shown = append(shown, s); return nil })
	if err != nil || got.Text != engine.CannedAnswer || got.Reason != engine.CannedReason || strings.Join(shown, "") != engine.CannedAnswer {
		t.Errorf("answered %+v, showed %q, %v", got, shown, err)
	}
	if got.PromptTokens < 10 || got.Tokens != 6 {
		t.Errorf("%d and %d tokens", got.PromptTokens, got.Tokens)
	}
	for _, text := range []string{engine.CannedTranscript, engine.CannedAnswer, got.Reason, m.Voice(h).Name()} {
		if !strings.Contains(text, "canned") {
			t.Errorf("%q does not say that it is canned", text)
		}
	}
}

// TestCannedVoiceIsLoudAtOnce: a tone of the length that was asked for, the first sample of it at
// full level, in pieces of 100 ms that belong to who receives them.
func TestCannedVoiceIsLoudAtOnce(t *testing.T) {
	m := openCanned(t, func(c *engine.CannedConfig) { c.Tone = 1250 * time.Millisecond })
	voice := m.Voice(engine.Holder{Room: "lab", Persona: "iris"})
	for range 2 {
		var pcm []float32
		pieces := 0
		err := voice.Synthesize(t.Context(), "anything", func(piece []float32) error {
			pcm, pieces = append(pcm, piece...), pieces+1
			clear(piece)
			return nil
		})
		if err != nil || len(pcm) != voice.SampleRate()*5/4 || pieces != 13 {
			t.Fatalf("%d samples in %d pieces, %v", len(pcm), pieces, err)
		}
		for at := 0; at < len(pcm); at += voice.SampleRate() / 100 {
			if level := media.DBFS(pcm[at : at+voice.SampleRate()/100]); level < -10 || level > -8 {
				t.Fatalf("level %.1f dBFS at sample %d", level, at)
			}
		}
		if pcm[0] < 0.45 {
			t.Errorf("it begins with %v", pcm[0])
		}
	}
	full := errors.New("full")
	if err := voice.Synthesize(t.Context(), "x", func([]float32) error { return full }); !errors.Is(err, full) {
		t.Errorf("a consumer that refuses: %v", err)
	}
}

// TestCannedEyesSeeTheSame: a picture takes the way of every picture, into features that fit a
// prompt.
func TestCannedEyesSeeTheSame(t *testing.T) {
	m := openCanned(t, func(c *engine.CannedConfig) { c.Eyes = calibration(t) })
	if !m.Sees() {
		t.Fatal("it does not see")
	}
	frame, err := media.NewI420Pool(1).Get(1280, 720)
	if err != nil {
		t.Fatal(err)
	}
	defer frame.Release()
	texture, err := m.Eyes().Texture(frame)
	if err != nil {
		t.Fatal(err)
	}
	defer texture.Release()
	features, err := m.Eyes().Features(t.Context(), texture)
	if err != nil {
		t.Fatal(err)
	}
	seen := &engine.Sight{Features: features}
	if n := m.SightTokens(seen); n != 64 || features.Tokens != 64 || slices.Min(features.Data) != 1 {
		t.Errorf("%d tokens, features %d×%d", n, features.Tokens, features.Hidden)
	}
	if err := m.Fits(engine.Asked("What do you see?", engine.Seen{{Sight: seen}}, nil)); err != nil {
		t.Error(err)
	}
	if err := m.Fits(engine.Asked(strings.Repeat("word ", 4000), engine.Seen{{Sight: seen}}, nil)); !errors.Is(err, prompt.ErrTooLong) {
		t.Errorf("a long question: %v", err)
	}
}

func calibration(t *testing.T) fs.FS {
	t.Helper()
	files, err := models.CalibrationFS()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestCannedModelsAreAskedForByName: a configuration that lacks something is refused, and what is
// opened is warned of.
func TestCannedModelsAreAskedForByName(t *testing.T) {
	testmodels.Runtime(t)
	var log bytes.Buffer
	machine, err := fixture.OpenMachine(t.Context(), func(c *engine.MachineConfig) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	if err != nil {
		t.Fatal(err)
	}
	path := func(string, string) (string, error) { return "", fs.ErrNotExist }
	var part *engine.PartError
	if _, err := machine.OpenCanned(t.Context(), engine.CannedConfig{Path: path}); !errors.As(err, &part) {
		t.Errorf("no detector: %v", err)
	}
	if _, err := machine.OpenCanned(t.Context(), engine.CannedConfig{Detector: fixture.Detector()}); !errors.Is(err, engine.ErrConfig) {
		t.Errorf("no path: %v", err)
	}
	if _, err := machine.OpenCanned(t.Context(), engine.CannedConfig{Detector: fixture.Detector(), Path: path, Tone: -1}); !errors.Is(err, engine.ErrConfig) {
		t.Errorf("a tone shorter than none: %v", err)
	}
	if _, err := machine.OpenCanned(t.Context(), engine.CannedConfig{Detector: fixture.Detector(), Path: path}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if log.Len() > 0 {
		t.Errorf("nothing is open: %s", log.String())
	}
	if err := machine.Close(); err != nil {
		t.Errorf("parts are left: %v", err)
	}
}

// TestCannedModelsAreOpenedByBenchmarksAlone: nothing that people talk to can reach them.
func TestCannedModelsAreOpenedByBenchmarksAlone(t *testing.T) {
	root := filepath.Join("..", "..")
	found := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(text, []byte(".OpenCanned(")) {
			return err
		}
		found++
		rel, _ := filepath.Rel(root, path)
		if !strings.HasPrefix(rel, filepath.Join("cmd", "sensory-agent", "bench_")) && !strings.HasPrefix(rel, filepath.Join("agent", "internal", "fixture")) {
			t.Errorf("%s opens canned models", rel)
		}
		return nil
	})
	if err != nil || found == 0 {
		t.Errorf("%d files, %v", found, err)
	}
}

// TestCannedPartsAreTold: what is heard and answered may be scripted, and voices told apart.
func TestCannedPartsAreTold(t *testing.T) {
	heard := "Hello."
	m := openCanned(t, func(c *engine.CannedConfig) {
		c.Hears, c.Thinks = func() string { return heard }, func(asked string) string { return "Canned: " + asked }
		c.Pitch, c.Tone = 600, 200*time.Millisecond
	})
	h := engine.Holder{Room: "lab", Persona: "iris"}
	for _, heard = range []string{"Hello.", "Good bye."} {
		if got, err := m.Final(h).Transcribe(t.Context(), make([]float32, 16000)); err != nil || got.Text != heard {
			t.Errorf("heard %+v, %v", got, err)
		}
	}
	got, err := m.Answer(t.Context(), prompt.Request{Messages: engine.Asked("Who?", nil, nil), MaxTokens: 8}, nil, nil)
	if err != nil || got.Text != "Canned: Who?" {
		t.Errorf("answered %+v, %v", got, err)
	}
	crossings := 0
	err = m.Voice(h).Synthesize(t.Context(), "x", func(piece []float32) error {
		for i := 1; i < len(piece); i++ {
			if piece[i-1] < 0 && piece[i] >= 0 {
				crossings++
			}
		}
		return nil
	})
	if err != nil || crossings < 118 || crossings > 122 {
		t.Errorf("%d waves in 0.2 s, %v", crossings, err)
	}
}
