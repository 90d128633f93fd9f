package models_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models"
)

// TestWhatPicturesCostIsKept: the newest measurement of a model, provider and device, for another
// store over the same folder; a damaged file says nothing and is replaced.
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

// TestProfilesSayWhichPictures: keys of a profile and of an entry; neither holds nonsense. No
// built-in profile bounds how many pictures an answer is made from: a model's entry says how many
// it takes, and nothing else has to be changed.
func TestProfilesSayWhichPictures(t *testing.T) {
	const entry = "models: [{id: m, name: n, kind: model, capabilities: [chat, vision], licence: MIT, pictures: %s, files: [{path: a.onnx}]}]\n"
	const profile = "profiles: [{id: p, description: d, native: [chat, vision], residency: any, providers: any, sight: {%s}}]\n"
	load := func(text string) (*models.Catalog, error) {
		return models.Load(models.Document{Name: "own.yaml", Data: []byte(text)})
	}
	c, err := load(fmt.Sprintf(entry+profile, "4", "wait: 1s, pictures: 3, spacing: 1500ms, within: 1m"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Profile("p")
	if err != nil || p.SightPictures != 3 || p.SightSpacing != 1500*time.Millisecond || p.SightWithin != time.Minute {
		t.Errorf("%+v, %v", p, err)
	}
	registry, err := c.Registry()
	if err != nil {
		t.Fatal(err)
	}
	if e, _ := registry.Entry("m"); e.Pictures != 4 {
		t.Errorf("%+v", e)
	}
	for text, names := range map[string]string{
		fmt.Sprintf(entry, "9"): "pictures: 9", fmt.Sprintf(entry, "-1"): "pictures: -1", fmt.Sprintf(entry, "two"): "own.yaml",
		strings.Replace(fmt.Sprintf(entry, "2"), ", vision", "", 1):                 "with vision",
		strings.Replace(fmt.Sprintf(entry, "2"), "kind: model", "kind: adapter", 1): "with vision",
		fmt.Sprintf(profile, "pictures: 9"):                                         "sight.pictures", fmt.Sprintf(profile, "spacing: 1h"): "sight.spacing",
		fmt.Sprintf(profile, "within: 10m"): "sight.within", fmt.Sprintf(profile, "spacing: 5s, within: 5s"): "sight.spacing", fmt.Sprintf(profile, "often: 5s"): "often",
	} {
		if _, err := load(text); !errors.Is(err, models.ErrCatalog) || !strings.Contains(err.Error(), names) {
			t.Errorf("%s: %v does not name %q", text, err, names)
		}
	}
	for _, p := range c.Profiles {
		if p.ID != "p" && (p.SightPictures != 0 || p.SightSpacing != 0 || p.SightWithin != 0) {
			t.Errorf("profile %s bounds pictures", p.ID)
		}
	}
}
