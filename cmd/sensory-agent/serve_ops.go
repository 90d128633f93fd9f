package main

import (
	"fmt"
	"sync"
	"sync/atomic"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/dispatch"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/agent/token"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// served is what a running program knows of its seats, for those who ask from outside.
type served struct {
	host     atomic.Pointer[agent.Host]
	cast     atomic.Pointer[sensory.Machine]
	dispatch atomic.Pointer[dispatch.Service]
	tokens   atomic.Pointer[token.Handler]
	file     atomic.Pointer[config.Config] // as it was read last
	made     made                          // which models personas here are made of
	recorded sync.Map                      // the file of each room's conversation, by its name
	resident
}

// ready is true while every seat of the file can do its work, and every name is registered; else
// the first that cannot is named.
func (s *served) ready() ops.Readiness {
	host := s.host.Load()
	if host == nil {
		return ops.Readiness{State: "loading"}
	}
	for _, st := range host.Seats() {
		if st.Ready || st.By != agent.ByFile {
			continue
		}
		out := ops.Readiness{State: string(st.State), Reason: fmt.Sprintf("%s in room %s", st.Persona, st.Room)}
		if st.Err != nil {
			out.Reason += ": " + st.Err.Error()
		}
		return out
	}
	return s.working()
}

// refusals are what every room that is open did not take.
func (s *served) refusals() (map[string]room.LimitStats, bool) {
	host := s.host.Load()
	if host == nil {
		return nil, false
	}
	out := map[string]room.LimitStats{}
	for _, r := range host.Rooms() {
		out[r.Name()] = r.Limits()
	}
	return out, true
}

// minted counts the tokens of POST /token.
func (s *served) minted() (out api.TokenStats, ok bool) {
	h := s.tokens.Load()
	if h == nil {
		return out, false
	}
	st := h.Stats()
	out.Made, out.Refused = st.Made, map[string]uint64{}
	for why, n := range st.Refused {
		out.Refused[string(why)] = n
	}
	return out, true
}
