package agent

import (
	"errors"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/room"
)

// gone tells whether an end means that the server is not there, or does not answer: what may be
// otherwise in a while.
func gone(err error) bool {
	return errors.Is(err, lk.ErrUnreachable) || errors.Is(err, lk.ErrMedia) || errors.Is(err, lk.ErrSilent) || errors.Is(err, lk.ErrProtocol) ||
		errors.Is(err, room.ErrRoomGone) && !errors.Is(err, room.ErrRemoved)
}

// Delays between attempts to enter a room again: doubled from the first to the last.
const (
	firstDelay = time.Second
	lastDelay  = time.Minute
)

// again says whether a seat that ended with err enters its room anew, and when. Only a server that
// is not there, or has gone, is worth another attempt: a refusal stays one until somebody changes
// something. Every attempt is reported; none hides the end before it. attempts counts those in a
// row that did not lead into the room, from 0.
func again(err error, attempts int) (after time.Duration, ok bool) {
	if !gone(err) {
		return 0, false
	}
	return min(lastDelay, firstDelay<<min(attempts, 6)), true
}
