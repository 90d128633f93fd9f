package api

import (
	"errors"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/store"
)

// translations say what errors of the parts below are for a client. The first that knows one
// decides.
func translations() []func(error) *Error {
	means := func(target error, code connect.Code, why Reason) func(error) *Error {
		return func(err error) *Error {
			if !errors.Is(err, target) {
				return nil
			}
			return &Error{Code: code, Reason: why, Err: err}
		}
	}
	return []func(error) *Error{
		means(ErrTokenChanged, connect.CodeUnauthenticated, ReasonTokenChanged),
		ofEvents, ofField, ofLetter, ofProfile, ofTurn,
		means(keys.ErrEvicted, connect.CodeFailedPrecondition, ReasonContextEvicted),
		means(keys.ErrKey, connect.CodeInvalidArgument, ReasonBadKey),
		means(keys.ErrBudget, connect.CodeResourceExhausted, ReasonContextBudget),
		means(prompt.ErrGiven, connect.CodeInvalidArgument, ReasonBadContext),
		means(prompt.ErrTooLong, connect.CodeInvalidArgument, ReasonTooLong),
		means(agent.ErrContextSize, connect.CodeInvalidArgument, ReasonTooLong),
		means(room.ErrUndelivered, connect.CodeFailedPrecondition, ReasonUndelivered), // with the cause beside it
		means(agent.ErrNoRoom, connect.CodeFailedPrecondition, ReasonRoomClosed),
		means(agent.ErrSeated, connect.CodeAlreadyExists, ReasonNameTaken),
		means(agent.ErrFull, connect.CodeResourceExhausted, ReasonBusy),
		means(agent.ErrUnseated, connect.CodeNotFound, ReasonUnknownPersona),
		means(agent.ErrOfFile, connect.CodeFailedPrecondition, ReasonOfFile),
		means(agent.ErrHostClosed, connect.CodeUnavailable, ReasonClosing),
		means(room.ErrClosed, connect.CodeFailedPrecondition, ReasonRoomClosed),
		means(room.ErrNothingWaits, connect.CodeFailedPrecondition, ReasonNothingWaits),
		means(room.ErrNoSight, connect.CodeNotFound, ReasonNoSight),
		means(room.ErrNoStore, connect.CodeFailedPrecondition, ReasonNotKept),
		means(memory.ErrUnknown, connect.CodeNotFound, ReasonUnknownMemory),
		means(memory.ErrSuperseded, connect.CodeFailedPrecondition, ReasonSuperseded),
		means(memory.ErrBudget, connect.CodeResourceExhausted, ReasonMemories),
		means(store.ErrCrowded, connect.CodeResourceExhausted, ReasonMemories),
		means(store.ErrNoRoom, connect.CodeNotFound, ReasonUnknownRoom),
		means(store.ErrNoMessage, connect.CodeNotFound, ReasonUnknownMessage),
		means(store.ErrKeyTaken, connect.CodeAlreadyExists, ReasonKeyTaken),
		means(store.ErrInvalid, connect.CodeInvalidArgument, ReasonBadValue),
		means(store.ErrQueueFull, connect.CodeResourceExhausted, ReasonBusy),
		means(store.ErrClosed, connect.CodeUnavailable, ReasonClosing),
		ofStore,
	}
}

// ofField is a mistake in a persona. Several have the first one's field, and all texts.
func ofField(err error) *Error {
	var f persona.FieldError
	if !errors.As(err, &f) {
		return nil
	}
	return &Error{Code: connect.CodeInvalidArgument, Reason: ReasonBadValue, Field: spawnField(f.Field), Err: errors.New(f.Text)}
}

// ofLetter is a message that its room did not take.
func ofLetter(err error) *Error {
	var l *room.LetterError
	if !errors.As(err, &l) {
		return nil
	}
	e := &Error{Code: connect.CodeInvalidArgument, Reason: ReasonBadValue, Err: err}
	switch l.Kind {
	case limits.ChatRate, limits.RoomChatRate:
		e.Code, e.Reason = connect.CodeResourceExhausted, ReasonRate
	case limits.ChatBytes:
		e.Reason, e.Field = ReasonTooLong, "text"
	case limits.ChatText:
		e.Reason, e.Field = ReasonBadText, "text"
	}
	return e
}

// ofProfile is that no model meets a profile, or that there is no such profile.
func ofProfile(err error) *Error {
	var refusal *model.RefusalError
	var unknown *model.UnknownProfileError
	switch {
	case errors.As(err, &refusal):
		return &Error{Code: connect.CodeFailedPrecondition, Reason: Reason(refusal.Reason), Field: "profile", Err: err}
	case errors.As(err, &unknown):
		return &Error{Code: connect.CodeInvalidArgument, Reason: ReasonBadValue, Field: "profile", Err: err}
	}
	return nil
}

// ofStore is a store that cannot be read or written.
func ofStore(err error) *Error {
	why := store.WhyOf(err)
	if why == "" {
		return nil
	}
	return &Error{Code: connect.CodeUnavailable, Reason: storeReason(why), Err: err}
}

// storeReason is a word of the store's as a reason.
func storeReason(why store.Why) Reason { return Reason("store_" + string(why)) }
