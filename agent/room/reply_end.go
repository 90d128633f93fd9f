package room

import (
	"errors"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// ReplyEnd is how a reply ended, in one stable word.
type ReplyEnd string

// How replies end.
const (
	ReplySpoken      ReplyEnd = "spoken"      // as it was meant to
	ReplyInterrupted ReplyEnd = "interrupted" // ErrInterrupted
	ReplySuperseded  ReplyEnd = "superseded"  // ErrSuperseded
	ReplyYielded     ReplyEnd = "yielded"     // ErrYielded
	ReplyWritten     ReplyEnd = "written"     // ErrWritten: people read it instead
	// ReplyEnded is one that was told to end, or that nobody is there for any more: somebody muted
	// or stopped the persona, it leaves, whoever asked went away, the room is over.
	ReplyEnded  ReplyEnd = "ended"
	ReplyFailed ReplyEnd = "failed" // something went wrong, which is reported as a Problem too
)

// ReplyEnds returns all of them.
func ReplyEnds() []ReplyEnd {
	return []ReplyEnd{ReplySpoken, ReplyInterrupted, ReplySuperseded, ReplyYielded, ReplyWritten, ReplyEnded, ReplyFailed}
}

// ReplyEndOf is how a reply ended whose trace has that error.
func ReplyEndOf(err error) ReplyEnd {
	if err == nil {
		return ReplySpoken
	}
	for _, known := range []struct {
		err error
		end ReplyEnd
	}{
		{ErrInterrupted, ReplyInterrupted},
		{ErrSuperseded, ReplySuperseded},
		{ErrYielded, ReplyYielded},
		{ErrWritten, ReplyWritten},
		{reply.ErrFinished, ReplyEnded},
		{ErrWithdrawn, ReplyEnded},
		{ErrGuess, ReplyEnded},
		{ErrClosed, ReplyEnded},
		{ErrRoomGone, ReplyEnded},
		{ErrRoomClosed, ReplyEnded},
		{ErrRoomDeleted, ReplyEnded},
		{ErrOtherRoom, ReplyEnded},
		{ErrSplit, ReplyEnded},
		{ErrRemoved, ReplyEnded},
	} {
		if errors.Is(err, known.err) {
			return known.end
		}
	}
	if silent, ok := errors.AsType[*SilentError](err); ok && (quiet(silent.Why) || silent.Why == turn.ReasonRemoved) {
		return ReplyEnded
	}
	return ReplyFailed
}
