package lines

import "github.com/sensory-agent/sensory-agent/testmedia/participant"

// OfHuman describes an event of a scripted human; who it is. It is false for what is not told.
func OfHuman(who string, e participant.Event) (Line, bool) {
	switch e := e.(type) {
	case participant.AgentJoined:
		return Line{At: e.At, Event: "agent", Who: e.Identity, Detail: "is in the room"}, true
	case participant.AgentLeft:
		return Line{At: e.At, Event: "agent", Who: e.Identity, Detail: "has left"}, true
	case participant.AgentState:
		return Line{At: e.At, Event: "state", Who: e.Identity, State: e.State}, true
	case participant.VoiceStarted:
		return Line{At: e.At, Event: "voice", Who: e.Identity, Detail: "first packet"}, true
	case participant.Voice:
		return Line{At: e.At, Event: "audible", Who: e.Identity, DBFS: e.DBFS, LengthMS: ms(e.Length)}, true
	case participant.Transcript:
		if e.Delta {
			return Line{}, false
		}
		return Line{At: e.At, Event: "transcript", Who: e.From, Text: e.Text, Final: e.Final}, true
	case participant.Chat:
		return Line{At: e.At, Event: "chat", Who: e.From, Text: e.Text}, true
	case participant.Left:
		return Line{At: e.At, Event: "left", Who: who, Detail: e.Reason}, true
	}
	return Line{}, false
}
