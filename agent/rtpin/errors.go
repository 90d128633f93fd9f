package rtpin

import "errors"

var (
	// ErrRED means a payload that is not valid redundant audio (RFC 2198).
	ErrRED = errors.New("invalid redundant audio payload")
	// ErrPayload means an RTP payload that does not follow the payload format of its codec. The
	// access unit it belongs to is dropped.
	ErrPayload = errors.New("invalid rtp payload")
	// ErrTooLarge means an access unit above MaxAccessUnit. It is dropped.
	ErrTooLarge = errors.New("access unit too large")
	// ErrClosed means a call after Close.
	ErrClosed = errors.New("receiver is closed")
)
