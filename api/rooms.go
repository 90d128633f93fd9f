package api

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/room"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
)

// rooms answers RoomService.
type rooms struct{ *Server }

// ListRooms implements the call.
func (s *rooms) ListRooms(ctx context.Context, _ *sensoryv1.ListRoomsRequest) (*sensoryv1.ListRoomsResponse, error) {
	h, err := s.host()
	if err != nil {
		return nil, err
	}
	handles, err := handlesOf(ctx, h)
	if err != nil {
		return nil, err
	}
	return &sensoryv1.ListRoomsResponse{Rooms: roomsOf(h.Seats(), handles)}, nil
}

// GetRoomState implements the call.
func (s *rooms) GetRoomState(ctx context.Context, req *sensoryv1.GetRoomStateRequest) (*sensoryv1.GetRoomStateResponse, error) {
	c := checked{}
	c.name("room", req.GetRoom(), true)
	h, err := s.host()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	in, err := placeOf(ctx, h, req.GetRoom())
	if err != nil {
		return nil, err
	}
	seats, err := seatsIn(h, in)
	if err != nil {
		return nil, err
	}
	here, err := h.Presence(ctx, in.name)
	if err != nil && !errors.Is(err, room.ErrClosed) && !errors.Is(err, agent.ErrNoRoom) { // nobody has entered it yet
		return nil, err
	}
	out := &sensoryv1.GetRoomStateResponse{Room: roomsOf(seats, map[string]string{in.name: in.handle})[0]}
	for _, p := range here.Participants {
		out.Participants = append(out.Participants, &sensoryv1.ParticipantState{
			Identity: p.Identity, Name: p.Name, Agent: p.Agent, AudioPublished: p.Audio, VideoPublished: p.Video,
			TranscriptSegments: whole(p.Segments), State: string(p.State),
		})
	}
	if err == nil {
		out.Floor = floorTo(here.Floor)
	}
	now := time.Now()
	for _, seen := range here.Sights {
		out.Sights = append(out.Sights, sightTo(seen, now))
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
	in, to, err := addressed(ctx, h, req.GetRoom(), "to", req.GetTo())
	if err != nil {
		return nil, err
	}
	if err := h.Ask(ctx, in.name, req.GetFrom(), req.GetText(), to...); err != nil {
		return nil, err
	}
	return &sensoryv1.PublishStimulusResponse{}, nil
}
