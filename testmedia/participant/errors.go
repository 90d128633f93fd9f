package participant

import "errors"

// Errors of a participant.
var (
	// ErrLeft means that the room ended or the participant left while something was being done.
	ErrLeft = errors.New("participant has left the room")
	// ErrPublish means that a track never became ready to send.
	ErrPublish = errors.New("track was not bound to a connection")
	// ErrNoAgent means that no agent joined the room in time.
	ErrNoAgent = errors.New("no agent in the room")
)
