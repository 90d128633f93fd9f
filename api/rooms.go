package api

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/room"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
)

// Host is what the calls need of an [agent.Host].
type Host interface {
	// Seats are all personas, in the order in which they were seated.
	Seats() []agent.SeatStatus
	// Presence is who is in a room. Errors: agent.ErrNoRoom, room.ErrClosed.
	Presence(ctx context.Context, name string) (room.Presence, error)
	// Ask puts a question to a room. Errors: agent.ErrNoRoom, room.ErrClosed.
	Ask(ctx context.Context, name, who, text string, to ...string) error
}

// host is the one that is asked.
func (s *Server) host() (Host, error) {
	if h := s.cfg.Host(); h != nil {
		return h, nil
	}
	return nil, failure(connect.CodeUnavailable, ReasonLoading, "the process is still loading; try again when /readyz says so")
}

// translations say what errors of the parts below are for a client.
func translations() []func(error) *Error {
	means := func(target error, code connect.Code, why Reason) func(error) *Error {
		return func(err error) *Error {
			if !errors.Is(err, target) {
				return nil
			}
			return &Error{Code: code, Reason: why, Err: err}
		}
	}
	return []func(error) *Error{
		means(agent.ErrNoRoom, connect.CodeNotFound, ReasonUnknownRoom),
		means(room.ErrClosed, connect.CodeFailedPrecondition, ReasonRoomClosed),
		means(agent.ErrHostClosed, connect.CodeUnavailable, ReasonLoading),
	}
}

// rooms answers RoomService.
type rooms struct{ *Server }

// ListRooms implements the call.
func (s *rooms) ListRooms(context.Context, *sensoryv1.ListRoomsRequest) (*sensoryv1.ListRoomsResponse, error) {
	h, err := s.host()
	if err != nil {
		return nil, err
	}
	return &sensoryv1.ListRoomsResponse{Rooms: roomsOf(h.Seats())}, nil
}

// roomsOf are the rooms of seats, by name.
func roomsOf(seats []agent.SeatStatus) (out []*sensoryv1.Room) {
	for _, seat := range seats {
		i, found := slices.BinarySearchFunc(out, seat.Room, func(r *sensoryv1.Room, name string) int {
			return cmp.Compare(r.GetName(), name)
		})
		if !found {
			out = slices.Insert(out, i, &sensoryv1.Room{Name: seat.Room})
		}
		out[i].Personas = append(out[i].Personas, seat.Persona)
		out[i].Open = out[i].Open || seat.State == agent.SeatIn
		if seat.Ready {
			out[i].Ready++
		}
	}
	return out
}

// GetRoomState implements the call.
func (s *rooms) GetRoomState(ctx context.Context, req *sensoryv1.GetRoomStateRequest) (*sensoryv1.GetRoomStateResponse, error) {
	c := checked{}
	c.name("room", req.GetRoom(), true)
	h, err := s.host()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	seats := slices.DeleteFunc(h.Seats(), func(st agent.SeatStatus) bool { return st.Room != req.GetRoom() })
	if len(seats) == 0 {
		return nil, failure(connect.CodeNotFound, ReasonUnknownRoom, "no persona has a seat in room %q", req.GetRoom())
	}
	here, err := h.Presence(ctx, req.GetRoom())
	if err != nil && !errors.Is(err, room.ErrClosed) && !errors.Is(err, agent.ErrNoRoom) { // nobody has entered it yet
		return nil, err
	}
	out := &sensoryv1.GetRoomStateResponse{Room: roomsOf(seats)[0]}
	for _, p := range here.Participants {
		out.Participants = append(out.Participants, &sensoryv1.ParticipantState{
			Identity: p.Identity, Name: p.Name, Agent: p.Agent, AudioPublished: p.Audio, VideoPublished: p.Video,
			TranscriptSegments: whole(p.Segments), State: string(p.State),
		})
	}
	for _, st := range seats {
		out.Personas = append(out.Personas, personaState(st, here.Seats))
	}
	return out, nil
}

// personaState is a persona with what its room says of it.
func personaState(st agent.SeatStatus, sitting []room.Sitting) *sensoryv1.PersonaState {
	out := &sensoryv1.PersonaState{Name: st.Persona, Identity: st.Identity, Seat: string(st.State), Ready: st.Ready, Muted: st.Muted}
	if st.Err != nil {
		out.Error = st.Err.Error()
	}
	i := slices.IndexFunc(sitting, func(s room.Sitting) bool { return s.Identity == st.Identity })
	if i < 0 {
		return out
	}
	p := sitting[i]
	out.State, out.AudioPublished, out.TranscriptSegments = string(p.State), p.Audio, whole(p.Segments)
	if p.Silent != "" {
		out.Silence = &sensoryv1.Silence{Turn: whole(p.Turn), Reason: string(p.Silent)}
	}
	return out
}

// PublishStimulus implements the call.
func (s *rooms) PublishStimulus(ctx context.Context, req *sensoryv1.PublishStimulusRequest) (*sensoryv1.PublishStimulusResponse, error) {
	c := checked{}
	c.name("room", req.GetRoom(), true)
	c.name("from", req.GetFrom(), true)
	c.text("text", req.GetText(), mostText, true)
	c.names("to", req.GetTo())
	h, err := s.host()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	to, err := meant(h, req.GetRoom(), req.GetTo())
	if err != nil {
		return nil, err
	}
	if err := h.Ask(ctx, req.GetRoom(), req.GetFrom(), req.GetText(), to...); err != nil {
		return nil, err
	}
	return &sensoryv1.PublishStimulusResponse{}, nil
}

// meant are the identities of personas in a room, who are named by that or by their names.
func meant(h Host, in string, who []string) (out []string, err error) {
	seats := slices.DeleteFunc(h.Seats(), func(st agent.SeatStatus) bool { return st.Room != in })
	if len(seats) == 0 {
		return nil, failure(connect.CodeNotFound, ReasonUnknownRoom, "no persona has a seat in room %q", in)
	}
	for _, name := range who {
		i := slices.IndexFunc(seats, func(st agent.SeatStatus) bool { return st.Identity == name || st.Persona == name })
		if i < 0 {
			e := failure(connect.CodeNotFound, ReasonUnknownPersona, "no persona %q has a seat in room %q", name, in)
			e.Field = "to"
			return nil, e
		}
		out = append(out, seats[i].Identity)
	}
	return out, nil
}
