package agent

import (
	"errors"
	"fmt"
)

// Errors of a session.
var (
	// ErrConfig means that a configuration lacks a field; the text names it.
	ErrConfig = errors.New("incomplete configuration")
	// ErrNoPicture means that a video track is there but gave no picture in time.
	ErrNoPicture = errors.New("no picture could be decoded")
	// ErrInterrupted means that a turn was stopped because somebody spoke.
	ErrInterrupted = errors.New("interrupted")
	// ErrSuperseded means that a turn was stopped because a newer question came.
	ErrSuperseded = errors.New("superseded by a newer question")
	// ErrRoomGone means that the room ended while the session wanted to go on.
	ErrRoomGone = errors.New("room is gone")
	// ErrRoomClosed means that the server closed the room, as it does some time after the last human has left. Joining again opens it.
	ErrRoomClosed = errors.New("the server closed the room")
	// ErrClosed means that the session was closed.
	ErrClosed = errors.New("session is closed")
)

// StageError says which part of a session could not do its work.
type StageError struct {
	// Stage is one of the Stage constants.
	Stage Stage
	// Who is the participant concerned, if any.
	Who string
	Err error
}

// Stage names a part of the sensory loop.
type Stage string

// Stages of the loop, in the order of the data.
const (
	StageRoom    Stage = "room"
	StageHearing Stage = "hearing"
	StageSight   Stage = "sight"
	StageReply   Stage = "reply"
	StageVoice   Stage = "voice"
	StageText    Stage = "transcript"
	StageStore   Stage = "store"
)

// Error implements error.
func (e *StageError) Error() string {
	if e.Who == "" {
		return fmt.Sprintf("%s: %v", e.Stage, e.Err)
	}
	return fmt.Sprintf("%s of %s: %v", e.Stage, e.Who, e.Err)
}

// Unwrap returns the cause.
func (e *StageError) Unwrap() error { return e.Err }
