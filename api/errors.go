package api

import (
	"context"
	"errors"
	"fmt"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/agent"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/compute"
)

// Reason says in one stable word why a call failed. docs/api.md lists all.
type Reason string

// Why a request is refused before anything is done.
const (
	ReasonMissing     Reason = "missing"        // a field that is needed is empty
	ReasonTooLong     Reason = "too_long"       // a text is longer than allowed
	ReasonTooMany     Reason = "too_many"       // a list is longer than allowed
	ReasonBadText     Reason = "bad_text"       // a text holds control characters
	ReasonBadValue    Reason = "bad_value"      // a value is none of those allowed
	ReasonBodyTooBig  Reason = "body_too_large" // the request is larger than allowed
	ReasonBodySlow    Reason = "body_slow"      // the request took too long to arrive
	ReasonRate        Reason = "rate_limited"   // more calls a second than allowed
	ReasonBusy        Reason = "busy"           // more calls at once than allowed
	ReasonUnknownCall Reason = "unknown_call"   // the API has no such call
	ReasonToken       Reason = "token_needed"   // the call carries no bearer token
	ReasonTokenWrong  Reason = "token_wrong"    // the token is another one, or not the right one any more
	ReasonTokenGone   Reason = "no_token_file"  // the file of the token cannot be read now: nobody is let in
	ReasonForbidden   Reason = "forbidden"      // the Host header or the origin is another one
)

// Why a call could not be done.
const (
	ReasonLoading        Reason = "loading"           // the process has not got so far yet
	ReasonUnknownRoom    Reason = "unknown_room"      // no persona has a seat in such a room
	ReasonRoomClosed     Reason = "room_closed"       // personas have seats in the room, but nobody has entered it yet, or it has ended
	ReasonUnknownPersona Reason = "unknown_persona"   // no such persona has a seat in the room
	ReasonNameTaken      Reason = "name_taken"        // somebody of this name or identity sits in the room already
	ReasonOfFile         Reason = "of_file"           // the configuration file seats the persona: change that
	ReasonNotJoined      Reason = "not_joined"        // the persona could not get into its room; the message says why
	ReasonNotKept        Reason = "not_kept"          // nothing is kept: the process runs without a store
	ReasonUnknownMessage Reason = "unknown_message"   // no such message in the room
	ReasonUnknownMemory  Reason = "unknown_memory"    // no such memory, or not any more
	ReasonSuperseded     Reason = "memory_superseded" // a newer memory says otherwise: forget that one first
	ReasonMemories       Reason = "too_many_memories" // as many memories as are kept: forget one first
	ReasonKeyTaken       Reason = "key_taken"         // another message has this key
	ReasonUndelivered    Reason = "undelivered"       // the message is kept, and nobody was there to read it
	ReasonStore          Reason = "store_failed"      // the store cannot be read or written
	ReasonStoreFull      Reason = "store_full"        // the disk of the store is full: free it, and what waits is written
	ReasonStoreLocked    Reason = "store_locked"      // another process keeps the store locked
	ReasonStoreReadOnly  Reason = "store_read_only"   // the store, or its folder, may not be written
	ReasonStoreNewer     Reason = "store_newer"       // a newer version of the program has changed the store
	ReasonStoreAway      Reason = "store_away"        // the database cannot be reached now; it may come back
	ReasonStoreDenied    Reason = "store_denied"      // the database refuses user, password or name
	ReasonStoreDamaged   Reason = "store_damaged"     // the store is damaged, or is none of this program
	ReasonBadPlan        Reason = "bad_plan"          // the plan is not that of its request
	ReasonPlanChanged    Reason = "plan_changed"      // the room is not any more as it was planned for: plan again
	ReasonContextEvicted Reason = "context_evicted"   // a context is not kept any more: send it again
	ReasonContextBudget  Reason = "context_budget"    // contexts that are in use take all the room
	ReasonBadKey         Reason = "bad_key"           // a context's segments have another key
	ReasonBadContext     Reason = "bad_context"       // the persona takes no such context
	ReasonClosing        Reason = "closing"           // the process is about to end
	ReasonRefused        Reason = "refused"           // there is no place on the machine; the message says of what
	ReasonTimeout        Reason = "timed_out"         // the call took longer than it may
	ReasonCanceled       Reason = "canceled"          // the caller went away
	ReasonNothingWaits   Reason = "nothing_waits"     // no reply of the persona waits to be heard
	ReasonNoSight        Reason = "no_sight"          // there is no such picture, or it is not kept any more
	ReasonGone           Reason = "sequence_gone"     // events of these numbers are not kept any more
	ReasonAhead          Reason = "sequence_ahead"    // events of these numbers have not happened
	ReasonOtherLog       Reason = "other_log"         // the numbers are of another process: it was started anew
	ReasonSlow           Reason = "watcher_slow"      // events went before the watcher took them; it may go on behind them
	ReasonWatchers       Reason = "too_many_watchers" // as many watch as may
	ReasonTokenChanged   Reason = "token_changed"     // the token was changed meanwhile: come again with the new one
	ReasonPanic          Reason = "panic"             // a fault in this program; its log has more
	ReasonFailed         Reason = "failed"            // something else; the message says what
)

// ErrTokenChanged ends calls under way when the listener's token is changed: internal/ops gives it
// as the cause.
var ErrTokenChanged = errors.New("the token was changed: come again with the new one")

// Error is an error as it is sent: a code of Connect's with a reason, and the field concerned.
type Error struct {
	Code   connect.Code
	Reason Reason
	Field  string
	Err    error
	// Of events: the oldest and the newest that are kept; 0 where they are not concerned.
	Oldest, Newest uint64
}

// Error gives the text that is sent.
func (e *Error) Error() string {
	if e.Field == "" {
		return e.Err.Error()
	}
	return e.Field + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// wire is the error for Connect, with its detail.
func (e *Error) wire() *connect.Error {
	out := connect.NewError(e.Code, errors.New(e.Error()))
	detail, err := connect.NewErrorDetail(&sensoryv1.ErrorInfo{Reason: string(e.Reason), Field: e.Field, Oldest: e.Oldest, Newest: e.Newest})
	if err == nil {
		out.AddDetail(detail)
	}
	return out
}

// failure makes an error with a text.
func failure(code connect.Code, why Reason, format string, args ...any) *Error {
	return &Error{Code: code, Reason: why, Err: fmt.Errorf(format, args...)}
}

// wrong makes the error of a field.
func wrong(field string, why Reason, format string, args ...any) *Error {
	return &Error{Code: connect.CodeInvalidArgument, Reason: why, Field: field, Err: fmt.Errorf(format, args...)}
}

// ended is how the end of a call is sent whose context may have ended: parts below that only say
// that they were canceled do not know why.
func ended(ctx context.Context, err error) *Error {
	e := classify(err)
	if cause := context.Cause(ctx); e.Reason == ReasonCanceled && cause != nil {
		return classify(cause)
	}
	return e
}

// classify is any error as it is sent. What is known best decides.
func classify(err error) *Error {
	var ours *Error
	if errors.As(err, &ours) {
		return ours
	}
	for _, known := range translations() {
		if e := known(err); e != nil {
			return e
		}
	}
	e := &Error{Code: connect.CodeUnknown, Reason: ReasonFailed, Err: err}
	var refusal *compute.Refusal
	var outside *agent.NotJoinedError
	switch {
	case errors.Is(err, context.Canceled):
		e.Code, e.Reason = connect.CodeCanceled, ReasonCanceled
	case errors.As(err, &refusal):
		e.Code, e.Reason = connect.CodeResourceExhausted, ReasonRefused
	case errors.As(err, &outside): // it says why, also where the time was over
		e.Code, e.Reason = connect.CodeFailedPrecondition, ReasonNotJoined
	case errors.Is(err, context.DeadlineExceeded):
		e.Code, e.Reason = connect.CodeDeadlineExceeded, ReasonTimeout
	}
	return e
}
