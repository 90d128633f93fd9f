package main

import (
	"context"
	"errors"
	"log/slog"

	"connectrpc.com/connect"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// mount puts the API behind the listener of --listen.
func (s *served) mount(log *slog.Logger) []ops.Mount {
	calls := api.New(api.Config{
		Host: s.hosting, Leases: s.ledger, Pool: s.pool, Models: s.models, Resolve: s.resolve, Replay: s.replay, Logger: log,
		Prompts: s.prompts, Store: s.storing, Refusals: s.refusals, Tokens: s.minted,
	})
	s.calls.Store(calls)
	return []ops.Mount{{Prefix: api.Prefix, Handler: calls, Refuse: calls.Refuse}}
}

// serve answers calls and how ready the program is, without the console.
func (s *served) serve(at ops.Config, log *slog.Logger, ready func() ops.Readiness) (*ops.Server, error) {
	p := program{ready: ready, mount: func(log *slog.Logger) ([]ops.Mount, error) { return s.mount(log), nil }}
	return p.serve(at, log)
}

// hosting is the host, once there is one.
func (s *served) hosting() api.Host {
	if h := s.host.Load(); h != nil {
		return h
	}
	return nil
}

func (s *served) ledger() (compute.Snapshot, bool) {
	if m := s.machine.Load(); m != nil {
		return m.Compute(), true
	}
	return compute.Snapshot{}, false
}

// resolve chooses models as a seat would get them.
func (s *served) resolve(_ context.Context, profile, voice string) (model.Resolution, error) {
	on := s.cast.Load()
	if on == nil {
		return model.Resolution{}, &api.Error{Code: connect.CodeUnavailable, Reason: api.ReasonLoading, Err: errLoading}
	}
	res, err := on.Resolve(sensory.Persona{Profile: profile, Voice: voice})
	if errors.Is(err, sensory.ErrConfig) {
		err = &api.Error{Code: connect.CodeInvalidArgument, Reason: api.ReasonBadValue, Field: "profile", Err: err}
	}
	return res, err
}
