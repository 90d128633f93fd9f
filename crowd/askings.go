package crowd

import (
	"fmt"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
)

// asking is one question and what came of it.
type asking struct {
	room       int
	start, end time.Time // of the question's speech
	trace      *reply.Trace
	heard      time.Time     // the first packet of the answer, at the human's ear
	read       string        // the answer's text
	right      bool          // it says what is shown
	voice      time.Duration // of the answer that was audible
	dbfs       float64       // its level
}

// askings puts what the humans noticed and what the personas did together: an answer belongs to the
// question before it.
func askings(lines []Noticed, traces map[int][]reply.Trace) []*asking {
	var out []*asking
	byRoom := map[int][]*asking{}
	for _, l := range lines {
		if l.Event == humanSpoke {
			a := &asking{room: l.Room, start: l.Start, end: l.End}
			byRoom[l.Room] = append(byRoom[l.Room], a)
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b *asking) int { return a.end.Compare(b.end) })
	// of is the question that something at a time belongs to, nil for none.
	of := func(room int, at time.Time) *asking {
		var last *asking
		for _, a := range byRoom[room] {
			if !at.Before(a.start) && (last == nil || a.start.After(last.start)) {
				last = a
			}
		}
		return last
	}
	audible := map[int]float64{} // by room: milliseconds so far
	for _, l := range lines {
		a := of(l.Room, l.Start)
		if a == nil {
			if l.Event == humanVoice {
				audible[l.Room] = l.LengthMS
			}
			continue
		}
		switch l.Event {
		case humanHeard:
			if a.heard.IsZero() && l.Start.After(a.end) {
				a.heard = l.Start
			}
		case humanRead:
			a.read, a.right = l.Text, l.Right
		case humanVoice:
			a.voice += time.Duration((l.LengthMS - audible[l.Room]) * float64(time.Millisecond))
			a.dbfs, audible[l.Room] = l.DBFS, l.LengthMS
		}
	}
	for room, all := range traces {
		for i, t := range all {
			if a := of(room, t.Origin()); a != nil && (a.trace == nil || a.trace.Err != nil) {
				a.trace = &all[i]
			}
		}
	}
	return out
}

// lost says why a question has no answer, "" where it has one.
func (a *asking) lost() string {
	switch {
	case a.trace == nil:
		return "no turn was begun or it did not end"
	case a.trace.Err != nil:
		return a.trace.Err.Error()
	case a.trace.FirstPacket.IsZero():
		return "nothing was said"
	case a.heard.IsZero():
		return "nothing was heard"
	case a.read == "":
		return "nothing was written"
	}
	return ""
}

// What the human hears of a canned answer: a tone of 2 s at −9 dBFS. What came since the last
// report of a voice, up to 0.2 s, is counted to the next answer; what is lost on the way is
// missing, and what the decoder makes up for it is counted.
const (
	shortTone, longTone = 1400 * time.Millisecond, 3 * time.Second
	lowTone, highTone   = -13, -5
)

// wrong says what is wrong with an answer, "" where nothing is.
func (a *asking) wrong(canned, video bool) string {
	switch {
	case canned && (a.trace.Question != engine.CannedTranscript || a.trace.Answer != engine.CannedAnswer || a.trace.Finish != engine.CannedReason):
		return fmt.Sprintf("%q was answered with %q (%s)", a.trace.Question, a.trace.Answer, a.trace.Finish)
	case canned && a.read != engine.CannedAnswer:
		return fmt.Sprintf("%q was read", a.read)
	case canned && (a.voice < shortTone || a.voice > longTone):
		return fmt.Sprintf("a tone of %v was heard", a.voice.Round(time.Millisecond))
	case canned && (a.dbfs < lowTone || a.dbfs > highTone):
		return fmt.Sprintf("a tone of %.1f dBFS was heard", a.dbfs)
	case !canned && video && !a.right:
		return fmt.Sprintf("%q was answered with %q", a.trace.Question, a.read)
	case video && !a.trace.Picture:
		return "it was answered without a picture"
	}
	return ""
}
