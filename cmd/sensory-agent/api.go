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

// callsPath answers how often the API was called, and what it refused.
const callsPath = "/v1/api"

// mount puts the API behind the listener of --listen.
func (s *served) mount(log *slog.Logger) []ops.Mount {
	calls := api.New(api.Config{
		Host: s.hosting, Leases: s.ledger, Pool: s.pool, Models: s.models, Resolve: s.resolve, Replay: s.replay, Logger: log,
	})
	s.calls.Store(calls)
	return []ops.Mount{{Prefix: api.Prefix, Handler: calls, Refuse: calls.Refuse}}
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

// called is the page of the API's counts.
func (s *served) called() (any, error) {
	if calls := s.calls.Load(); calls != nil {
		return calls.Stats(), nil
	}
	return nil, errLoading
}
