package lines

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
)

// OfAgent describes an event of a room; who is the persona that it is of. It is false for what is
// not told.
func OfAgent(who string, e room.Event) (Line, bool) {
	switch e := e.(type) {
	case room.Joined:
		return Line{At: e.At, Event: "joined", Who: who, Detail: fmt.Sprintf("is in room %q of livekit-server %s", e.Room, e.ServerVersion), Took: e.Took}, true
	case room.StateChanged:
		return Line{At: e.At, Event: "state", Who: who, State: e.State}, true
	case room.TrackOpened:
		return Line{At: e.At, Event: "track", Who: e.Who, Source: e.Source, Detail: fmt.Sprintf("%s opened (%s)", e.Source, e.Codec)}, true
	case room.TrackClosed:
		return Line{At: e.At, Event: "track", Who: e.Who, Source: e.Source, Detail: fmt.Sprintf("%s closed: %s", e.Source, e.Summary)}, true
	case room.Heard:
		return Line{At: e.At, Event: heardWord(e.Final), Who: e.Who, Text: e.Text, Final: e.Final}, true
	case room.Unclear:
		return Line{At: e.At, Event: "unclear", Who: e.Who, Detail: "said nothing for certain: " + e.Why}, true
	case room.Saw:
		return Line{
			At: e.At, Event: "saw", Who: e.Who, Source: e.Source, Width: e.Width, Height: e.Height,
			Detail: fmt.Sprintf("%s %d×%d (%s)", e.Source, e.Width, e.Height, e.Reason), Took: e.Texture + e.Features,
		}, true
	case room.Said:
		return Line{At: e.At, Event: "said", Who: who, Text: e.Text}, true
	case room.Planned:
		return planLine(e)
	case room.Outcome:
		return outcomeLine(e)
	case room.Silent:
		return Line{At: e.At, Event: "silent", Who: who, Detail: "says nothing: " + string(e.Why)}, true
	case room.Remembered:
		return memoryLine(who, e)
	case room.TurnDone:
		return turnLine(who, e), true
	case room.Problem:
		return Line{At: e.At, Event: "problem", Who: who, Error: e.Err.Error()}, true
	case room.ReadyChanged:
		if e.Err != nil {
			return Line{At: e.At, Event: "reach", Who: who, Error: e.Err.Error()}, true
		}
		return Line{At: e.At, Event: "reach", Who: who, Detail: "listens"}, true
	case room.MuteChanged:
		return muteLine(who, e), true
	case room.Ended:
		l := Line{At: e.At, Event: "ended", Who: who, Detail: "left"}
		if e.Err != nil {
			l.Error, l.Detail = e.Err.Error(), ""
		}
		return l, true
	}
	return Line{}, false
}

// muteLine describes that a persona is to be silent, or not any more.
func muteLine(who string, e room.MuteChanged) Line {
	if e.On {
		return Line{At: e.At, Event: "mute", Who: who, Detail: "was told to be silent"}
	}
	return Line{At: e.At, Event: "mute", Who: who, Detail: "may speak again"}
}

// planLine describes how several replies are arranged; one alone needs no plan.
func planLine(e room.Planned) (Line, bool) {
	if len(e.Plan.Replies) < 2 {
		return Line{}, false
	}
	var parts []string
	for _, r := range e.Plan.Replies {
		parts = append(parts, fmt.Sprintf("%s in wave %d", r.Seat, r.Wave))
	}
	return Line{At: e.At, Event: "plan", Detail: strings.Join(parts, ", then ")}, true
}

// outcomeLine describes how a turn left its plan; one that did not needs no line.
func outcomeLine(e room.Outcome) (Line, bool) {
	var parts []string
	for _, d := range e.Result.Divergences {
		part := string(d.Kind)
		if d.Persona != "" {
			part += " of " + d.Persona
		}
		if d.Was != "" {
			part += ": " + d.Was
		}
		parts = append(parts, part)
	}
	return Line{At: e.At, Event: "diverged", Detail: strings.Join(parts, ", ")}, len(parts) > 0
}

// memoryLine describes what a persona decided to remember.
func memoryLine(who string, e room.Remembered) (Line, bool) {
	var parts []string
	for _, d := range e.Decisions {
		parts = append(parts, fmt.Sprintf("%s (%s): %q", d.Outcome, d.Reason, d.Candidate.Text))
	}
	if n := len(e.Forgotten); n > 0 {
		parts = append(parts, fmt.Sprintf("%d forgotten", n))
	}
	if e.Block != nil && e.Block.Text != "" {
		parts = append(parts, fmt.Sprintf("%d in its prompt (%s)", len(e.Block.IDs), e.Block.Note))
	}
	return Line{At: e.At, Event: "memory", Who: who, Detail: strings.Join(parts, "; ")}, len(parts) > 0
}

func heardWord(final bool) string {
	if final {
		return "heard"
	}
	return "hearing"
}

// sightDetail says which picture an answer is made from.
func sightDetail(t reply.Trace) string {
	detail := fmt.Sprintf("; picture %s, %.1f s old", t.Sight, t.PictureAge.Seconds())
	for _, p := range slices.Backward(t.Earlier) {
		detail += fmt.Sprintf(", after %s, %.1f s old", p.Key, p.Age.Seconds())
	}
	if n := 1 + len(t.Earlier); n < t.Pictures {
		detail += fmt.Sprintf(", %d of %d", n, t.Pictures)
	}
	switch {
	case t.Squares == 1:
		detail += ", 1 square"
	case t.Squares > 1:
		detail += fmt.Sprintf(", %d squares", t.Squares)
	case t.PictureTokens > 0:
		detail += fmt.Sprintf(", %d tokens", t.PictureTokens)
	}
	return detail
}

func turnLine(who string, e room.TurnDone) Line {
	t := e.Trace
	l := Line{At: e.At, Event: "turn", Who: who, Question: t.Question, Text: t.Answer, LatencyMS: ms(t.Latency())}
	for _, s := range t.Waterfall() {
		l.Waterfall = append(l.Waterfall, Step{Name: s.Name, StartMS: ms(s.Start), TookMS: ms(s.Took)})
	}
	l.PromptTokens, l.Reused = t.PromptTokens, t.Reused
	if t.Reused > 0 || t.Break != nil || t.Lost != "" { // where nothing is kept, there is nothing to tell
		l.Detail = "; " + keys.Reuse{Reused: t.Reused, Prompt: t.PromptTokens, Break: t.Break, Lost: t.Lost}.String()
	}
	if t.Sight != "" {
		l.Sight, l.Squares, l.PictureTokens, l.PictureAgeMS = t.Sight, t.Squares, t.PictureTokens, ms(t.PictureAge)
		l.Pictures = 1 + len(t.Earlier)
		for _, p := range t.Earlier {
			l.Earlier, l.EarlierAgesMS = append(l.Earlier, p.Key), append(l.EarlierAgesMS, ms(p.Age))
		}
		l.Detail += sightDetail(t)
	}
	if t.Break != nil {
		l.Break = t.Break.String()
	}
	if t.Err != nil && !errors.Is(t.Err, room.ErrClosed) {
		l.Error = t.Err.Error()
	}
	return l
}
