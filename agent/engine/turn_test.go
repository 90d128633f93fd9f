package engine_test

import (
	"errors"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// TestEndOfTurnIsPlayedOrNot: a resolution without it hears by silence and transcripts alone; what
// plays another role is refused.
func TestEndOfTurnIsPlayedOrNot(t *testing.T) {
	cfg := config(t)
	cfg.Resolution.EndOfTurn = model.Part{ID: "silero-vad", Family: "silero"}
	var wrong *engine.PartError
	if err := cfg.Validate(); !errors.As(err, &wrong) || wrong.Role != model.RoleEndOfTurn || wrong.Part.ID != "silero-vad" {
		t.Errorf("another family: %v", err)
	}
	if judge := openCanned(t, nil).EndOfTurn(engine.Holder{Room: "lab"}); judge != nil {
		t.Errorf("canned models hear the end of a turn: %v", judge)
	}
}

// TestEndOfTurnIsHeardUnderALease asks the real model.
func TestEndOfTurnIsHeardUnderALease(t *testing.T) {
	const id, file = "smart-turn-v3", "smart-turn-v3.2-cpu.onnx"
	testmodels.Path(t, id, file)
	m, err := fixture.Open(t, func(c *engine.Config) {
		if err := fixture.Calibration(c); err != nil {
			t.Fatal(err)
		}
		c.Resolution.EndOfTurn = model.Part{ID: id, Family: "smart-turn", Files: []string{file}}
	})
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.Share()
	if err != nil {
		t.Fatal(err)
	}
	for _, models := range []*engine.Models{m, again} {
		judge := models.EndOfTurn(engine.Holder{Room: "lab"})
		p, err := judge.EndOfTurn(t.Context(), make([]float32, hearing.SampleRate))
		if err != nil || !(p >= 0 && p <= 1) {
			t.Errorf("%v, %v", p, err)
		}
		if _, err := judge.EndOfTurn(t.Context(), nil); !errors.Is(err, hearing.ErrAudio) {
			t.Errorf("an empty clip: %v", err)
		}
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
