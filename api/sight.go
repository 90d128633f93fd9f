package api

import (
	"context"
	"errors"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sensory-agent/sensory-agent/agent/room"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// GetSight implements the call.
func (s *rooms) GetSight(ctx context.Context, req *sensoryv1.GetSightRequest) (*sensoryv1.GetSightResponse, error) {
	c := checked{}
	c.name("room", req.GetRoom(), true)
	c.name("persona", req.GetPersona(), true)
	c.name("track", req.GetTrack(), false)
	if req.GetTurn() < 0 {
		c.fail("turn", ReasonBadValue, "is %d, must be 0 or more", req.GetTurn())
	}
	h, err := s.host()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	in, who, err := addressed(ctx, h, req.GetRoom(), "persona", []string{req.GetPersona()})
	if err != nil {
		return nil, err
	}
	seen, err := h.Sight(ctx, in.name, who[0], uint64(max(req.GetTurn(), 0)), req.GetTrack())
	if err != nil {
		return nil, err
	}
	picture, err := seen.Shown.Encode()
	if err != nil {
		return nil, err
	}
	return &sensoryv1.GetSightResponse{
		Sight: sightTo(seen, time.Now()), Image: picture.Data, MediaType: picture.MIME, Width: whole(picture.Width), Height: whole(picture.Height),
	}, nil
}

// sightTo is a picture of a track as it is known at a moment.
func sightTo(s room.Sighted, now time.Time) *sensoryv1.Sight {
	out := &sensoryv1.Sight{
		Track: s.SID, Number: whole(s.Number), Who: s.Who, Source: s.Source, Encoder: s.Encoder, Captured: timestamppb.New(s.Captured),
		AgeMs: millis(now.Sub(s.Captured)), Reason: s.Reason, FrameWidth: whole(s.Width), FrameHeight: whole(s.Height),
		FramesDecoded: whole(s.Decoded), FramesSampled: whole(s.Sampled), FramesDropped: whole(s.Dropped), TextureMs: millis(s.Texture), FeaturesMs: millis(s.Features),
	}
	for _, by := range s.UsedBy {
		out.UsedBy = append(out.UsedBy, &sensoryv1.SightUse{Persona: by.Seat, Turn: whole(by.Turn)})
	}
	return out
}

// floorTo is who is audible, and who waits.
func floorTo(f turn.FloorState) *sensoryv1.Floor {
	out := &sensoryv1.Floor{
		Holder: f.Holder.Seat, Turn: whole(f.Holder.Turn), HeldMs: millis(f.Held), Audible: f.Audible, Busy: f.Busy,
		TurnsSoftLeft: whole(f.SoftLeft), TurnsHardLeft: whole(f.HardLeft),
	}
	for _, w := range f.Replies {
		out.Replies = append(out.Replies, &sensoryv1.WaitingReply{Persona: w.Reply.Seat, Turn: whole(w.Reply.Turn), Ready: w.Ready, WaitingMs: millis(w.Waiting)})
	}
	for _, q := range f.Questions {
		out.Questions = append(out.Questions, &sensoryv1.WaitingQuestion{Who: q.Who, WaitingMs: millis(q.Waiting)})
	}
	return out
}

// SpeakNext implements the call.
func (s *personas) SpeakNext(ctx context.Context, req *sensoryv1.SpeakNextRequest) (*sensoryv1.SpeakNextResponse, error) {
	c := checked{}
	c.name("room", req.GetRoom(), true)
	c.name("persona", req.GetPersona(), true)
	h, err := s.host()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	in, who, err := addressed(ctx, h, req.GetRoom(), "persona", []string{req.GetPersona()})
	if err != nil {
		return nil, err
	}
	if err := h.SpeakNext(ctx, in.name, who[0]); err != nil {
		return nil, err
	}
	return &sensoryv1.SpeakNextResponse{}, nil
}

// StopSpeaking implements the call.
func (s *personas) StopSpeaking(ctx context.Context, req *sensoryv1.StopSpeakingRequest) (*sensoryv1.StopSpeakingResponse, error) {
	c := checked{}
	c.name("room", req.GetRoom(), true)
	c.name("persona", req.GetPersona(), false)
	h, err := s.host()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	var who []string
	if req.GetPersona() != "" {
		who = []string{req.GetPersona()}
	}
	in, who, err := addressed(ctx, h, req.GetRoom(), "persona", who)
	if err != nil {
		return nil, err
	}
	n, err := h.StopSpeaking(ctx, in.name, append(who, "")[0])
	if err != nil {
		return nil, err
	}
	return &sensoryv1.StopSpeakingResponse{Stopped: whole(n)}, nil
}
