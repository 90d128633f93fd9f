package token

import (
	"errors"
	"fmt"
	"net/http"
)

// ErrConfig means that a Config cannot be used.
var ErrConfig = errors.New("invalid configuration of tokens")

// Reason says in one stable word why there is no token. docs/join.md lists all.
type Reason string

// Why there is no token.
const (
	ReasonMethod    Reason = "method"         // something else than a POST
	ReasonPath      Reason = "unknown_path"   // another path
	ReasonForbidden Reason = "forbidden"      // the Host header or the page's origin is another one
	ReasonAccess    Reason = "token_needed"   // no access token of the listener, or a wrong one
	ReasonRate      Reason = "rate_limited"   // more tokens a second than are made
	ReasonBodyBig   Reason = "body_too_large" // a request of more than 64 KiB
	ReasonBody      Reason = "bad_body"       // no request: no JSON, or of another form
	ReasonTooLong   Reason = "too_long"       // a field is longer than allowed
	ReasonTooMany   Reason = "too_many"       // a list is longer than allowed
	ReasonBadText   Reason = "bad_text"       // a name of control characters, or not in UTF-8
	ReasonReserved  Reason = "reserved"       // an attribute of LiveKit's own
	ReasonRoom      Reason = "unknown_room"   // nothing is served in such a room
	ReasonNoRoom    Reason = "no_room"        // no room was named, and there are several, or none
	ReasonTaken     Reason = "identity_taken" // the identity is that of a persona
	ReasonAgent     Reason = "unknown_agent"  // no such agent can be called from here
	ReasonConfig    Reason = "room_config"    // settings of a room that a page may not make
	ReasonFailed    Reason = "failed"         // a fault in this program
)

// Error is why there is no token. Its text says what to do, and repeats nothing of the request.
type Error struct {
	Status int // of HTTP
	Reason Reason
	Field  string // of the request; may be empty
	Text   string
}

// Error returns field and text.
func (e *Error) Error() string {
	if e.Field == "" {
		return e.Text
	}
	return e.Field + ": " + e.Text
}

func wrong(field string, why Reason, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Reason: why, Field: field, Text: fmt.Sprintf(format, args...)}
}

func forbidden(field string, why Reason, text string) *Error {
	return &Error{Status: http.StatusForbidden, Reason: why, Field: field, Text: text}
}
