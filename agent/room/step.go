package room

import (
	"strconv"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/script"
)

// Step is that the table of turns took an event, and what it decided. Its lines are those of a
// recording.
type Step struct {
	At      time.Duration // since the room opened
	Event   Line
	Effects []Line
}

// Line is one line of a recording, and what of it others want to know most.
type Line struct {
	Text string // an effect's without the arrow
	Verb string
	// Who is the identity of the persona or participant that it names first, Turn the turn; empty
	// and 0 where it names none. Value is a reason, a state, an outcome or a loudness.
	Who   string
	Turn  uint64
	Value string
}

// Bytes is how long its lines are together.
func (s Step) Bytes() int {
	n := len(s.Event.Text)
	for i := range s.Effects {
		n += len(s.Effects[i].Text)
	}
	return n
}

// stepOf describes a step. The error is that the event has no form in a recording.
func stepOf(at time.Duration, e turn.Event, effects []turn.Effect) (Step, error) {
	text, err := script.FormatEvent(at, e)
	if err != nil {
		return Step{}, err
	}
	s := Step{At: at, Event: eventLine(e), Effects: make([]Line, len(effects))}
	s.Event.Text, s.Event.Verb = text, verb(text, 1)
	for i, x := range effects {
		l := effectLine(x)
		l.Text = script.FormatEffect(x)
		l.Verb = verb(l.Text, 0)
		s.Effects[i] = l
	}
	return s, nil
}

// verb is the word of a line behind so many others.
func verb(line string, behind int) string {
	from := 0
	for i := range len(line) {
		if line[i] != ' ' {
			continue
		}
		if behind == 0 {
			return line[from:i]
		}
		behind, from = behind-1, i+1
	}
	return line[from:]
}

func ofReply(r turn.Reply, value string) Line { return Line{Who: r.Seat, Turn: r.Turn, Value: value} }

// eventLine is what is known of an event beside its text.
func eventLine(e turn.Event) Line {
	switch e := e.(type) {
	case turn.PersonJoined:
		return Line{Who: e.Who}
	case turn.PersonLeft:
		return Line{Who: e.Who}
	case turn.Seated:
		return Line{Who: e.Seat}
	case turn.Unseated:
		return Line{Who: e.Seat}
	case turn.SeatMuted:
		return Line{Who: e.Seat}
	case turn.SpeakNext:
		return Line{Who: e.Seat}
	case turn.StopSpeaking:
		return Line{Who: e.Seat}
	case turn.Connection:
		return Line{Who: e.Seat}
	case turn.Rights:
		return Line{Who: e.Seat}
	case turn.VoicePublished:
		return Line{Who: e.Seat}
	case turn.Leaving:
		return Line{Who: e.Seat}
	case turn.Offered:
		return Line{Who: e.Who, Value: string(e.Source)}
	case turn.Opened:
		return Line{Who: e.Who, Value: string(e.Source)}
	case turn.OtherAgentSpeaks:
		return Line{Who: e.Who}
	default:
		return speechLine(e)
	}
}

// speechLine is what is known of what was said, and of what replies report.
func speechLine(e turn.Event) Line {
	switch e := e.(type) {
	case turn.Voiced:
		return Line{Who: e.Who}
	case turn.Interim:
		return Line{Who: e.Who}
	case turn.Ended:
		return Line{Who: e.Who}
	case turn.Heard:
		return Line{Who: e.Who}
	case turn.Unclear:
		return Line{Who: e.Who, Value: e.Why}
	case turn.Typed:
		return Line{Who: e.Who}
	case turn.Asked:
		return Line{Who: e.Who}
	case turn.Ready:
		return ofReply(e.Reply, "")
	case turn.Thought:
		return ofReply(e.Reply, "")
	case turn.Audible:
		return ofReply(e.Reply, "")
	case turn.Unheard:
		return ofReply(e.Reply, "")
	case turn.Done:
		return ofReply(e.Reply, string(e.Outcome))
	}
	return Line{}
}

// effectLine is what is known of an effect beside its text.
func effectLine(e turn.Effect) Line {
	switch e := e.(type) {
	case turn.Start:
		return ofReply(e.Reply, "")
	case turn.Cancel:
		return ofReply(e.Reply, string(e.Why))
	case turn.Finish:
		return ofReply(e.Reply, "")
	case turn.GiveFloor:
		return ofReply(e.Reply, "")
	case turn.Caption:
		return ofReply(e.Reply, "")
	case turn.Said:
		return ofReply(e.Reply, "")
	case turn.Write:
		return ofReply(e.Reply, "")
	case turn.Wakes:
		return Line{Who: e.Reply.Seat, Turn: e.Turn}
	case turn.Silence:
		return Line{Who: e.Seat, Turn: e.Turn, Value: string(e.Why)}
	case turn.Greet:
		return Line{Who: e.Seat, Turn: e.Turn}
	case turn.Round:
		return Line{Turn: e.Turn}
	case turn.Planned:
		return Line{Turn: e.Turn, Value: e.Fingerprint}
	case turn.Over:
		return Line{Turn: e.Turn}
	default:
		return controlLine(e)
	}
}

// controlLine is what is known of what steers seats and tracks.
func controlLine(e turn.Effect) Line {
	switch e := e.(type) {
	case turn.Gain:
		return Line{Who: e.Seat, Value: strconv.FormatFloat(float64(e.Level), 'g', -1, 32)}
	case turn.Flush:
		return Line{Who: e.Seat}
	case turn.State:
		return Line{Who: e.Seat, Value: string(e.State)}
	case turn.Standing:
		return Line{Who: e.Seat}
	case turn.Publish:
		return Line{Who: e.Seat}
	case turn.Show:
		return Line{Who: e.Who, Value: string(e.Shape)}
	case turn.Keep:
		return Line{Who: e.Who, Turn: e.Turn}
	case turn.Skip:
		return Line{Who: e.Who, Value: string(e.Why)}
	}
	return Line{}
}
