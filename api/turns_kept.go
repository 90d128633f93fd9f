package api

import (
	"context"
	"errors"

	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/store"
)

// Bounds of a page of turns: one has three lists of 64 KiB.
const (
	turnsListed = 50
	turnsByOwn  = 20 // on a page whose size nobody says
)

// errPage ends a page.
var errPage = errors.New("the page is full")

// ListTurns implements the call.
func (s *turns) ListTurns(ctx context.Context, req *sensoryv1.ListTurnsRequest) (*sensoryv1.ListTurnsResponse, error) {
	c := checked{}
	c.name("room", req.GetRoom(), false)
	c.name("message", req.GetMessage(), false)
	c.page(req.GetPageSize(), turnsListed, req.GetNewest(), req.GetPageToken())
	behind := c.position("page_token", req.GetPageToken())
	_, db, err := s.keeps()
	if err = errors.Join(c.result(), err); err != nil {
		return nil, err
	}
	size := pageOf(req.GetPageSize(), turnsByOwn)
	q := store.TurnQuery{Room: req.GetRoom(), Message: req.GetMessage(), Oldest: true, Behind: behind, Limit: size + 1}
	if n := int(req.GetNewest()); n > 0 {
		q.Oldest, q.Limit, size = false, n, n
	}
	out, last := &sensoryv1.ListTurnsResponse{}, int64(0)
	err = db.Turns(ctx, q, func(t store.Turn) error {
		if len(out.Turns) == size {
			out.NextPageToken = token(last)
			return errPage
		}
		last = t.Pos
		out.Turns = append(out.Turns, keptTo(&t))
		return nil
	})
	if err != nil && !errors.Is(err, errPage) {
		return nil, err
	}
	return out, nil
}

// keptTo is a turn that is kept.
func keptTo(t *store.Turn) *sensoryv1.KeptTurn {
	return &sensoryv1.KeptTurn{
		Room: t.Room, RoomName: t.RoomName, Session: t.Session, Number: count(t.Number), Trigger: string(t.Trigger), Participant: t.Participant,
		Message: t.Message, Fingerprint: t.Fingerprint, Silences: each(t.Silences, silenceTo), Divergences: each(t.Divergences, divergenceTo),
		Begun: moment(t.Begin), Ended: moment(t.End), Position: t.Pos,
		Replies: each(t.Outcomes, func(o store.Outcome) *sensoryv1.KeptReply {
			return &sensoryv1.KeptReply{
				Persona: o.Persona, Lane: o.Lane, Cut: string(o.Cut), Message: o.Message, SourceKeys: o.Sources,
				StartMs: whole(o.Start), FinishMs: whole(o.Finish), HeardMs: whole(o.Heard),
			}
		}),
	}
}

// TurnFrom is a turn that was kept.
func TurnFrom(t *sensoryv1.KeptTurn) store.Turn {
	return store.Turn{
		Pos: t.GetPosition(), Room: t.GetRoom(), RoomName: t.GetRoomName(), Session: t.GetSession(), Number: uint64(max(t.GetNumber(), 0)), Trigger: store.Trigger(t.GetTrigger()),
		Participant: t.GetParticipant(), Message: t.GetMessage(), Fingerprint: t.GetFingerprint(), Begin: timeOf(t.GetBegun()), End: timeOf(t.GetEnded()),
		Silences: full(t.GetSilences(), quietFrom), Divergences: full(t.GetDivergences(), deviationFrom),
		Outcomes: full(t.GetReplies(), func(r *sensoryv1.KeptReply) store.Outcome {
			return store.Outcome{
				Persona: r.GetPersona(), Lane: r.GetLane(), Cut: turn.Reason(r.GetCut()), Message: r.GetMessage(), Sources: r.GetSourceKeys(),
				Start: int64(r.GetStartMs()), Finish: int64(r.GetFinishMs()), Heard: int64(r.GetHeardMs()),
			}
		}),
	}
}
