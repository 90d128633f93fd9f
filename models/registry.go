package models

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// Backends of entries: how a base model runs.
const (
	BackendONNX   = "onnxruntime"
	BackendOpenAI = "openai-http"
)

// Registry returns the pure form of the catalog. Files are those that the catalog declares; see
// Store.Registry.
func (c *Catalog) Registry() (*model.Registry, error) {
	entries := make([]model.Entry, 0, len(c.Entries))
	for i := range c.Entries {
		entries = append(entries, c.Entries[i].pure())
	}
	return newRegistry(entries)
}

func newRegistry(entries []model.Entry) (*model.Registry, error) {
	r, err := model.NewRegistry(entries)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCatalog, err)
	}
	return r, nil
}

// Registry returns the pure form of the catalog. The files of what is installed are those that were
// accepted, of everything else those that the catalog declares.
func (s *Store) Registry() (*model.Registry, error) {
	entries := make([]model.Entry, 0, len(s.catalog.Entries))
	for i := range s.catalog.Entries {
		e := s.catalog.Entries[i].pure()
		if lock, err := readLock(filepath.Join(s.dir, e.ID)); err == nil && s.Installed(e.ID) && len(lock.Files) > 0 {
			e.Files = e.Files[:0:0]
			for k := range lock.Files {
				e.Files = append(e.Files, lock.Files[k].Path)
			}
			slices.Sort(e.Files)
		}
		entries = append(entries, e)
	}
	return newRegistry(entries)
}

func (e *Entry) pure() model.Entry {
	out := model.Entry{
		ID: e.ID, Name: e.Name, Kind: model.Kind(e.Kind), Family: e.Family, Context: e.Context, Pictures: e.Pictures, Licence: e.Licence,
		Provider: model.LocalProvider, Backend: BackendONNX, ExecutionProviders: e.Providers, Provides: e.Provides,
		With: e.with(), MemoryBytes: e.MemoryMB * 1_000_000, Rank: e.Rank, Unverified: e.Unverified,
	}
	for _, f := range e.Files {
		out.Files = append(out.Files, f.Path)
	}
	out.Files = append(out.Files, e.Outputs...)
	slices.Sort(out.Files)
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

// Readiness returns what the store knows: installed models are StageVerified, all others
// StageDeclared. The agent raises entries that it has loaded and probed. What pictures cost is of
// the last time that a model was loaded here.
func (s *Store) Readiness() model.Readiness {
	out := model.Readiness{Want: model.StageVerified, States: make(map[string]model.State, len(s.catalog.Entries))}
	for i := range s.catalog.Entries {
		if id := s.catalog.Entries[i].ID; s.Installed(id) {
			out.States[id] = model.State{Stage: model.StageVerified}
		}
	}
	for _, r := range s.sights() {
		if state, ok := out.States[r.Model]; ok {
			state.Sight = append(state.Sight, r.SightCosts)
			out.States[r.Model] = state
		}
	}
	return out
}

// Families returns the model families that this program has a runner for, and the roles that it can
// play: package agent loads nothing else. An entry of any other family, of a user's own file, can
// be listed and pulled, and is named as the blocker where a profile wants it.
func Families() []model.Family {
	return []model.Family{
		{Name: "idefics3", Roles: []model.Role{model.RoleBase}},
		{Name: "qwen-vl", Roles: []model.Role{model.RoleBase}},
		{Name: "gemma3n", Roles: []model.Role{model.RoleBase}},
		{Name: "llama", Roles: []model.Role{model.RoleBase}},
		{Name: "whisper", Roles: []model.Role{model.RoleEar}},
		{Name: "moonshine", Roles: []model.Role{model.RoleInterim}},
		{Name: "silero", Roles: []model.Role{model.RoleDetector}},
		{Name: "smart-turn", Roles: []model.Role{model.RoleEndOfTurn}},
		{Name: "pp-ocr", Roles: []model.Role{model.RoleReader}},
		{Name: "efficientnet-lite", Roles: []model.Role{model.RoleNamer}},
		{Name: "piper", Roles: []model.Role{model.RoleVoice}},
		{Name: "kokoro", Roles: []model.Role{model.RoleVoice}},
		{Name: "onnxruntime", Roles: []model.Role{model.RoleRuntime}},
	}
}
