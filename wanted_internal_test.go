package sensory

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/models"
)

// far is a user's catalog file with a model behind a server.
const far = `models:
  - id: far
    name: A model behind a server
    kind: model
    capabilities: [chat, vision, streaming]
    context: 32768
    licence: own
    rank: 99
    remote: {provider: lab, endpoint: "http://127.0.0.1:8000/v1", model: big/one, key_file: /run/key, query: {v: a}, headers: {k: {env: K}}, stream_options: false, concurrency: 3, queue: 2s,
      timeouts: {first_token: 1m}, picture: {longest_side: 512}, max_tokens_field: max_completion_tokens, temperature: 0.5, cache: {key_field: cache_salt}}
`

func TestRemoteModelOfTheCatalogReachesTheEngine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "models.yaml")
	if err := os.WriteFile(path, []byte(far), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SENSORY_AGENT_CATALOG", path)
	store, err := models.Open(t.TempDir(), models.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	got, err := remoteModel(store, "far")
	if err != nil {
		t.Fatal(err)
	}
	half := 0.5
	want := &engine.RemoteConfig{
		Server: remote.Config{
			Provider: "lab", BaseURL: "http://127.0.0.1:8000/v1", KeyFile: "/run/key", Concurrency: 3, Queue: 2 * time.Second,
			Timeouts: remote.Timeouts{FirstToken: time.Minute}, NoStreamOptions: true, Cache: remote.CacheHint{KeyField: "cache_salt"},
			Query: map[string]remote.Value{"v": {Text: "a"}}, Headers: map[string]remote.Value{"k": {Env: "K"}},
		},
		Model: "big/one", Context: 32768, Picture: remote.PictureOptions{LongestSide: 512}, MaxTokensField: remote.FieldMaxCompletionTokens, Temperature: &half,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	cfg := engine.MachineConfig{Host: model.Host{Cores: 2, MemoryBytes: 1 << 33}, Places: (&engine.Config{Remote: got}).Places()}
	budgets, err := cfg.Derived()
	if err != nil {
		t.Fatal(err)
	}
	pool := compute.Budget{Pool: compute.Pool{Silicon: compute.SiliconCloud, Provider: "lab"}, Slots: 3, Units: 3}
	if !slices.Contains(budgets, pool) {
		t.Errorf("no budget for the provider's 3 places: %v", budgets)
	}
}

func TestBudgetsOfTheFileReachTheEngine(t *testing.T) {
	file, err := config.Parse("a.yaml", []byte("models: {idle: 0s, bytes: 1MiB}\nprompt_cache: {bytes: 2MiB}\nbudgets:\n  - {silicon: BACKGROUND, slots: 3}\n"))
	if err != nil {
		t.Fatal(err)
	}
	cfg := engine.MachineConfig{Host: model.Host{Cores: 2, MemoryBytes: 8 << 30}}
	if err := govern(&cfg, file); err != nil {
		t.Fatal(err)
	}
	slots := map[compute.Silicon]int64{}
	for _, b := range cfg.Budgets {
		slots[b.Silicon] = b.Slots
	}
	if slots[compute.SiliconBackground] != 3 || slots[compute.SiliconCPU] != 16 || cfg.Pool.HostBytes != 1<<20 || cfg.Pool.Idle >= 0 {
		t.Errorf("budgets %v, models %+v", slots, cfg.Pool)
	}
	if cfg.PromptCacheBytes != 2<<20 {
		t.Errorf("%d bytes of prompts", cfg.PromptCacheBytes)
	}
}
