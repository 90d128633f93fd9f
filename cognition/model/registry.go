package model

import (
	"fmt"
	"slices"
	"sort"
)

// LocalProvider is the provider of models that run in this process.
const LocalProvider = "local"

// Entry is one registered model, adapter, component or runtime.
type Entry struct {
	// ID is unique in a registry.
	ID string
	// Name is shown to people.
	Name string
	Kind Kind
	// Family selects the runner, such as "idefics3".
	Family string
	// Capabilities are native to the entry.
	Capabilities Set
	// Context is the window in tokens.
	Context int
	// Pictures is how many pictures the model takes beside one question, with their times; 0 and 1
	// mean one.
	Pictures int
	Licence  string
	// Provider is LocalProvider, or the name of a remote provider: a server, reached over a
	// network, whose model lives on cloud silicon.
	Provider string
	// Backend is how it runs: "onnxruntime", "openai-http".
	Backend string
	// With are the ids of entries that it is loaded with, such as the model of somebody's own
	// style: they must be registered and installed, and take memory, like the entry itself.
	With []string
	// Files are the paths of its files below its folder; see Part.
	Files []string
	// ExecutionProviders that the files run on, such as "cpu" and "cuda". Empty for remote entries.
	ExecutionProviders []string
	// Provides is the execution provider that a runtime entry brings.
	Provides string
	// MemoryBytes is what the loaded entry needs.
	MemoryBytes int64
	// Rank orders qualified entries; the higher wins, ties go to the smaller id.
	Rank int
	// Unverified says why the project claims nothing for the entry; "" when it runs it itself.
	Unverified string
}

// remote reports whether a server runs the entry.
func (e *Entry) remote() bool { return e.Provider != LocalProvider }

// Registry is an immutable set of entries in preference order: higher rank first, then id.
type Registry struct {
	entries []Entry
	byID    map[string]int
}

// NewRegistry copies the entries. The order given does not matter. An empty or repeated id, an
// unknown kind or an empty provider is an error.
func NewRegistry(entries []Entry) (*Registry, error) {
	r := &Registry{entries: slices.Clone(entries), byID: make(map[string]int, len(entries))}
	sort.Slice(r.entries, func(i, j int) bool {
		a, b := &r.entries[i], &r.entries[j]
		if a.Rank != b.Rank {
			return a.Rank > b.Rank
		}
		return a.ID < b.ID
	})
	for i := range r.entries {
		e := &r.entries[i]
		if _, ok := r.byID[e.ID]; ok || e.ID == "" {
			return nil, fmt.Errorf("%w: %q", ErrDuplicateID, e.ID)
		}
		if !e.Kind.Valid() || e.Provider == "" {
			return nil, fmt.Errorf("%w: %q: kind %q, provider %q", ErrBadEntry, e.ID, e.Kind, e.Provider)
		}
		r.byID[e.ID] = i
	}
	return r, nil
}

// Len returns the number of entries.
func (r *Registry) Len() int { return len(r.entries) }

// Entry returns a copy of the entry with that id.
func (r *Registry) Entry(id string) (Entry, bool) {
	e := r.find(id)
	if e == nil {
		return Entry{}, false
	}
	return *e, true
}

func (r *Registry) find(id string) *Entry {
	i, ok := r.byID[id]
	if !ok {
		return nil
	}
	return &r.entries[i]
}
