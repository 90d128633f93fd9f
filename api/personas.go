package api

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// mostSpawned bounds the personas that are seated by calls, in all rooms together.
const mostSpawned = persona.MaxPersonas

// personas answers PersonaService.
type personas struct{ *Server }

// SpawnPersona implements the call.
func (s *personas) SpawnPersona(ctx context.Context, req *sensoryv1.SpawnPersonaRequest) (*sensoryv1.SpawnPersonaResponse, error) {
	p, err := personaOf(req)
	h, missing := s.host()
	if err = errors.Join(err, missing); err != nil {
		return nil, err
	}
	in, err := placeOf(ctx, h, req.GetRoom())
	if err != nil {
		return nil, err
	}
	spawned := func(st agent.SeatStatus) bool { return st.By == agent.ByRequest }
	if len(slices.DeleteFunc(h.Seats(), func(st agent.SeatStatus) bool { return !spawned(st) })) >= mostSpawned {
		return nil, failure(connect.CodeResourceExhausted, ReasonTooMany, "%d personas are seated by calls, more are not allowed", mostSpawned)
	}
	if err := h.Spawn(ctx, in.name, p); err != nil {
		return nil, err
	}
	return &sensoryv1.SpawnPersonaResponse{}, nil
}

// personaOf is the persona of a request. What of it is too long, or collides, the host says.
func personaOf(req *sensoryv1.SpawnPersonaRequest) (persona.Persona, error) {
	in, c := req.GetPersona(), checked{}
	c.name("room", req.GetRoom(), true)
	c.name("persona.name", in.GetName(), true)
	c.name("persona.identity", in.GetIdentity(), false)
	c.name("persona.profile", in.GetProfile(), false)
	c.name("persona.voice", in.GetVoice(), false)
	c.text("persona.prompt", in.GetPrompt(), persona.MaxPrompt, false)
	c.text("persona.greeting", in.GetGreeting(), persona.MaxGreeting, false)
	c.names("persona.aliases", in.GetAliases())
	c.names("persona.specialty", in.GetSpecialty())
	c.number("persona.answer_tokens", in.GetAnswerTokens(), persona.MaxTokens)
	c.number("persona.idle.after_ms", in.GetIdle().GetAfterMs(), millis(persona.MaxIdle))
	c.text("persona.idle.say", in.GetIdle().GetSay(), persona.MaxGreeting, false)
	history, ok := persona.ParseHistory(in.GetHistory())
	if !ok && in.GetHistory() != "" {
		c.fail("persona.history", ReasonBadValue, "must be room, off or stored")
	}
	remember := memory.Mode(in.GetRemember())
	if modes := []memory.Mode{"", memory.Never, memory.OnRequest, memory.Auto}; !slices.Contains(modes, remember) {
		c.fail("persona.remember", ReasonBadValue, "must be never, on_request or auto")
	}
	return persona.Persona{
		Name: in.GetName(), Identity: in.GetIdentity(), Profile: in.GetProfile(), Voice: in.GetVoice(), Prompt: in.GetPrompt(),
		Greeting: in.GetGreeting(), Aliases: in.GetAliases(), Specialty: in.GetSpecialty(), AnswerTokens: int(in.GetAnswerTokens()),
		History: history, Remember: remember,
		Idle: turn.Idle{After: time.Duration(in.GetIdle().GetAfterMs()) * time.Millisecond, Say: in.GetIdle().GetSay()},
	}, c.result()
}

// personaTo is a persona as the contract has it: the reverse of personaOf.
func personaTo(p *persona.Persona) *sensoryv1.Persona {
	out := &sensoryv1.Persona{
		Name: p.Name, Identity: p.Identity, Profile: p.Profile, Voice: p.Voice, Prompt: p.Prompt, Greeting: p.Greeting, Aliases: p.Aliases,
		Specialty: p.Specialty, AnswerTokens: whole(p.AnswerTokens), History: p.History.String(), Remember: string(p.Remember),
	}
	if p.Idle != (turn.Idle{}) {
		out.Idle = &sensoryv1.Idle{AfterMs: millis(p.Idle.After), Say: p.Idle.Say}
	}
	return out
}

// GetPersona implements the call.
func (s *personas) GetPersona(ctx context.Context, req *sensoryv1.GetPersonaRequest) (*sensoryv1.GetPersonaResponse, error) {
	h, in, err := s.seat(ctx, req.GetRoom(), req.GetPersona())
	if err != nil {
		return nil, err
	}
	p, by, err := h.Persona(in.name, req.GetPersona())
	if err != nil {
		return nil, err
	}
	return &sensoryv1.GetPersonaResponse{Persona: personaTo(&p), By: string(by)}, nil
}

// spawnField is the field of a request that a field of a set came from.
func spawnField(field string) string {
	if rest, ok := strings.CutPrefix(field, "personas[0]"); ok {
		if rest == ".idle.after" { // a time has its unit in the contract
			rest += "_ms"
		}
		return "persona" + rest
	}
	if strings.HasPrefix(field, "rooms[0].name") {
		return "room"
	}
	return "persona"
}

// seat checks what names a seat, and finds its room.
func (s *personas) seat(ctx context.Context, which, name string) (Host, place, error) {
	c := checked{}
	c.name("room", which, true)
	c.name("persona", name, true)
	h, err := s.host()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, place{}, err
	}
	in, err := placeOf(ctx, h, which)
	if err != nil {
		return nil, place{}, err
	}
	_, err = seatsIn(h, in)
	return h, in, err
}

// RemovePersona implements the call.
func (s *personas) RemovePersona(ctx context.Context, req *sensoryv1.RemovePersonaRequest) (*sensoryv1.RemovePersonaResponse, error) {
	h, in, err := s.seat(ctx, req.GetRoom(), req.GetPersona())
	if err != nil {
		return nil, err
	}
	if err := h.Remove(ctx, in.name, req.GetPersona()); err != nil {
		return nil, err
	}
	return &sensoryv1.RemovePersonaResponse{}, nil
}

// MutePersona implements the call.
func (s *personas) MutePersona(ctx context.Context, req *sensoryv1.MutePersonaRequest) (*sensoryv1.MutePersonaResponse, error) {
	h, in, err := s.seat(ctx, req.GetRoom(), req.GetPersona())
	if err != nil {
		return nil, err
	}
	if err := h.Mute(ctx, in.name, req.GetPersona(), req.GetMuted()); err != nil {
		return nil, err
	}
	return &sensoryv1.MutePersonaResponse{}, nil
}
