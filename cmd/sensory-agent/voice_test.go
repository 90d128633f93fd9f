package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/tts"
)

// TestChosenVoiceIsResolved: a voice that somebody asks for must be here like what the profile
// names, or is a wrong call; one that needs no model needs nothing installed.
func TestChosenVoiceIsResolved(t *testing.T) {
	modelsFixture(t)
	store, err := (&modelsFlags{}).open(models.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	facts := model.Host{MemoryFree: 1 << 34, Families: models.Families()}
	for voice, lacks := range map[string]string{
		"": "piper-en_US-joe-medium", "kokoro:af_sky": "kokoro-82m", "piper:en_GB-alan-medium": "piper-en_GB-alan-medium",
	} {
		_, err := resolveOn(store, "embedded", voice, facts)
		if !errors.Is(err, model.ErrNotInstalled) || !strings.Contains(err.Error(), lacks) {
			t.Errorf("%q: %v", voice, err)
		}
	}
	var refusal *model.RefusalError
	if _, err := resolveOn(store, "embedded", "espeak", facts); !errors.As(err, &refusal) || strings.Contains(refusal.Command, "piper") {
		t.Errorf("espeak: %v", err)
	}
	if _, err := resolveOn(store, "embedded", "piper:nobody", facts); !errors.Is(err, model.ErrNoModelMatches) || !strings.Contains(err.Error(), "piper-nobody is not registered") {
		t.Errorf("an unknown model: %v", err)
	}
	var usage usageError
	if _, err := resolveOn(store, "embedded", "flite:slt", facts); !errors.As(err, &usage) || !errors.Is(err, tts.ErrUnknownVoice) {
		t.Errorf("no voice at all: %v", err)
	}
}
