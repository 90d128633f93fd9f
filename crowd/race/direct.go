package race

import (
	"context"
	"log/slog"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/crowd"
)

// Spawner has an agent enter rooms of one server without a dispatch, as callers of the API do. Its
// methods are called by one goroutine.
type Spawner struct {
	models *engine.Models
	log    *slog.Logger
	host   *agent.Host // nil before the first room
}

// NewSpawner makes one of models, which stay the caller's.
func NewSpawner(models *engine.Models, log *slog.Logger) *Spawner {
	return &Spawner{models: models, log: log}
}

// Enter has the agent enter a room, and returns when it has: see Config.Direct.
func (s *Spawner) Enter(ctx context.Context, at crowd.Server, in string) (leave func(), err error) {
	if s.host == nil {
		s.host, err = agent.NewHost(agent.HostConfig{
			Open: func(context.Context, persona.Persona) (*engine.Models, error) { return s.models.Share() },
			Room: room.Config{URL: at.URL, APIKey: at.Key, APISecret: at.Secret, Logger: s.log},
		})
		if err != nil {
			return nil, err
		}
	}
	const name = "canned"
	return func() { _ = s.host.Remove(ctx, in, name) }, s.host.Spawn(ctx, in, persona.Persona{Name: name}) // else it leaves with the host
}

// Close has it leave all rooms.
func (s *Spawner) Close() error {
	if s.host == nil {
		return nil
	}
	return s.host.Close()
}
