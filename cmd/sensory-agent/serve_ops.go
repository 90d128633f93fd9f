package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/dispatch"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/agent/token"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/config"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// seatsPath answers how every seat is.
const seatsPath = "/v1/seats"

// served is what a running program knows of its seats, for those who ask from outside.
type served struct {
	host     atomic.Pointer[agent.Host]
	cast     atomic.Pointer[sensory.Machine]
	calls    atomic.Pointer[api.Server]
	dispatch atomic.Pointer[dispatch.Service]
	tokens   atomic.Pointer[token.Handler]
	file     atomic.Pointer[config.Config] // as it was read last
	made     made                          // which models personas here are made of
	recorded sync.Map                      // the file of each room's conversation, by its name
	resident
}

// ready is true while every seat of the file can do its work, and every name is registered; else the
// first that cannot is named.
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

// seatShown is a seat as the page shows it.
type seatShown struct {
	Room    string     `json:"room"`
	Persona string     `json:"persona"`
	By      string     `json:"by"`
	State   string     `json:"state"`
	Ready   bool       `json:"ready"`
	Muted   bool       `json:"muted,omitempty"`
	Since   time.Time  `json:"since"`
	Error   string     `json:"error,omitempty"`
	Next    *time.Time `json:"next,omitempty"`
	Entered int        `json:"entered"`
}

func (s *served) pages() []ops.Page {
	return append(append(s.resident.pages(), s.workerPages()...), page(seatsPath, s.seats), page(limitsPath, s.limits), page(callsPath, s.called), page(tokensPath, s.asked))
}

func (s *served) seats() (any, error) {
	host := s.host.Load()
	if host == nil {
		return nil, errLoading
	}
	out := []seatShown{}
	for _, st := range host.Seats() {
		shown := seatShown{Room: st.Room, Persona: st.Persona, By: string(st.By), Muted: st.Muted, State: string(st.State), Ready: st.Ready, Since: st.Since, Entered: st.Entered}
		if st.Err != nil {
			shown.Error = st.Err.Error()
		}
		if !st.Next.IsZero() {
			shown.Next = &st.Next
		}
		out = append(out, shown)
	}
	return out, nil
}

// roomLimits are those of many rooms, by their names.
type roomLimits struct {
	Rooms map[string]room.LimitStats `json:"rooms"`
}

// limits are those of every room.
func (s *served) limits() (any, error) {
	host := s.host.Load()
	if host == nil {
		return nil, errLoading
	}
	out := roomLimits{Rooms: map[string]room.LimitStats{}}
	for _, r := range host.Rooms() {
		out.Rooms[r.Name()] = r.Limits()
	}
	return out, nil
}
