package main

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/models"
)

// opens opens the models of a persona.
type opens = func(context.Context, persona.Persona) (*engine.Models, error)

// made says which models personas were made of. It is safe for concurrent use.
type made struct {
	mu sync.Mutex
	of map[string][]string // personas by model
}

// noting has a persona's models noted when they are open.
func (s *served) noting(on *sensory.Machine, open opens) opens {
	return func(ctx context.Context, p persona.Persona) (*engine.Models, error) {
		begin := time.Now()
		models, err := open(ctx, p)
		change := agent.ModelChange{Change: "loaded", Took: time.Since(begin), Err: err}
		if err != nil {
			change.Change = "failed"
		}
		if res, resolved := on.Resolve(p); resolved == nil { // as it was a moment ago
			change.Name, change.Place, change.Bytes = res.Base.ID, string(res.Silicon), res.ExpectedBytes
			if err == nil {
				s.made.note(p.Name, res)
			}
		}
		s.happened(agent.KindModel, "", p.Ident(), change)
		return models, err
	}
}

// happened logs what happened beside the rooms.
func (s *served) happened(kind agent.Kind, in, who string, what any) {
	if h := s.host.Load(); h != nil {
		h.Events().Add(&agent.Event{At: time.Now(), Kind: kind, Room: in, Persona: who, What: what})
	}
}

// dispatched logs what becomes of dispatches.
func (s *served) dispatched(l line) {
	note := agent.Note{Text: strings.TrimSpace(l.Who + " " + l.Detail)}
	if l.Error != "" {
		note.Err = errors.New(l.Error)
	}
	s.happened(agent.KindDispatch, l.Room, "", note)
}

// note takes note of a persona's models.
func (m *made) note(name string, res model.Resolution) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil {
		m.of = map[string][]string{}
	}
	for _, part := range []model.Part{res.Base, res.Ear, res.Interim, res.Detector, res.Voice} {
		if i, found := slices.BinarySearch(m.of[part.ID], name); part.ID != "" && !found {
			m.of[part.ID] = slices.Insert(m.of[part.ID], i, name)
		}
	}
}

// entries are the models, by id, with what the catalog says of them.
func (m *made) entries(from *models.Catalog) (out []api.ModelEntry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, names := range m.of {
		e, err := from.Entry(id)
		if err != nil {
			continue // a voice that needs no entry
		}
		entry := api.ModelEntry{ID: id, Family: e.Family, Licence: e.Licence, Unverified: e.Unverified, Personas: slices.Clone(names)}
		entry.Source, entry.Revision = sourceOf(e)
		for _, f := range e.Files {
			entry.Files = append(entry.Files, api.ModelFile{Name: f.Path, Bytes: f.Size, SHA256: f.SHA256})
		}
		out = append(out, entry)
	}
	slices.SortFunc(out, func(a, b api.ModelEntry) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// sourceOf is where a model's files come from, as its catalog says, and their revision.
func sourceOf(e *models.Entry) (source, revision string) {
	sources := e.Sources
	if len(sources) == 0 && len(e.Files) > 0 {
		sources = e.Files[0].Sources
	}
	switch {
	case e.Embedded:
		return "this program", ""
	case e.Remote != nil:
		return "a server", ""
	case len(sources) == 0:
		return e.Folder, ""
	}
	switch s := sources[0]; {
	case s.HuggingFace != nil:
		return s.HuggingFace.Repo, s.HuggingFace.Revision
	case s.PyPI != nil:
		return "PyPI: " + s.PyPI.Name, s.PyPI.Version
	case s.NPM != nil:
		return "npm: " + s.NPM.Name, s.NPM.Version
	default:
		return cmp.Or(s.URL, s.File), ""
	}
}

// models are those that personas here are made of.
func (s *served) models() []api.ModelEntry {
	if on := s.cast.Load(); on != nil {
		return s.made.entries(on.Catalog())
	}
	return nil
}

// pool is what is loaded.
func (s *served) pool() (ort.PoolStatus, bool) {
	if m := s.machine.Load(); m != nil {
		return m.Pool(), true
	}
	return ort.PoolStatus{}, false
}

// records takes note of where a room's conversation is recorded.
func (s *served) records(room, file string) { s.recorded.Store(room, file) }

// replay is a command line that replays a room's conversation.
func (s *served) replay(room string) string {
	if file, ok := s.recorded.Load(room); ok {
		name, _ := file.(string)
		return "sensory-agent replay " + quoted(name)
	}
	return "sensory-agent replay --room " + quoted(room)
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./") == "" && word != "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
