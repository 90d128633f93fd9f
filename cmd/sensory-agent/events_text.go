package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/internal/printable"
)

// errScript says that a conversation cannot be replayed any more.
var errScript = errors.New("the beginning of the conversation is not kept any more: serve --record keeps all of it")

// eventText is an event in a line.
func eventText(e *sensoryv1.Event) string {
	var s strings.Builder
	fmt.Fprintf(&s, "%8d  %s  %-8s", e.GetSequence(), e.GetAt().AsTime().Local().Format(time.TimeOnly), printable.Text(e.GetKind()))
	for _, part := range []string{e.GetRoom(), e.GetPersona(), e.GetWho()} {
		if part != "" {
			fmt.Fprintf(&s, " %s", printable.Cut(part, maxShown))
		}
	}
	s.WriteByte(':')
	if e.GetTurn() != 0 {
		fmt.Fprintf(&s, " turn %d", e.GetTurn())
	}
	for _, part := range []string{e.GetState(), detailText(e), e.GetText(), e.GetError()} {
		if part != "" {
			fmt.Fprintf(&s, " %s", printable.Text(part))
		}
	}
	return s.String() + "\n"
}

// detailText is what is particular to an event's kind, in words.
func detailText(e *sensoryv1.Event) string {
	switch d := e.GetDetail().(type) {
	case *sensoryv1.Event_Step:
		parts := []string{d.Step.GetEvent().GetText()}
		for _, x := range d.Step.GetEffects() {
			parts = append(parts, "→ "+x.GetText())
		}
		return strings.Join(parts, " ")
	case *sensoryv1.Event_Sight:
		return fmt.Sprintf("%s/%d, %d×%d (%s)", d.Sight.GetTrack(), d.Sight.GetNumber(), d.Sight.GetFrameWidth(), d.Sight.GetFrameHeight(), d.Sight.GetReason())
	case *sensoryv1.Event_Reply:
		var stages []string
		for _, s := range d.Reply.GetStages() {
			stages = append(stages, fmt.Sprintf("%s %d ms", s.GetName(), s.GetTookMs()))
		}
		return fmt.Sprintf("%d ms (%s), %d of %d tokens kept%s; %s", d.Reply.GetLatencyMs(), strings.Join(stages, ", "),
			d.Reply.GetReusedTokens(), d.Reply.GetPromptTokens(), lookedText(d.Reply), d.Reply.GetReplay())
	case *sensoryv1.Event_Arrangement:
		var order []string
		for _, r := range d.Arrangement.GetReplies() {
			order = append(order, r.GetPersona())
		}
		return strings.Join(order, ", then ")
	case *sensoryv1.Event_Outcome:
		return fmt.Sprintf("%d replied, %d were silent, left its plan in %d points", len(d.Outcome.GetReplies()), len(d.Outcome.GetSilences()), len(d.Outcome.GetDivergences()))
	case *sensoryv1.Event_Memory:
		var parts []string
		for _, x := range d.Memory.GetDecisions() {
			parts = append(parts, fmt.Sprintf("%s (%s): %s", x.GetOutcome(), x.GetReason(), x.GetText()))
		}
		return strings.Join(parts, "; ")
	case *sensoryv1.Event_Track:
		return d.Track.GetSource() + " " + d.Track.GetSummary()
	case *sensoryv1.Event_Lease:
		return fmt.Sprintf("%s for %s, waited %d ms", d.Lease.GetArtifact(), d.Lease.GetHolder(), d.Lease.GetWaitedMs())
	case *sensoryv1.Event_Model:
		return fmt.Sprintf("%s at %s, %d MB", d.Model.GetName(), d.Model.GetPlace(), d.Model.GetBytes()/1e6)
	}
	return ""
}

// lookedText is the picture that an answer was made from.
func lookedText(r *sensoryv1.ReplyTrace) string {
	if !r.GetSaw() {
		return ""
	}
	s := fmt.Sprintf("; saw %s, %.1f s old", orNothing(r.GetSource()), float64(r.GetPictureAgeMs())/1000)
	if n := len(r.GetEarlier()); n > 0 {
		s += fmt.Sprintf(", with %d before it", n)
	}
	if r.GetSquares() > 0 {
		s += fmt.Sprintf(", %d squares", r.GetSquares())
	}
	if r.GetEncodeMs() > 0 {
		s += fmt.Sprintf(", %d ms to look", r.GetEncodeMs())
	}
	return s
}

// scriptOf is a room's latest conversation as a recording has it, where all of it is kept.
func scriptOf(ctx context.Context, c *client.Client, room string) (string, error) {
	var lines []string
	begun := false
	err := c.Follow(ctx, &sensoryv1.WatchEventsRequest{Room: room, Kinds: []string{string(agent.KindStep)}, Recent: math.MaxInt16}, client.Follower{
		Event: func(e *sensoryv1.Event) error {
			s := e.GetStep()
			if s.GetAtMs() == 0 && s.GetEvent().GetVerb() == "policy" {
				lines, begun = nil, true // the room was opened anew
			}
			lines = append(lines, s.GetEvent().GetText())
			for _, x := range s.GetEffects() {
				lines = append(lines, "  → "+x.GetText())
			}
			return nil
		},
		Gone:    func(uint64, uint64) { begun = false },
		Reached: func() bool { return false },
	})
	if err == nil && !begun {
		err = errScript
	}
	return strings.Join(lines, "\n") + "\n", err
}
