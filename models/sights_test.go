package models_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models"
)

// TestWhatPicturesCostIsKept: the newest measurement of a model, provider and device, for another store over the same folder; a
// damaged file says nothing and is replaced.
func TestWhatPicturesCostIsKept(t *testing.T) {
	dir := t.TempDir()
	note := func(id, device string, ms int64) model.SightCosts {
		t.Helper()
		s, err := models.Open(dir, models.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		m := model.SightCosts{
			Provider: "cpu", Device: device, Unit: model.Squares, At: time.Unix(ms, 0).UTC(),
			Costs: []model.SightCost{{Pieces: 1, EncodeMS: ms, ReadMS: 2}}, Allowed: []int{1},
		}
		if err := s.NoteSight(id, m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	known := func(id string) []model.SightCosts {
		t.Helper()
		s, err := models.Open(dir, models.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return s.Readiness().States[id].Sight
	}
	note(models.CalibrationID, "a", 10)
	b := note(models.CalibrationID, "b", 20)
	note("smolvlm-256m-instruct", "a", 900) // not installed: nothing is said of it
	a := note(models.CalibrationID, "a", 30)
	if diff := cmp.Diff([]model.SightCosts{b, a}, known(models.CalibrationID)); diff != "" {
		t.Error(diff)
	}
	if got := known("smolvlm-256m-instruct"); got != nil {
		t.Errorf("of a model that is not here: %+v", got)
	}
	file := filepath.Join(dir, "sight-costs.json")
	if err := os.WriteFile(file, []byte("[{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := known(models.CalibrationID); got != nil {
		t.Errorf("of a damaged file: %+v", got)
	}
	c := note(models.CalibrationID, "c", 40)
	if diff := cmp.Diff([]model.SightCosts{c}, known(models.CalibrationID)); diff != "" {
		t.Error(diff)
	}
}

// TestProfilesSayWhatSightMayCost: in YAML, and where the built-in ones do.
func TestProfilesSayWhatSightMayCost(t *testing.T) {
	c, err := models.Load(models.Document{Name: "own.yaml", Data: []byte(`
profiles:
  - {id: patient, description: waits, native: [chat, vision], residency: any, providers: local-only, sight: {wait: 1500ms}}
`)})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]time.Duration{"patient": 1500 * time.Millisecond, "embedded": 3 * time.Second, "standard": time.Second, "text": 0, "remote": 0} {
		if p, err := c.Profile(id); err != nil || p.SightWait != want {
			t.Errorf("%s waits %v, want %v (%v)", id, p.SightWait, want, err)
		}
	}
	if _, err := models.Load(models.Document{Name: "own.yaml", Data: []byte(`
profiles:
  - {id: patient, description: waits, native: [chat], residency: any, providers: local-only, sight: {wait: 1s}}
`)}); err == nil {
		t.Error("a profile without vision waits for pictures")
	}
}
