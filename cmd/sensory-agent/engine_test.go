package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// remoteFixture is a user's catalog file with a model behind a server and a profile that allows it.
func remoteFixture(t *testing.T) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "models.yaml")
	text := `models:
  - id: far
    name: A model behind a server
    kind: model
    capabilities: [chat, vision, streaming]
    context: 32768
    licence: own
    rank: 99
    remote: {provider: lab, endpoint: "http://127.0.0.1:8000/v1", model: big/one, key_file: /run/key, query: {v: a}, headers: {k: {env: K}}, stream_options: false, concurrency: 3, queue: 2s,
      timeouts: {first_token: 1m}, picture: {longest_side: 512}, max_tokens_field: max_completion_tokens, temperature: 0.5, cache: {key_field: cache_salt}}
profiles:
  - {id: mine, native: [chat, vision], residency: any, providers: prefer-cloud}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SENSORY_AGENT_CATALOG", path)
	t.Setenv("SENSORY_AGENT_MODELS", filepath.Join(t.TempDir(), "models"))
}

func TestExplainShowsWhereARemoteModelFallsOut(t *testing.T) {
	remoteFixture(t)
	out, _, err := runModels(t, "resolve", "--profile", "embedded", "--explain", "--assume-installed")
	if err != nil || !strings.Contains(out, `    far: an allowed provider, "lab" is not local-only`) {
		t.Errorf("embedded: %v\n%s", err, out)
	}
	out, _, err = runModels(t, "resolve", "--profile", "mine", "--json", "--assume-installed")
	var got model.Resolution
	if err != nil || json.Unmarshal([]byte(out), &got) != nil || got.Base.ID != "far" || got.Provider != "lab" || got.Silicon != model.SiliconCloud {
		t.Errorf("mine: %v\n%s", err, out)
	}
	out, _, err = runModels(t, "list", "--installed", "--json")
	var rows []modelsListRow
	if err != nil || json.Unmarshal([]byte(out), &rows) != nil || !slices.ContainsFunc(rows, func(r modelsListRow) bool { return r.ID == "far" && r.State == "remote" }) {
		t.Errorf("list: %v\n%s", err, out)
	}
}
