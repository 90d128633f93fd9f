package tts_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/tts"
)

// TestParse: a specification is read once, and written again as it was.
func TestParse(t *testing.T) {
	for spec, want := range map[string]tts.Choice{
		"piper:en_US-joe-medium": {Engine: "piper", Model: "piper-en_US-joe-medium", Name: "en_US-joe-medium"},
		"kokoro:af_sky":          {Engine: "kokoro", Model: "kokoro-82m", Name: "af_sky"},
		"kokoro:bm_mine":         {Engine: "kokoro", Model: "kokoro-bm_mine", Name: "bm_mine"},
		"espeak":                 {Engine: "espeak"},
		"espeak:de":              {Engine: "espeak", Name: "de"},
	} {
		got, err := tts.Parse(spec)
		if err != nil || got != want || got.String() != spec || got.IsZero() {
			t.Errorf("%s: %+v, %v", spec, got, err)
		}
	}
	for _, spec := range []string{"", "piper", "piper:", "kokoro:", "espeak:", "piper:../x", "piper:-x", "flite:slt", "Piper:x", "piper:a b"} {
		var unknown *tts.UnknownVoiceError
		if got, err := tts.Parse(spec); !errors.As(err, &unknown) || unknown.Spec != spec || !got.IsZero() {
			t.Errorf("%q: %+v, %v", spec, got, err)
		}
	}
}

// TestInstalled: the files of a model say which voice it brings, whatever its id is.
func TestInstalled(t *testing.T) {
	joe := []string{"en_US-joe-medium.onnx", "en_US-joe-medium.onnx.json"}
	for _, c := range []struct {
		family, id string
		files      []string
		want       string
		name       string
	}{
		{"piper", "piper-en_US-joe-medium", joe, "piper:en_US-joe-medium", "en_US-joe-medium"},
		{"piper", "the-narrator", joe, "piper:en_US-joe-medium", "en_US-joe-medium"},
		{"kokoro", "kokoro-82m", []string{"voices/af_sky.bin", "onnx/model.onnx"}, "kokoro:af_bella", "af_bella"},
		{"kokoro", "kokoro-bm_mine", []string{"bm_mine.bin"}, "kokoro:bm_mine", "bm_mine"},
	} {
		got, err := tts.Installed(c.family, c.id, c.files)
		if err != nil || got.String() != c.want || got.Model != c.id || got.Name != c.name || got.Engine != c.family {
			t.Errorf("%s: %+v, %v", c.id, got, err)
		}
	}
	for why, c := range map[string]struct {
		family, id string
		files      []string
	}{
		"no file of":                     {"piper", "p", nil},
		"one file NAME.onnx":             {"piper", "p", []string{"a.onnx", "b.onnx"}},
		"NAME.bin (kokoro)":              {"kokoro", "k", []string{"model.onnx"}},
		"family whisper has no voices":   {"whisper", "w", joe},
		"makes a voice":                  {"piper", "p", []string{"../x.onnx"}},
		"one file NAME.onnx (piper) or ": {"piper", "p", []string{".onnx"}},
	} {
		var unknown *tts.UnknownVoiceError
		got, err := tts.Installed(c.family, c.id, c.files)
		if !errors.As(err, &unknown) || unknown.Spec != c.id || !got.IsZero() || why != "no file of" && !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %+v, %v", why, got, err)
		}
	}
	if _, err := (tts.Choice{}).Open(t.Context(), nil, tts.Files{}); !errors.Is(err, tts.ErrUnknownVoice) {
		t.Errorf("nothing chosen: %v", err)
	}
	if _, err := (tts.Choice{Engine: "piper", Model: "the-narrator", Name: "joe"}).Open(t.Context(), nil, tts.FilesIn(t.TempDir())); err == nil ||
		!strings.Contains(err.Error(), "the-narrator") {
		t.Errorf("a model that is not here: %v", err)
	}
}
