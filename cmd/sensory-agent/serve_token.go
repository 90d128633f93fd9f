package main

import (
	"log/slog"
	"slices"

	"github.com/sensory-agent/sensory-agent/agent/token"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// mounts is what serve and join answer beside their pages: the API, and tokens of rooms where there
// is a key pair to make them with.
func (f *residentFlags) mounts(s *served) func(*slog.Logger) ([]ops.Mount, error) {
	return func(log *slog.Logger) ([]ops.Mount, error) {
		out, file := s.mount(log), f.engine.file
		s.file.Store(file)
		if file.Text("token.rooms", "served") == "off" || f.connect.Secret == "" {
			return out, nil
		}
		h, err := token.New(token.Config{
			URL: file.Text("token.url", f.connect.URL), Key: f.connect.Key, Secret: f.connect.Secret, TTL: file.Duration("token.ttl", 0),
			Any: file.Text("token.rooms", "") == "any", Served: s.rooms, Agents: s.agents, Taken: s.taken,
		})
		if err != nil {
			return nil, usageError{err}
		}
		s.tokens.Store(h)
		return append(out, ops.Mount{Prefix: token.Path, Handler: h, Refuse: h.Refuse, Origins: file.Origins()}), nil
	}
}

// rooms are those in which personas have seats.
func (s *served) rooms() (out []string) {
	if host := s.host.Load(); host != nil {
		for _, st := range host.Seats() {
			if !slices.Contains(out, st.Room) {
				out = append(out, st.Room)
			}
		}
	}
	return out
}

// agents are the names that the worker takes jobs for.
func (s *served) agents() (out []string) {
	for _, a := range s.file.Load().Agents() {
		out = append(out, a.Name)
	}
	return out
}

// taken tells whether an identity is that of a persona: of one in the room, or of one of the file,
// that may come.
func (s *served) taken(in, identity string) bool {
	for _, p := range s.file.Load().Set().Personas {
		if p.Ident() == identity {
			return true
		}
	}
	host := s.host.Load()
	if host == nil {
		return false
	}
	_, seated := host.Seat(in, identity)
	return seated
}
