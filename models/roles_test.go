package models_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models"
)

// everything is a readiness in which all entries are installed.
func everything(c *models.Catalog) model.Readiness {
	ready := model.Readiness{States: map[string]model.State{}}
	for _, e := range c.Entries {
		ready.States[e.ID] = model.State{Stage: model.StageVerified}
	}
	return ready
}

// TestBuiltinProfilesNameEveryRole: each of them comes to a whole persona whose parts this program
// runs in their roles, with files.
func TestBuiltinProfilesNameEveryRole(t *testing.T) {
	c, err := models.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Registry()
	if err != nil {
		t.Fatal(err)
	}
	host := model.Host{MemoryFree: 1 << 34, Families: models.Families(), GPUs: []model.GPU{{Name: "card", Provider: model.ProviderCUDA, MemoryFree: 1 << 34}}}
	resolved := 0
	for _, p := range c.Profiles {
		if p.ID == "standard-native" || p.ID == "remote" {
			continue // no entry of the catalog
		}
		res, err := model.Resolve(p, r, host, everything(c))
		if err != nil {
			t.Error(err)
			continue
		}
		resolved++
		for role, part := range map[model.Role]model.Part{
			model.RoleBase: res.Base, model.RoleEar: res.Ear, model.RoleInterim: res.Interim, model.RoleDetector: res.Detector,
			model.RoleVoice: res.Voice, model.RoleRuntime: res.Library,
		} {
			plays := slices.ContainsFunc(models.Families(), func(f model.Family) bool { return f.Name == part.Family && slices.Contains(f.Roles, role) })
			if !plays || role != model.RoleBase && len(part.Files) == 0 {
				t.Errorf("%s: %s is %+v", p.ID, role, part)
			}
		}
	}
	if resolved != 4 {
		t.Errorf("%d profiles resolved", resolved)
	}
}

// TestEveryFamilyOfTheCatalogHasARunner: nothing is listed that this program can do nothing with.
func TestEveryFamilyOfTheCatalogHasARunner(t *testing.T) {
	c, err := models.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range c.Entries {
		if e.Remote == nil && !slices.ContainsFunc(models.Families(), func(f model.Family) bool { return f.Name == e.Family && len(f.Roles) > 0 }) {
			t.Errorf("%s: no runner for family %q", e.ID, e.Family)
		}
	}
}

// TestDefaultsOfADocument hold for its own profiles, and for roles that it leaves out those before
// it.
func TestDefaultsOfADocument(t *testing.T) {
	const profile = "profiles:\n  - {id: mine, native: [chat], models: [calibration], residency: any, providers: local-only}\n"
	own := "defaults: {voice: [kokoro-82m], ear: [whisper-tiny.en]}\n"
	for name, c := range map[string]struct {
		docs       []string
		ear, voice string
	}{
		"built-in":        {[]string{profile}, "whisper-base.en", "piper-en_US-joe-medium"},
		"own":             {[]string{own + profile}, "whisper-tiny.en", "kokoro-82m"},
		"of one before":   {[]string{own, profile}, "whisper-tiny.en", "kokoro-82m"},
		"of one after it": {[]string{profile, own}, "whisper-base.en", "piper-en_US-joe-medium"},
	} {
		var docs []models.Document
		for i, text := range c.docs {
			docs = append(docs, models.Document{Name: string(rune('a' + i)), Data: []byte(text)})
		}
		catalog, err := models.Load(docs...)
		if err != nil {
			t.Fatal(err)
		}
		p, err := catalog.Profile("mine")
		if err != nil {
			t.Fatal(err)
		}
		r, err := catalog.Registry()
		if err != nil {
			t.Fatal(err)
		}
		res, err := model.Resolve(p, r, model.Host{MemoryFree: 1 << 34, Families: models.Families()}, everything(catalog))
		if err != nil || res.Ear.ID != c.ear || res.Voice.ID != c.voice || res.Interim.ID != "moonshine-tiny" || res.Detector.ID != "silero-vad" {
			t.Errorf("%s: %+v, %v", name, res, err)
		}
	}
	for text, says := range map[string]string{
		"defaults: {mind: [calibration]}\n": "mind", "defaults: {ear: [nobody]}\n" + profile: "nobody",
	} {
		if _, err := models.Load(models.Document{Name: "mine.yaml", Data: []byte(text)}); !errors.Is(err, models.ErrCatalog) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestFilesOfTheRegistry are those that the catalog declares, or, of what is installed, those that
// were accepted.
func TestFilesOfTheRegistry(t *testing.T) {
	c, err := models.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Registry()
	if err != nil {
		t.Fatal(err)
	}
	e, _ := r.Entry("whisper-base.en")
	for _, file := range []string{"ggml-base.en.bin", "encoder_model_int8.onnx", "tokenizer.json"} {
		if !slices.Contains(e.Files, file) {
			t.Errorf("%q lacks %s", e.Files, file)
		}
	}
	if !slices.IsSorted(e.Files) {
		t.Errorf("%q", e.Files)
	}
	folder := t.TempDir()
	want := []string{"decoder_model_merged.onnx", "encoder_model.onnx", "generation_config.json", "preprocessor_config.json", "vocab.json"}
	for _, file := range want {
		put(t, filepath.Join(folder, file), []byte(file))
	}
	s := store(t, "  - {id: m, name: m, kind: adapter, family: whisper, capabilities: [audio-input], licence: MIT, folder: "+folder+"}\n", models.Options{})
	files := func() []string {
		t.Helper()
		r, err := s.Registry()
		if err != nil {
			t.Fatal(err)
		}
		e, _ := r.Entry("m")
		return e.Files
	}
	if got := files(); len(got) != 0 {
		t.Errorf("before it is here: %q", got)
	}
	if _, err := s.Pull(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, files()); diff != "" {
		t.Error(diff)
	}
}

// TestStyleOfKokoroNeedsItsModel: somebody's own style is not taken for a voice without the model
// that speaks with it.
func TestStyleOfKokoroNeedsItsModel(t *testing.T) {
	text := "models:\n  - {id: kokoro-bm_mine, kind: adapter, family: kokoro, capabilities: [audio-output], licence: own, memory_mb: 1, files: [{path: bm_mine.bin, about: 1}]}\n"
	c, err := models.Load(models.Document{Name: "mine.yaml", Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Registry()
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Profile("embedded")
	if err != nil {
		t.Fatal(err)
	}
	ready := everything(c)
	host := model.Host{MemoryFree: 1 << 34, Families: models.Families()}
	bare, err := model.Resolve(p.WithVoice(), r, host, ready)
	if err != nil {
		t.Fatal(err)
	}
	got, err := model.Resolve(p.WithVoice("kokoro-bm_mine"), r, host, ready)
	if err != nil || got.ExpectedBytes != bare.ExpectedBytes+601_000_000 {
		t.Errorf("%d bytes beside %d, %v", got.ExpectedBytes, bare.ExpectedBytes, err)
	}
	delete(ready.States, "kokoro-82m")
	if _, err := model.Resolve(p.WithVoice("kokoro-bm_mine"), r, host, ready); !errors.Is(err, model.ErrNotInstalled) || !strings.Contains(err.Error(), "pull kokoro-82m") {
		t.Errorf("without the model: %v", err)
	}
	if _, err := model.Resolve(p.WithVoice("kokoro-82m"), r, host, everything(c)); err != nil {
		t.Errorf("the model with its own voices: %v", err)
	}
}
