package models

import (
	"fmt"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// Backends of entries: how a base model runs.
const (
	BackendONNX   = "onnxruntime"
	BackendOpenAI = "openai-http"
)

// Registry returns the pure form of the catalog.
func (c *Catalog) Registry() (*model.Registry, error) {
	entries := make([]model.Entry, 0, len(c.Entries))
	for i := range c.Entries {
		entries = append(entries, c.Entries[i].pure())
	}
	r, err := model.NewRegistry(entries)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCatalog, err)
	}
	return r, nil
}

func (e *Entry) pure() model.Entry {
	out := model.Entry{
		ID: e.ID, Name: e.Name, Kind: model.Kind(e.Kind), Family: e.Family, Context: e.Context, Licence: e.Licence,
		Provider: model.LocalProvider, Backend: BackendONNX, ExecutionProviders: e.Providers, Provides: e.Provides,
		MemoryBytes: e.MemoryMB * 1_000_000, Rank: e.Rank, Unverified: e.Unverified,
	}
	for _, w := range e.Capabilities {
		out.Capabilities |= model.SetOf(model.Capability(w))
	}
	if len(out.ExecutionProviders) == 0 {
		out.ExecutionProviders = []string{model.ProviderCUDA, model.ProviderCPU}
	}
	if e.Remote != nil {
		out.Provider, out.Backend, out.ExecutionProviders = e.Remote.Provider, BackendOpenAI, nil
	}
	return out
}

// Readiness returns what the store knows: installed models are StageVerified, all others StageDeclared. The agent raises entries that
// it has loaded and probed.
func (s *Store) Readiness() model.Readiness {
	out := model.Readiness{Want: model.StageVerified, States: make(map[string]model.State, len(s.catalog.Entries))}
	for i := range s.catalog.Entries {
		if id := s.catalog.Entries[i].ID; s.Installed(id) {
			out.States[id] = model.State{Stage: model.StageVerified}
		}
	}
	return out
}

// Families returns the model families that this program has a runner for, and as what: package agent loads nothing else. An entry of any other
// family can be listed and pulled, and is named as the blocker where a profile wants it.
func Families() []model.Family {
	return []model.Family{
		{Name: "idefics3", Parts: []model.Part{model.PartMind}},
		{Name: "qwen-vl", Parts: []model.Part{model.PartMind}},
		{Name: "gemma3n", Parts: []model.Part{model.PartMind}},
		{Name: "llama", Parts: []model.Part{model.PartMind}},
		{Name: "whisper", Parts: []model.Part{model.PartEar}},
		{Name: "moonshine", Parts: []model.Part{model.PartInterim}},
		{Name: "silero", Parts: []model.Part{model.PartDetector}},
		{Name: "piper", Parts: []model.Part{model.PartVoice}},
		{Name: "kokoro", Parts: []model.Part{model.PartVoice}},
		{Name: "onnxruntime", Parts: []model.Part{model.PartRuntime}},
	}
}
