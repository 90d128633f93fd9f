package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models"
)

// TestWhatIsResolvedIsLoaded: a profile's own ears and voice are those of the persona.
func TestWhatIsResolvedIsLoaded(t *testing.T) {
	catalog, err := models.Load()
	if err != nil {
		t.Fatal(err)
	}
	resolution := func(ear, voice string) model.Resolution {
		return model.Resolution{
			Sources: []model.Source{
				{Capability: model.Chat, From: "calibration", Native: true},
				{Capability: model.AudioInput, From: ear},
				{Capability: model.AudioOutput, From: voice},
			},
			Components: []string{"silero-vad", "moonshine-tiny"},
		}
	}
	for _, c := range []struct{ ear, voice, asked, final, spoken string }{
		{"whisper-base.en", "piper-en_US-joe-medium", "", "whisper-base.en", "piper:en_US-joe-medium"},
		{"whisper-tiny.en", "kokoro-82m", "", "whisper-tiny.en", kokoroVoice},
		{"whisper-tiny.en", "kokoro-82m", "espeak", "whisper-tiny.en", "espeak"},
	} {
		cfg := engine.Config{Voice: c.asked}
		if err := asResolved(&cfg, catalog, resolution(c.ear, c.voice)); err != nil || cfg.Final != c.final || cfg.Voice != c.spoken || cfg.Interim != "moonshine-tiny" {
			t.Errorf("%+v: final %q, interim %q, voice %q, %v", c, cfg.Final, cfg.Interim, cfg.Voice, err)
		}
	}
	for id, want := range map[string]string{"kokoro-bm_mine": "kokoro:bm_mine", "piper-mine": "piper:mine"} {
		if got, err := voiceOf(&models.Entry{ID: id, Family: id[:strings.IndexByte(id, '-')]}); err != nil || got != want {
			t.Errorf("%s: %q, %v", id, got, err)
		}
	}
	for _, c := range []struct{ ear, voice, names string }{
		{"silero-vad", "kokoro-82m", "silero-vad"},
		{"whisper-base.en", "whisper-base.en", "whisper-base.en"},
	} {
		var cfg engine.Config
		var wrong *senseError
		if err := asResolved(&cfg, catalog, resolution(c.ear, c.voice)); !errors.As(err, &wrong) || wrong.id != c.names {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
