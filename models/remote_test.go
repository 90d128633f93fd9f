package models_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models"
)

const farEntry = `models:
  - id: far
    name: A model behind a server
    kind: model
    capabilities: [chat, vision, streaming]
    context: 32768
    licence: own
    remote:
      provider: lab
      endpoint: http://127.0.0.1:8000/v1
      model: big/one
      key_env: LAB_KEY
      concurrency: 2
      queue: 1500ms
      timeouts: {connect: 3s, first_token: 1m, between_tokens: 20s, answer: 5m}
      picture: {longest_side: 512, format: png}
      max_tokens_field: max_completion_tokens
      temperature: 0
      query: {api-version: 2024-10-21, code: {file: /run/code}}
      headers: {api-key: {env: LAB_HEADER}, x-team: "7"}
      stream_options: false
      cache: {key_field: prompt_cache_key, slots: 4, marks: true}
    answer:
      begins: thinking
      special: ["<|eom|>"]
`

func TestRemoteEntry(t *testing.T) {
	c, err := models.Parse(models.Document{Name: "mine.yaml", Data: []byte(farEntry)})
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.Entry("far")
	if err != nil {
		t.Fatal(err)
	}
	zero, no := 0.0, false
	want := &models.Remote{
		Provider: "lab", Endpoint: "http://127.0.0.1:8000/v1", Model: "big/one", KeyEnv: "LAB_KEY", Concurrency: 2, Queue: 1500 * time.Millisecond,
		Timeouts: models.RemoteTimeouts{Connect: 3 * time.Second, FirstToken: time.Minute, BetweenTokens: 20 * time.Second, Answer: 5 * time.Minute},
		Picture:  models.RemotePicture{LongestSide: 512, Format: "png"}, MaxTokensField: "max_completion_tokens", Temperature: &zero,
		Query:         map[string]models.RemoteValue{"api-version": {Text: "2024-10-21"}, "code": {File: "/run/code"}},
		Headers:       map[string]models.RemoteValue{"api-key": {Env: "LAB_HEADER"}, "x-team": {Text: "7"}},
		StreamOptions: &no, Cache: models.RemoteCache{KeyField: "prompt_cache_key", Slots: 4, Marks: true},
	}
	if diff := cmp.Diff(want, e.Remote); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&models.AnswerStyle{Begins: models.BeginsThinking, Special: []string{"<|eom|>"}}, e.Answer); diff != "" {
		t.Error(diff)
	}
}

func TestRemoteEntryIsChecked(t *testing.T) {
	again := strings.TrimPrefix(strings.ReplaceAll(farEntry, "id: far", "id: farther"), "models:\n")
	for says, text := range map[string]string{
		"is this program":              strings.Replace(farEntry, "provider: lab", "provider: local", 1),
		"user name or a query":         strings.Replace(farEntry, "http://127", "http://me:hunter2@127", 1),
		"a user name or a query":       strings.Replace(farEntry, "8000/v1", "8000/v1?key=hunter2", 1),
		"only one may be set":          strings.Replace(farEntry, "key_env: LAB_KEY", "key_env: A\n      key_file: b", 1),
		"only a model can be":          strings.Replace(farEntry, "kind: model", "kind: adapter", 1),
		"key":                          strings.Replace(farEntry, "key_env: LAB_KEY", "key: sk-1", 1), // keys are not part of a catalog
		`provider "lab" differs in`:    farEntry + strings.Replace(again, "concurrency: 2", "concurrency: 3", 1),
		"timeouts, query, headers":     farEntry + strings.Replace(again, "2024-10-21", "2025-01-01", 1),
		"stream_options or cache":      farEntry + strings.Replace(again, "slots: 4", "slots: 5", 1),
		"headers, stream_options":      farEntry + strings.Replace(again, "stream_options: false", "stream_options: true", 1),
		"provider \"lab\" differs":     farEntry + strings.Replace(again, "LAB_HEADER", "OTHER", 1),
		"query.code: want one text":    strings.Replace(farEntry, "{file: /run/code}", "{}", 1),
		"headers.api-key: want one":    strings.Replace(farEntry, "{env: LAB_HEADER}", "{env: A, file: b}", 1),
		`unknown field "key"`:          strings.Replace(farEntry, "{env: LAB_HEADER}", "{key: hunter2}", 1),
		"answer.begins":                strings.Replace(farEntry, "begins: thinking", "begins: slowly", 1),
		"answer.special":               strings.Replace(farEntry, "<|eom|>", "word", 1),
		"differs in endpoint":          farEntry + strings.Replace(again, "8000/v1", "8001/v1", 1),
		"in endpoint, key":             farEntry + strings.Replace(again, "LAB_KEY", "LAB_KEY2", 1),
		"endpoint, key,":               strings.Replace(farEntry, "key_env: LAB_KEY", "key_file: a", 1) + strings.Replace(again, "key_env: LAB_KEY", "key_file: b", 1),
		"queue, timeouts":              farEntry + strings.Replace(again, "1500ms", "1501ms", 1),
		"remote.endpoint":              strings.Replace(farEntry, "http://127.0.0.1:8000", "ftp://127.0.0.1:8000", 1),
		"http or https":                strings.Replace(farEntry, "http://127.0.0.1:8000", "http://", 1),
		"endpoint: not an":             strings.Replace(farEntry, "http://127.0.0.1:8000/v1", "'http://[::1'", 1),
		"and model are required":       strings.Replace(farEntry, "provider: lab", "", 1),
		"headers.x-team: want one":     strings.Replace(farEntry, `x-team: "7"`, `x-team: ""`, 1),
		"only a model answers":         "models:\n  - {id: m, kind: adapter, licence: MIT, answer: {begins: plain}, files: [{path: a}]}\n",
		"only a model answers, not a ": "models:\n  - {id: m, kind: component, licence: MIT, answer: {special: [\"<|eom|>\"]}, files: [{path: a}]}\n",
		`"<>" is no token`:             strings.Replace(farEntry, "<|eom|>", "<>", 1),
		"timeouts":                     farEntry + strings.Replace(again, "answer: 5m", "answer: 6m", 1),
		"provider and model are":       strings.Replace(farEntry, "model: big/one", "", 1),
		"not an http or https address": strings.Replace(farEntry, "endpoint: http://127.0.0.1:8000/v1", "endpoint: 127.0.0.1", 1),
	} {
		_, err := models.Parse(models.Document{Name: "mine.yaml", Data: []byte(text)})
		if !errors.Is(err, models.ErrCatalog) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a secret is in %q", err)
		}
	}
	other := strings.Replace(again, "big/one", "other", 1)
	streamed := strings.NewReplacer("      stream_options: false\n", "", "lab", "lib").Replace(farEntry)
	for name, text := range map[string]string{
		"two models of one provider":     farEntry + other,
		"two providers":                  farEntry + strings.NewReplacer("lab", "lib", "8000", "8001").Replace(other),
		"a plain beginning":              strings.Replace(farEntry, "begins: thinking", "begins: plain", 1),
		"a beginning that is found out":  strings.Replace(farEntry, "      begins: thinking\n", "", 1),
		"no options of streams, or true": streamed + strings.NewReplacer("stream_options: false", "stream_options: true", "lab", "lib").Replace(again),
		"a server with a certificate":    strings.Replace(farEntry, "http://127", "https://127", 1),
	} {
		if _, err := models.Parse(models.Document{Name: "mine.yaml", Data: []byte(text)}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// resolve resolves a built-in profile with exactly these models at hand and farEntry in the user's
// file.
func resolve(t *testing.T, profile string, h model.Host, installed ...string) (model.Resolution, error) {
	t.Helper()
	c, err := models.Load(models.Document{Name: "mine.yaml", Data: []byte(farEntry)})
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Profile(profile)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Registry()
	if err != nil {
		t.Fatal(err)
	}
	ready := model.Readiness{States: map[string]model.State{}}
	for _, id := range append(installed, "runtime-cpu", "runtime-cuda", "silero-vad", "moonshine-tiny", "whisper-base.en", "piper-en_US-joe-medium") {
		ready.States[id] = model.State{Stage: model.StageVerified}
	}
	return model.Resolve(p, r, h, ready)
}

// Which built-in profile may run what: a server only by name, a model without eyes only where none
// are asked for.
func TestBuiltinProfilesNeverFallBack(t *testing.T) {
	laptop := model.Host{MemoryFree: 1 << 34, Families: models.Families()}
	gpu := laptop
	gpu.GPUs = []model.GPU{{Name: "card", Provider: model.ProviderCUDA, MemoryFree: 1 << 34}}
	for _, c := range []struct {
		profile   string
		host      model.Host
		installed []string
		model     string // empty: refused
	}{
		{"text", laptop, []string{"smollm2-135m-instruct", "calibration"}, "smollm2-135m-instruct"},
		{"text", gpu, []string{"smollm2-135m-instruct"}, "smollm2-135m-instruct"},
		{"text", laptop, []string{"calibration"}, ""},
		{"standard", gpu, []string{"smollm2-135m-instruct"}, ""},
		{"standard", gpu, []string{"smollm2-135m-instruct", "smolvlm-256m-instruct"}, "smolvlm-256m-instruct"},
		{"standard", gpu, []string{"smolvlm-256m-instruct", "qwen3-vl-2b-instruct"}, "qwen3-vl-2b-instruct"},
		{"embedded", laptop, []string{"qwen3-vl-2b-instruct"}, "qwen3-vl-2b-instruct"},
		{"embedded", laptop, []string{"smollm2-135m-instruct"}, ""},
		{"embedded", laptop, []string{"smollm2-135m-instruct", "calibration"}, "calibration"},
		{"remote", laptop, []string{"calibration"}, "far"},
	} {
		res, err := resolve(t, c.profile, c.host, c.installed...)
		if c.model == "" {
			if !errors.Is(err, model.ErrNoQualifiedModel) {
				t.Errorf("%s with %v: %q, %v", c.profile, c.installed, res.Base.ID, err)
			}
			continue
		}
		if err != nil || res.Base.ID != c.model {
			t.Errorf("%s with %v: %q, %v", c.profile, c.installed, res.Base.ID, err)
		}
		for _, s := range res.Sources {
			if s.Capability == model.Vision && c.profile == "text" {
				t.Error("text asks for vision")
			}
		}
	}
}

// What the loader refuses the resolver refuses first, and names it.
func TestResolverKnowsWhatRunnersCanDo(t *testing.T) {
	const profile = `models:
  - {id: own-turn, kind: component, family: own, licence: MIT, files: [{path: turn.onnx, about: 1}]}
profiles:
  - id: mine
    native: [chat]
    adapted: {audio-input: [EAR], audio-output: [piper-en_US-joe-medium]}
    requires: [silero-vad, COMPONENT]
    residency: any
    providers: local-only
`
	for _, c := range []struct{ ear, component, says string }{
		{"whisper-base.en", "moonshine-tiny", ""},
		{"moonshine-tiny", "moonshine-tiny", `moonshine-tiny: family "moonshine" is for interim transcripts, not for final transcripts`},
		{"whisper-base.en", "own-turn", `own-turn: this build has no runner for family "own"`},
	} {
		text := strings.NewReplacer("EAR", c.ear, "COMPONENT", c.component).Replace(profile)
		catalog, err := models.Load(models.Document{Name: "mine.yaml", Data: []byte(text)})
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
		ready := model.Readiness{States: map[string]model.State{}}
		for _, e := range catalog.Entries {
			ready.States[e.ID] = model.State{Stage: model.StageVerified}
		}
		_, err = model.Resolve(p, r, model.Host{MemoryFree: 1 << 34, Families: models.Families()}, ready)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s, %s: %v", c.ear, c.component, err)
		}
	}
}
