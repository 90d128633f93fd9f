package api

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// event is an event as the contract has it.
func (s *events) event(e *agent.Event) any {
	out := &sensoryv1.Event{
		Sequence: e.Sequence, At: timestamppb.New(e.At), Kind: string(e.Kind), Room: e.Room, Persona: e.Persona,
	}
	switch what := e.What.(type) {
	case room.Step:
		out.Detail = &sensoryv1.Event_Step{Step: stepTo(what)}
	case room.Event:
		s.inRoom(out, what)
	case agent.SeatStatus:
		out.State, out.Error = string(what.State), textOf(what.Err)
		out.Text = string(what.By)
	case agent.RoomChange:
		out.State, out.Error = "closed", textOf(what.Err)
		if what.Open {
			out.State = "open"
		}
	case agent.LeaseChange:
		out.State, out.Error = "granted", textOf(what.Err)
		if what.Err != nil {
			out.State = "refused"
		}
		out.Detail = &sensoryv1.Event_Lease{Lease: &sensoryv1.LeaseChange{
			Artifact: what.Artifact, Class: what.Class, Holder: what.Holder, Silicon: what.Silicon, Provider: what.Provider, WaitedMs: millis(what.Waited),
		}}
	case agent.ModelChange:
		out.State, out.Error = what.Change, textOf(what.Err)
		out.Detail = &sensoryv1.Event_Model{Model: &sensoryv1.ModelChange{
			Name: what.Name, Place: what.Place, Bytes: what.Bytes, TookMs: millis(what.Took),
		}}
	case agent.Note:
		out.Text, out.Error = what.Text, textOf(what.Err)
	}
	return out
}

// inRoom is what a room reports.
func (s *events) inRoom(out *sensoryv1.Event, e room.Event) {
	switch e := e.(type) {
	case room.Heard:
		out.Turn, out.Who, out.Text = whole(e.Turn), e.Who, e.Text
		out.Detail = &sensoryv1.Event_Speech{Speech: &sensoryv1.Speech{Final: e.Final, LengthMs: millis(e.End.Sub(e.Start))}}
	case room.Said:
		out.Turn, out.Text = whole(e.Turn), e.Text
	case room.StateChanged:
		out.State = e.State
	case room.Silent:
		out.Turn, out.Who, out.State = whole(e.Turn), e.Who, string(e.Why)
	case room.Unclear:
		out.Who, out.State = e.Who, e.Why
	case room.Saw:
		out.Who = e.Who
		out.Detail = &sensoryv1.Event_Sight{Sight: &sensoryv1.Sight{
			Track: e.SID, Number: whole(e.Number), Who: e.Who, Source: e.Source, Encoder: e.Encoder, Reason: e.Reason,
			FrameWidth: whole(e.Width), FrameHeight: whole(e.Height), TextureMs: millis(e.Texture), FeaturesMs: millis(e.Features),
		}}
	case room.TrackOpened:
		out.Who, out.State = e.Who, "opened"
		out.Detail = &sensoryv1.Event_Track{Track: &sensoryv1.Track{Id: e.SID, Source: e.Source}}
	case room.TrackClosed:
		out.Who, out.State = e.Who, "closed"
		out.Detail = &sensoryv1.Event_Track{Track: &sensoryv1.Track{Id: e.SID, Source: e.Source, Summary: e.Summary}}
	default:
		s.ofTurn(out, e)
	}
}

// ofTurn is what a room reports of turns and of seats.
func (s *events) ofTurn(out *sensoryv1.Event, e room.Event) {
	switch e := e.(type) {
	case room.Planned:
		out.Turn = whole(e.Plan.Turn)
		out.Detail = &sensoryv1.Event_Arrangement{Arrangement: arrangementTo(&e.Plan)}
	case room.TurnDone:
		out.Turn, out.Who, out.Text, out.Error = whole(e.Trace.Turn), e.Trace.Who, e.Trace.Answer, textOf(e.Trace.Err)
		trace := traceTo(&e.Trace)
		trace.Replay = s.cfg.replay(out.GetRoom())
		out.Detail = &sensoryv1.Event_Reply{Reply: trace}
	case room.Outcome:
		out.Turn, out.Who = whole(e.Turn), e.Who
		came := resultTo(&e.Result)
		out.Detail = &sensoryv1.Event_Outcome{Outcome: &sensoryv1.TurnOutcome{
			Replies: came.GetReplies(), Silences: came.GetSilences(), Divergences: came.GetDivergences(), Fingerprint: came.GetFingerprint(), Planned: e.Planned,
		}}
	case room.Remembered:
		out.Detail = &sensoryv1.Event_Memory{Memory: memoryTo(&e)}
	case room.Problem:
		out.Error = textOf(e.Err)
	case room.ReadyChanged:
		out.State, out.Error = onOff(e.Ready), textOf(e.Err)
	case room.MuteChanged:
		out.State = onOff(e.On)
	case room.Left:
		out.Error = textOf(e.Err)
	case room.Joined:
		out.Text = e.ServerVersion
	}
}

func stepTo(s room.Step) *sensoryv1.Step {
	return &sensoryv1.Step{AtMs: millis(s.At), Event: lineTo(s.Event), Effects: each(s.Effects, lineTo)}
}

func lineTo(l room.Line) *sensoryv1.Line {
	return &sensoryv1.Line{Text: l.Text, Verb: l.Verb, Who: l.Who, Turn: whole(l.Turn), Value: l.Value}
}

func arrangementTo(p *turn.Planned) *sensoryv1.Arrangement {
	out := &sensoryv1.Arrangement{Source: p.Source, Fingerprint: p.Fingerprint, Plan: p.Plan}
	for i, r := range p.Replies {
		out.Replies = append(out.Replies, &sensoryv1.ArrangedReply{Persona: r.Seat, Lane: r.Lane, Wave: whole(r.Wave), Order: whole(i + 1)})
	}
	return out
}

// traceTo is a reply that has ended.
func traceTo(t *reply.Trace) *sensoryv1.ReplyTrace {
	out := &sensoryv1.ReplyTrace{
		Question: t.Question, Answer: t.Answer, LatencyMs: millis(t.Latency()), LeaseWaitMs: between(t.LeaseAsked, t.LeaseGiven), FloorWaitMs: between(t.FloorAsked, t.FloorGiven),
		PromptTokens: whole(t.PromptTokens), ReusedTokens: whole(t.Reused), AnswerTokens: whole(t.Tokens), Lost: t.Lost, Finish: t.Finish,
		ContextKey: t.Context, Plan: t.Plan, Saw: t.Picture, Source: t.Sight, HeardSound: t.Sound,
		Squares: whole(t.Squares), PictureTokens: whole(t.PictureTokens), PictureAgeMs: millis(t.PictureAge), EncodeMs: millis(t.PictureTook),
	}
	for _, p := range t.Earlier {
		out.Earlier = append(out.Earlier, &sensoryv1.EarlierPicture{Source: p.Key, AgeMs: millis(p.Age)})
	}
	for _, step := range t.Waterfall() {
		out.Stages = append(out.Stages, &sensoryv1.Stage{Name: step.Name, StartMs: millis(step.Start), TookMs: millis(step.Took)})
	}
	if t.Break != nil {
		out.Broke = t.Break.String()
	}
	for _, d := range t.Left {
		out.Divergences = append(out.Divergences, divergenceTo(d))
	}
	return out
}

// between is how long something took; 0 where it did not begin, or did not end.
func between(from, to time.Time) int32 {
	if from.IsZero() || to.IsZero() {
		return 0
	}
	return millis(to.Sub(from))
}

func memoryTo(e *room.Remembered) *sensoryv1.MemoryChange {
	out := &sensoryv1.MemoryChange{}
	for i := range e.Decisions {
		d := &e.Decisions[i]
		out.Decisions = append(out.Decisions, &sensoryv1.MemoryDecision{
			Text: d.Candidate.Text, Subject: d.Candidate.Subject, Outcome: string(d.Outcome), Reason: string(d.Reason), Memory: d.Memory.ID,
		})
	}
	for _, f := range e.Forgotten {
		out.Forgotten = append(out.Forgotten, f.ID)
	}
	if e.Block != nil {
		out.Note, out.InPrompt = e.Block.Note, whole(len(e.Block.IDs))
	}
	return out
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
