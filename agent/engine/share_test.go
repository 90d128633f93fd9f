package engine_test

import (
	"errors"
	"image/color"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// held counts the models that somebody holds, and all holders.
func held(m *engine.Machine) (models, holders int) {
	for _, s := range m.Pool().Models {
		if s.State == ort.StateHeld {
			models++
			holders += s.Holders
		}
	}
	return models, holders
}

// TestSharedModelsAreClosedInAnyOrder: another holder loads and probes nothing, lives on without
// the first one, and the last one frees everything.
func TestSharedModelsAreClosedInAnyOrder(t *testing.T) {
	m := machine(t)
	for name, order := range map[string][]int{
		"the first one first": {0, 1, 2}, "the first one last": {2, 1, 0}, "the first one between": {1, 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			first, err := calibrated(t, m, func(*engine.Config) {})
			if err != nil {
				t.Fatal(err)
			}
			before := m.Pool()
			models, holders := held(m)
			second, err := first.Share()
			if err != nil {
				t.Fatal(err)
			}
			third, err := second.Share()
			if err != nil {
				t.Fatal(err)
			}
			if s, h := held(m); s != models || h != holders || m.Pool().Loads != before.Loads {
				t.Errorf("sharing made %d models of %d, %d holders of %d, %d loads of %d", s, models, h, holders, m.Pool().Loads, before.Loads)
			}
			if second.Eyes() != first.Eyes() || third.AnswerTokens() != first.AnswerTokens() || third.Machine() != m {
				t.Error("what is shared differs")
			}
			all := []*engine.Models{first, second, third}
			for i, k := range order {
				text, _, err := all[k].Ask(t.Context(), "what do you see?", plain(color.RGBA{30, 60, 220, 255}), nil, 48)
				if err != nil || !strings.Contains(text, "blue") {
					t.Errorf("%d of them open: %q, %v", len(order)-i, text, err)
				}
				if err := errors.Join(all[k].Close(), all[k].Close()); err != nil {
					t.Error(err)
				}
				if again, err := all[k].Share(); !errors.Is(err, engine.ErrModelsClosed) || again != nil {
					t.Errorf("closed ones are shared: %v", err)
				}
			}
			if s, _ := held(m); s != 0 {
				t.Errorf("%d models are held by nobody", s)
			}
		})
	}
}

// TestNothingIsSharedAfterTheMachine: the machine counts each part once, however many hold it.
func TestNothingIsSharedAfterTheMachine(t *testing.T) {
	fixture.Installed(t)
	m, err := fixture.OpenMachine(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	first, err := calibrated(t, m, func(c *engine.Config) { c.Loaded = func(string, time.Duration) {} })
	if err != nil {
		t.Fatal(err)
	}
	second, err := first.Share()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); !errors.Is(err, engine.ErrInUse) || !strings.Contains(err.Error(), "5 parts") {
		t.Errorf("closed with models open: %v", err)
	}
	if third, err := second.Share(); !errors.Is(err, engine.ErrClosed) || third != nil {
		t.Errorf("shared after the end: %v", err)
	}
	if err := errors.Join(first.Close(), second.Close()); err != nil {
		t.Error(err)
	}
}
