package room

import (
	"errors"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/store"
)

// Errors of a room.
var (
	// ErrConfig means that a configuration lacks a field; the text names it.
	ErrConfig = errors.New("incomplete configuration")
	// ErrInterrupted means that a turn was stopped because somebody spoke.
	ErrInterrupted = errors.New("interrupted")
	// ErrSuperseded means that a turn was stopped because a newer question came.
	ErrSuperseded = errors.New("superseded by a newer question")
	// ErrRoomGone means that the room ended while the session wanted to go on.
	ErrRoomGone = errors.New("room is gone")
	// ErrRoomClosed means that the server closed the room, as it does some time after the last
	// human has left. Joining again opens it.
	ErrRoomClosed = errors.New("the server closed the room")
	// ErrRoomDeleted means, beside ErrRoomGone, that somebody deleted the room. Joining again makes
	// it anew.
	ErrRoomDeleted = errors.New("somebody deleted the room")
	// ErrSplit means, beside ErrRoomGone, that personas of one room did not see each other for 20
	// s: the server had them in different rooms of the same name. Joining again ends that.
	ErrSplit = errors.New("the personas are in different rooms of the same name")
	// ErrOtherRoom means that the room that a persona was sent to is gone, and that nobody is in
	// the one of the same name.
	ErrOtherRoom = errors.New("the room it was sent to is gone, and nobody is in the new one of that name")
	// ErrRemoved means, beside ErrRoomGone, that somebody put the persona out of the room, or took
	// its place with the same identity.
	ErrRemoved = errors.New("removed from the room")
	// ErrNoHistory means that a persona is to know what was said before and its model takes one
	// question at a time.
	ErrNoHistory = errors.New("the model takes no history: use history off, or another profile")
	// ErrTaken means that somebody of this identity has a seat in the room already.
	ErrTaken = errors.New("the seat is taken")
	// ErrListener means that the hidden connection that listens for the personas of a room is not
	// there; see ListenerError.
	ErrListener = errors.New("the listening connection is not there")
	// ErrClosed means that the session was closed.
	ErrClosed = errors.New("session is closed")
	// ErrCrowded means that a question was given up because too many people were waiting for an
	// answer.
	ErrCrowded = errors.New("too many people wait for an answer")
	// ErrLate means that a question was given up because it had waited for more than a minute.
	ErrLate = errors.New("the question waited too long for its answer")
	// ErrWritten means that an answer was kept from the floor for so long that it was written into
	// the chat instead of being heard; see turn.Floor.
	ErrWritten = errors.New("kept from the floor too long: it was written instead")
	// ErrYielded means that an answer gave way, before anybody heard of it, to somebody who had
	// begun to speak before its question came. It is begun anew behind theirs.
	ErrYielded = errors.New("gave way to somebody who spoke first")
	// ErrUnheard means that an answer was stopped because nobody could hear it: the connection is
	// interrupted, or the right to publish was taken away.
	ErrUnheard = errors.New("nobody can hear the persona")
	// ErrWithdrawn means that whoever had a turn run went away before its end.
	ErrWithdrawn = errors.New("whoever asked does not wait for an answer any more")
	// ErrSilent means that the persona does not answer a question; see SilentError.
	ErrSilent = errors.New("the persona does not answer")
	// ErrRefused means that something of a participant was not taken, because of a limit; see
	// RefusedError.
	ErrRefused = errors.New("beyond a limit")
	// errManyTracks means that the connection does not take the wishes for tracks any more.
	errManyTracks = errors.New("a track is not subscribed to: too many wait for the connection")
	// errNoState is reported where front ends cannot be told what the persona is doing.
	errNoState = fmt.Errorf("%w: canUpdateOwnMetadata; front ends are not told whether the persona listens, thinks or speaks", ErrGrant)
	// ErrStalled means that a persona was said to speak, and no sound of it left the process for as
	// long as floor.silent of the policy: a voice that hangs, or a connection that takes nothing.
	ErrStalled = errors.New("the answer was given up: no sound of it left for too long")
	// ErrGuess means that an answer was thought of before it was certain what is asked, and
	// something else was; the text says why. Nothing of it reached anybody.
	ErrGuess = errors.New("the answer was thought of for nothing")
	// ErrNoStore means that messages cannot be kept, since nothing is.
	ErrNoStore = errors.New("nothing is kept here: serve it with --store, or store.path")
	// ErrUndelivered means that a message is kept and the room has not taken it; the text names it.
	ErrUndelivered = errors.New("the message is kept, and nobody was there to read it: send it again with another key")
	// ErrCloseLimit means that a session could not be closed in time; the text names what still
	// runs.
	ErrCloseLimit = errors.New("not closed in time")
)

// ListenerError says why a room of several personas has no connection of its own to listen with.
// One persona's connection listens for all meanwhile.
type ListenerError struct {
	Err  error
	Next time.Duration // until the next attempt
}

// Error implements error.
func (e *ListenerError) Error() string {
	return fmt.Sprintf("%v: %v; a persona's own connection listens for all, and another one is opened in %v", ErrListener, e.Err, e.Next)
}

// Unwrap returns ErrListener and the cause.
func (e *ListenerError) Unwrap() []error { return []error{ErrListener, e.Err} }

// SilentError says why a persona does not answer a question, or not to the end.
type SilentError struct{ Why turn.Reason }

// Error implements error.
func (e *SilentError) Error() string { return fmt.Sprintf("%v: %s", ErrSilent, e.Why) }

// Unwrap returns ErrSilent.
func (e *SilentError) Unwrap() error { return ErrSilent }

// RefusedError says that something of a participant was not taken. It comes once for each
// participant and kind; Room.Limits counts all.
type RefusedError struct{ Kind limits.Kind }

// Error implements error.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("beyond the limit %s: not taken; further ones are counted only", e.Kind)
}

// Unwrap returns ErrRefused.
func (e *RefusedError) Unwrap() error { return ErrRefused }

// LetterError says why a message was not taken. Nothing of it is kept.
type LetterError struct {
	// Kind is the limit that it is beyond; empty where it is something else.
	Kind limits.Kind
	// Problem says what is wrong and what would be right.
	Problem string
}

// Error implements error.
func (e *LetterError) Error() string { return "message not taken: " + e.Problem }

// Unwrap returns ErrRefused for one that is beyond a limit, and store.ErrInvalid for any other.
func (e *LetterError) Unwrap() error {
	if e.Kind != "" {
		return ErrRefused
	}
	return store.ErrInvalid
}

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

// left is an end as it is reported: nil where it was asked for.
func left(why error) error {
	if errors.Is(why, ErrClosed) {
		return nil
	}
	return why
}

// errAlone means that a context was given for a persona whose every question stands alone.
var errAlone = fmt.Errorf("%w: every question to it stands alone", prompt.ErrGiven)
