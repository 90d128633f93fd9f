package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models"
)

// kokoroVoice is the voice of Kokoro where nobody chooses one.
const kokoroVoice = "kokoro:af_bella"

// senseError says that a model of the profile cannot do its part of a persona.
type senseError struct{ id, family, part, want string }

func (e *senseError) Error() string {
	return fmt.Sprintf("%s, of family %q, cannot be %s: %s", e.id, e.family, e.part, e.want)
}

// asResolved takes ears and voice from the resolution: what was resolved is what is loaded. A voice that was asked for stays.
func asResolved(cfg *engine.Config, catalog *models.Catalog, res model.Resolution) error {
	cfg.Runtime, cfg.Detector, cfg.Interim, cfg.Final = cmp.Or(res.Runtime, "runtime-cpu"), "silero-vad", "moonshine-tiny", "whisper-base.en"
	for _, s := range res.Sources {
		if s.Native {
			continue
		}
		e, err := catalog.Entry(s.From)
		if err != nil {
			return err
		}
		switch s.Capability {
		case model.AudioInput:
			if e.Family != "whisper" {
				return &senseError{s.From, e.Family, "the ear of the final transcript", "a persona hears with Whisper"}
			}
			cfg.Final = s.From
		case model.AudioOutput:
			if cfg.Voice != "" {
				continue
			}
			if cfg.Voice, err = voiceOf(e); err != nil {
				return err
			}
		}
	}
	if cfg.Voice == "" {
		cfg.Voice = "piper:en_US-joe-medium"
	}
	for _, id := range res.Components {
		if e, err := catalog.Entry(id); err != nil {
			return err
		} else if e.Family == "moonshine" {
			cfg.Interim = id
		}
	}
	return nil
}

// voiceOf is the specification of the voice that an entry brings.
func voiceOf(e *models.Entry) (string, error) {
	if e.ID == "kokoro-82m" {
		return kokoroVoice, nil
	}
	name, own := strings.CutPrefix(e.ID, e.Family+"-")
	if own && (e.Family == "piper" || e.Family == "kokoro") {
		return e.Family + ":" + name, nil
	}
	return "", &senseError{e.ID, e.Family, "a voice", "a persona speaks with kokoro-82m, or with an entry piper-NAME or kokoro-NAME of that family"}
}
