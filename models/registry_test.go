package models_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models"
)

// TestRegistryOfACatalog says the same as the catalog, in the words of package model.
func TestRegistryOfACatalog(t *testing.T) {
	text := strings.TrimSuffix(farEntry, "\n") + `
  - {id: near, name: A model here, kind: model, family: llama, capabilities: [chat, streaming], context: 512, licence: MIT, memory_mb: 300, rank: 7, unverified: not run, files: [{path: z}, {path: a}], convert: x, outputs: [made]}
  - {id: gpu, name: A runtime, kind: runtime, family: onnxruntime, licence: MIT, provides: cuda, providers: [cuda], files: [{path: b}]}
`
	c, err := models.Parse(models.Document{Name: "mine.yaml", Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Registry()
	if err != nil {
		t.Fatal(err)
	}
	both := []string{model.ProviderCUDA, model.ProviderCPU}
	want := []model.Entry{
		{
			ID: "far", Name: "A model behind a server", Kind: model.KindModel, Capabilities: model.SetOf(model.Chat, model.Vision, model.Streaming),
			Context: 32768, Licence: "own", Provider: "lab", Backend: models.BackendOpenAI,
		},
		{
			ID: "gpu", Name: "A runtime", Kind: model.KindRuntime, Family: "onnxruntime", Licence: "MIT", Provider: model.LocalProvider,
			Backend: models.BackendONNX, ExecutionProviders: []string{model.ProviderCUDA}, Provides: "cuda",
			Files: []string{"b"},
		},
		{
			ID: "near", Name: "A model here", Kind: model.KindModel, Family: "llama", Capabilities: model.SetOf(model.Chat, model.Streaming), Context: 512,
			Licence: "MIT", Provider: model.LocalProvider, Backend: models.BackendONNX, ExecutionProviders: both, MemoryBytes: 300_000_000, Rank: 7,
			Unverified: "not run", Files: []string{"a", "made", "z"},
		},
	}
	for _, w := range want {
		got, ok := r.Entry(w.ID)
		if diff := cmp.Diff(w, got); !ok || diff != "" {
			t.Errorf("%s: %v %s", w.ID, ok, diff)
		}
	}
	c.Entries = append(c.Entries, c.Entries[0]) // no reader lets that through
	if _, err := c.Registry(); !errors.Is(err, models.ErrCatalog) {
		t.Errorf("one id twice: %v", err)
	}
}

// TestRegistryOfAStore has the files that were accepted, where a model is installed, in their
// order.
func TestRegistryOfAStore(t *testing.T) {
	from := t.TempDir()
	for _, name := range []string{"c", "a", "b"} {
		put(t, filepath.Join(from, name), []byte(name))
	}
	s := store(t, "  - {id: m, name: test, kind: component, licence: MIT, folder: "+from+"}\n"+
		"  - {id: n, name: test, kind: component, licence: MIT, sources: [{file: '"+from+"/{path}'}], files: [{path: b}, {path: a}, {path: z, optional: true}]}\n", models.Options{})
	files := func(id string) string {
		t.Helper()
		r, err := s.Registry()
		if err != nil {
			t.Fatal(err)
		}
		e, ok := r.Entry(id)
		if !ok {
			t.Fatal(id)
		}
		return strings.Join(e.Files, " ")
	}
	if m, n := files("m"), files("n"); m != "" || n != "a b z" {
		t.Errorf("before: %q, %q", m, n)
	}
	if _, err := s.Pull(t.Context(), "m", "n"); err != nil {
		t.Fatal(err)
	}
	if m, n := files("m"), files("n"); m != "a b c" || n != "a b" {
		t.Errorf("installed: %q, %q", m, n)
	}
	remove(t, filepath.Join(s.Root(), "n", "a"))
	if n := files("n"); n != "a b z" {
		t.Errorf("no longer whole: %q", n)
	}
}

// TestReadinessOfAStore is verified for what is installed, and nothing is said of the rest.
func TestReadinessOfAStore(t *testing.T) {
	s, _ := installed(t, bytesOf(140, 10), models.Options{})
	ready := s.Readiness()
	verified := model.State{Stage: model.StageVerified}
	if diff := cmp.Diff(map[string]model.State{"m": verified, models.CalibrationID: verified}, ready.States); diff != "" || ready.Want != model.StageVerified {
		t.Errorf("want %v %s", ready.Want, diff)
	}
}

// TestDocumentsAreMerged in the order of their ids, profiles with their needs in the order of their
// words.
func TestDocumentsAreMerged(t *testing.T) {
	one := "models:\n  - {id: b, kind: component, licence: MIT, files: [{path: x, size: 3, about: 5}, {path: y, about: 7}]}\n" +
		"  - {id: z, kind: component, licence: MIT, files: [{path: x}]}\nsets: {s: [z, b]}\ndefaults: {ear: [a], voice: [b]}\n"
	two := "models: [{id: a, kind: component, licence: MIT, files: [{path: x}]}]\nsets: {r: [a, z]}\ndefaults: {interim: [b], detector: [z], voice: [z, b]}\n" +
		"profiles: [{id: p, description: d, native: [vision, chat], adapted: {audio-output: [b], audio-input: [a, b]}, requires: [z], models: [b]," +
		" context_min: 9, residency: any, providers: local-only, licences: [MIT]}]\n"
	c, err := models.Parse(models.Document{Name: "one", Data: []byte(one)}, models.Document{Name: "two", Data: []byte(two)})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, e := range c.Entries {
		ids = append(ids, e.ID+" of "+e.Origin)
	}
	if got := strings.Join(ids, ", "); got != "a of two, b of one, z of one" {
		t.Errorf("entries %s", got)
	}
	want := []model.Profile{{
		ID: "p", Description: "d", ContextMin: 9, Residency: "any", Providers: model.LocalOnly, Licences: []string{"MIT"}, Requires: []string{"z"},
		Models: []string{"b"},
		Defaults: map[model.Role][]string{ // those of the first document where the second has none
			model.RoleEar: {"a"}, model.RoleInterim: {"b"}, model.RoleDetector: {"z"}, model.RoleVoice: {"z", "b"},
		},
		Needs: []model.Need{
			{Capability: model.Vision},
			{Capability: model.Chat},
			{Capability: model.AudioInput, AdapterAllowed: true, Adapters: []string{"a", "b"}},
			{Capability: model.AudioOutput, AdapterAllowed: true, Adapters: []string{"b"}},
		},
	}}
	if diff := cmp.Diff(want, c.Profiles); diff != "" {
		t.Error(diff)
	}
	expanded, err := c.Expand("s", "a", "r", "b")
	if err != nil || !slices.Equal(expanded, []string{"z", "b", "a"}) || !slices.Equal(c.SetNames(), []string{"r", "s"}) {
		t.Errorf("%v, %v; sets %v", expanded, err, c.SetNames())
	}
	var unknown *models.UnknownModelError
	if _, err := c.Expand("s", "c"); !errors.As(err, &unknown) || !slices.Equal(unknown.Known, []string{"a", "b", "r (set)", "s (set)", "z"}) {
		t.Errorf("got %v", err)
	}
	b, err := c.Entry("b")
	if err != nil || b.Bytes() != 10 {
		t.Errorf("%+v, %v", b, err)
	}
	var missing *model.UnknownProfileError
	if _, err := c.Profile("q"); !errors.As(err, &missing) || missing.ID != "q" || !slices.Equal(missing.Known, []string{"p"}) {
		t.Errorf("got %v", err)
	}
	again := models.Document{Name: "three", Data: []byte("models: [{id: b, kind: component, licence: MIT, files: [{path: x}]}]\n")}
	_, err = models.Parse(models.Document{Name: "one", Data: []byte(one)}, models.Document{Name: "two", Data: []byte(two)}, again)
	if !errors.Is(err, models.ErrCatalog) || !strings.Contains(err.Error(), `three: model "b" is already declared in one`) {
		t.Errorf("got %v", err)
	}
}

// TestWhereFaultsStand is told by document and line.
func TestWhereFaultsStand(t *testing.T) {
	deep := "models:\n  - id: m\n    name: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "\n"
	for text, want := range map[string]string{
		deep:                                   "mine.yaml: line 3: ",
		"models:\n  - id: m\n    name: &x n\n": "mine.yaml: line 3: anchors, aliases and tags are not supported",
		"models:\n  - id: m\n    name: !!str n\n":     "mine.yaml: line 3: anchors, aliases and tags are not supported",
		good + "---\nmodels:\n  - id: &n n\n":         "anchors, aliases and tags are not supported",
		strings.Replace(good, "kind: model", "", 1):   `mine.yaml: model "m": kind: ""`,
		good + "sets: {s: [m, silero-vad, nobody]}\n": `set "s": unknown model "nobody"`,
	} {
		_, err := models.Load(models.Document{Name: "mine.yaml", Data: []byte(text)})
		if !errors.Is(err, models.ErrCatalog) || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

// TestWordsForSources stand in progress lines and errors.
func TestWordsForSources(t *testing.T) {
	for want, s := range map[string]models.Source{
		"huggingface o/r@main p/m.bin": {HuggingFace: &models.HuggingFace{Repo: "o/r", Revision: "main", Path: "p/m.bin"}},
		"url http://h/x":               {URL: "http://h/x"},
		"pypi p==1.0":                  {PyPI: &models.Package{Name: "p", Version: "1.0"}},
		"npm @s/p@2.0":                 {NPM: &models.Package{Name: "@s/p", Version: "2.0"}},
		"file /x":                      {File: "/x"},
	} {
		if got := s.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestSourcesOfAModel come after those of a file, with the file's path in them.
func TestSourcesOfAModel(t *testing.T) {
	data := bytesOf(141, 10)
	yaml := "  - id: m\n    name: test\n    kind: component\n    licence: MIT\n    sources:\n" +
		"      - {huggingface: {repo: o/r, revision: main, path: 'onnx/{path}'}}\n      - {url: 'http://127.0.0.1:1/{path}?{path}'}\n" +
		"      - {pypi: {name: p, version: 1.0.0, member: 'p/{path}'}}\n      - {npm: {name: p, version: 1.0.0, member: 'package/{path}'}}\n" +
		"      - {file: '/nowhere/{path}'}\n" +
		"    files:\n      - {path: a, size: 10, sha256: " + digest(data) + ", sources: [{file: '/first/{path}'}, {url: 'http://127.0.0.1:2/'}]}\n" +
		"      - {path: b, size: 10, sha256: " + digest(data) + "}\n"
	s := store(t, yaml, models.Options{Offline: true, HuggingFace: "http://127.0.0.1:1"})
	_, err := s.Pull(t.Context(), "m")
	var bad *models.ModelError
	if !errors.As(err, &bad) || len(bad.Files) != 2 {
		t.Fatalf("got %v", err)
	}
	shared := "huggingface o/r@main onnx/F, url http://127.0.0.1:1/F?F, pypi p==1.0.0, npm p@1.0.0, file /nowhere/F"
	for _, err := range bad.Files {
		var pull *models.PullError
		if !errors.As(err, &pull) {
			t.Fatal(err)
		}
		var got []string
		for _, a := range pull.Attempts {
			got = append(got, a.Source)
			if errors.Is(a.Err, models.ErrOffline) == strings.HasPrefix(a.Source, "file") {
				t.Errorf("%s: %v", a.Source, a.Err)
			}
		}
		want := strings.ReplaceAll(shared, "F", pull.File)
		if pull.File == "a" {
			want = "file /first/a, url http://127.0.0.1:2/, " + want
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%s: %s, want %s", pull.File, text, want)
		}
	}
}
