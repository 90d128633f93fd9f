package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// joined is what a running program knows of the one persona that it is there for. Its fields are
// set by one goroutine and read by any.
type joined struct {
	stage   atomic.Pointer[string]    // before it is in its room
	why     atomic.Pointer[string]    // it is in its room and cannot do its work
	session atomic.Pointer[room.Room] // where it is in a room without a host
	served
}

// at says what the persona is waiting for.
func (p *joined) at(stage string) { p.stage.Store(&stage) }

// line describes an event of the persona, and keeps the reason why it cannot do its work. That it
// can is news only when it could not. It is called by the session's goroutine.
func (p *joined) line(who string, e room.Event) (line, bool) {
	if e, ok := e.(room.ReadyChanged); ok {
		if e.Err == nil {
			if p.why.Swap(nil) == nil {
				return line{}, false
			}
		} else {
			why := e.Err.Error()
			p.why.Store(&why)
		}
	}
	return agentLine(who, e)
}

// ready is true only while the persona is connected and has the rights that it needs.
func (p *joined) ready() ops.Readiness {
	if host := p.host.Load(); host != nil {
		return p.sits(host.Seats())
	}
	if s := p.session.Load(); s != nil {
		return p.connected(s.Ready())
	}
	if stage := p.stage.Load(); stage != nil {
		return ops.Readiness{State: *stage}
	}
	return ops.Readiness{State: "loading"}
}

// sits is how the seat of the persona is, the first one that was taken.
func (p *joined) sits(seats []agent.SeatStatus) ops.Readiness {
	switch {
	case len(seats) == 0:
		return ops.Readiness{State: "loading"}
	case seats[0].State == agent.SeatIn:
		return p.connected(seats[0].Ready)
	}
	return ops.Readiness{State: string(seats[0].State)}
}

// connected is how ready a persona is that is in its room.
func (p *joined) connected(ready bool) ops.Readiness {
	if ready {
		return p.degraded(ops.Readiness{Ready: true, State: "listening"})
	}
	r := ops.Readiness{State: "waiting"}
	if why := p.why.Load(); why != nil {
		r.Reason = *why
	}
	return r
}

// set is the one persona in its one room.
func (f *joinFlags) set() persona.Set {
	who := persona.Persona{
		Name: f.connect.Identity, Identity: f.connect.Identity,
		Profile: f.engine.profile, Voice: f.engine.voice, AnswerTokens: f.engine.answerTokens,
	}
	if persona.Fold(who.Name) == "" { // nothing to be called by
		who.Name = "persona"
	}
	policy := turn.Default()
	policy.Mode = turn.ModeFront
	return persona.Set{Personas: []persona.Persona{who}, Rooms: []persona.Room{{Name: f.connect.Room, Personas: []string{who.Name}, Policy: &policy}}}
}

// stay keeps the persona in its room until ctx ends. The server closes a room some time after the
// last human has left; it is opened again then. Every other end is an error.
func (f *joinFlags) stay(ctx context.Context, log *slog.Logger, out *timeline, on *loaded, p *joined) (err error) {
	lone := agent.NewLone(f.connect.Identity)
	host, err := on.Hosting(sensory.Server{URL: f.connect.URL, APIKey: f.connect.Key, APISecret: f.connect.Secret}, func(c *agent.HostConfig) {
		c.Open, c.Enter, c.Report = p.noting(on.Machine, f.opens(on, c.Open)), f.enter, lone.Report
		c.Room.KeepSights, c.Room.Frames = f.ops.address != "", &p.frames
		c.Room.Observe = p.telling(func(from room.Origin, e room.Event) {
			if l, ok := p.line(cmp.Or(from.Persona, f.connect.Identity), e); ok {
				out.print(l)
			}
		})
	})
	if err != nil {
		return usageError{errors.Join(err, on.models.Close())}
	}
	defer closing(&err, host.Close)
	p.host.Store(host)
	if err := host.Apply(f.set()); err != nil {
		return usageError{errors.Join(err, on.models.Close())}
	}
	return orderly(ctx, log, lone.Wait(ctx))
}

// opens gives the persona the models that are loaded already, which the host closes, and loads
// those of others.
func (f *joinFlags) opens(on *loaded, load opens) opens {
	var taken atomic.Bool
	return func(ctx context.Context, who persona.Persona) (*engine.Models, error) {
		if who.Ident() == f.connect.Identity && taken.CompareAndSwap(false, true) {
			return on.models, nil
		}
		return load(ctx, who)
	}
}

// enter has the persona enter as the flags say: with its token, by voice alone.
func (f *joinFlags) enter(_ string, who *room.Persona) {
	if who.Identity == f.connect.Identity {
		who.Token, who.Name, who.VoiceOnly = f.connect.Token, f.connect.Name, f.voiceOnly
	}
}
