package remote

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kinds of [*Error]: compare with errors.Is.
var (
	// ErrConfig means that a configuration or a request cannot be used. Nothing was sent.
	ErrConfig = errors.New("invalid configuration")
	// ErrKey means that the key could not be read from its variable or file. Nothing was sent.
	ErrKey = errors.New("no API key")
	// ErrPicture means that a picture has a size that cannot be sent.
	ErrPicture = errors.New("invalid picture")
	// ErrClosed means that the client was closed.
	ErrClosed = errors.New("closed")
	// ErrBusy means that all places of the provider are taken. Nothing was sent.
	ErrBusy = errors.New("all places are taken")
	// ErrConnect means that no connection could be made.
	ErrConnect = errors.New("cannot connect")
	// ErrTimeout is matched by the four timeouts below.
	ErrTimeout = errors.New("too slow")
	// ErrConnectTimeout means that connecting took too long.
	ErrConnectTimeout = fmt.Errorf("%w: no connection in time", ErrTimeout)
	// ErrFirstTokenTimeout means that the server took the question and wrote nothing in time.
	ErrFirstTokenTimeout = fmt.Errorf("%w: no first token in time", ErrTimeout)
	// ErrTokenTimeout means that the server stopped writing in the middle of an answer.
	ErrTokenTimeout = fmt.Errorf("%w: no further token in time", ErrTimeout)
	// ErrAnswerTimeout means that the whole answer took too long.
	ErrAnswerTimeout = fmt.Errorf("%w: no whole answer in time", ErrTimeout)
	// ErrUnauthorized means that the server does not accept the key, or wants one.
	ErrUnauthorized = errors.New("key not accepted")
	// ErrNoModel means that the server does not have the model.
	ErrNoModel = errors.New("server does not have the model")
	// ErrNoEndpoint means that the address has no chat completions.
	ErrNoEndpoint = errors.New("nothing to ask at this address")
	// ErrRateLimited means that the server accepts no more requests for now; RetryAfter says for
	// how long, if the server did.
	ErrRateLimited = errors.New("rate limited")
	// ErrRefused means that the server refuses the request for what is in it.
	ErrRefused = errors.New("request refused")
	// ErrServer means that the server failed (5xx).
	ErrServer = errors.New("server failed")
	// ErrStream means that the server reported an error in the middle of its answer.
	ErrStream = errors.New("server broke off")
	// ErrProtocol means that the server answered with something that is no chat completion stream.
	ErrProtocol = errors.New("not a chat completion stream")
	// ErrTruncated means that the stream ended in the middle of an answer.
	ErrTruncated = errors.New("answer cut off")
	// ErrNoAnswer means that the server ended its answer without a word of text. The cause is an
	// [*answer.Error] that says why.
	ErrNoAnswer = errors.New("no answer")
	// ErrTooLarge means that an answer exceeds the limits of this package.
	ErrTooLarge = errors.New("answer too large")
)

// Error is a call that failed. It holds no secret.
type Error struct {
	// Kind is one of the sentinels above, or prompt.ErrTooLong by the server's count.
	Kind error
	// Provider, URL and Model say who was asked.
	Provider, URL, Model string
	// Status is the HTTP status; 0 where no answer came.
	Status int
	// RetryAfter is what the server asks to wait; 0 where it does not say.
	RetryAfter time.Duration
	// Detail is what the server said or what was found, shortened.
	Detail string
	// Next says what to do.
	Next string
	// Err is the cause; may be nil.
	Err error
}

// Error says who, what and what to do next.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "provider %s (%s", e.Provider, e.URL)
	if e.Model != "" {
		fmt.Fprintf(&b, ", model %s", e.Model)
	}
	fmt.Fprintf(&b, "): %v", e.Kind)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": HTTP %d", e.Status)
	}
	if e.Detail != "" {
		fmt.Fprintf(&b, ": %s", e.Detail)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, "; the server asks to wait %v", e.RetryAfter)
	}
	if e.Next != "" {
		fmt.Fprintf(&b, "; %s", e.Next)
	}
	return b.String()
}

// Unwrap returns the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}
