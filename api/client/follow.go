package client

import (
	"context"
	"errors"
	"time"

	"connectrpc.com/connect"

	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/media"
)

// Reasons for which a follower goes on elsewhere; see docs/api.md.
const (
	reasonSlow = "watcher_slow"
	reasonGone = "sequence_gone"
)

const (
	// breath is the pause before a stream is opened in the place of one that broke, or that
	// answered and brought nothing: a follower that is far too slow makes some calls a second, not
	// as many as it can.
	breath = 250 * time.Millisecond
	// everything is as many of the latest events as may be asked for: all that are kept.
	everything = 1 << 20
)

// Follower is told what happens.
type Follower struct {
	// Event gets each event, in order. An error ends the following.
	Event func(*sensoryv1.Event) error
	// Gone is told that events went before they were taken, since it was too slow: the numbers from
	// first to oldest-1, of events of all rooms and kinds. It goes on with oldest.
	Gone func(first, oldest uint64)
	// Reached is told that everything that there is was told, and is called again and again; false
	// ends the following. Nil goes on.
	Reached func() bool
}

// Follow watches events until ctx ends, which is no error, the process goes, or the follower has
// enough. Where the follower is too slow, or a stream that had answered breaks, it goes on in
// another one, and Gone is told what is missing between them. Errors: *Error, ErrNoAnswer, those of
// the follower.
func (c *Client) Follow(ctx context.Context, req *sensoryv1.WatchEventsRequest, to Follower) error {
	f := &following{to: to, want: &sensoryv1.WatchEventsRequest{
		After: req.After, Recent: req.GetRecent(), Room: req.GetRoom(), Kinds: req.GetKinds(), Log: req.GetLog(),
	}}
	for {
		f.answered, f.brought = false, false
		err := f.stream(ctx, c)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // it was to end
		}
		if f.ended || !f.goesOn(err) {
			return err
		}
		if f.answered && !f.brought && media.Sleep(ctx, breath) != nil {
			return nil //nolint:nilerr // it was to end
		}
	}
}

// following is one follower's way through a log.
type following struct {
	to   Follower
	want *sensoryv1.WatchEventsRequest
	// known says that a stream has answered at some time: up to up all was told, or is gone.
	known bool
	up    uint64
	// Of the stream that is open: it has answered, it has brought events, the follower wants no
	// more.
	answered, brought, ended bool
}

// goesOn decides whether what ended a stream leaves a place to go on from, and puts it into want.
func (f *following) goesOn(err error) bool {
	var told *Error
	came := errors.As(err, &told) && told.came
	switch {
	case !f.known: // nothing was followed yet: what was asked for is refused
		return false
	case came && told.Reason == reasonSlow && told.Oldest > 0:
		behind := told.Oldest - 1
		f.want.After = &behind
	case came && told.Reason == reasonGone: // more has gone while it was asked for: with whatever is kept then
		f.want.After, f.want.Recent = nil, everything
	case !came && f.answered && !unreadable(told): // it broke; who is there will say
		up := f.up
		f.want.After = &up
		f.brought = false
	default:
		return false
	}
	return true
}

// unreadable tells whether what came is more than a client takes, or is not what it knows: it would
// be the next time, too.
func unreadable(told *Error) bool {
	return told != nil && (told.Code == connect.CodeResourceExhausted || told.Code == connect.CodeInvalidArgument)
}

// stream watches until the stream ends.
func (f *following) stream(ctx context.Context, c *Client) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	stream, err := c.Events.WatchEvents(ctx, f.want)
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close() }() // what it says was said by Err
	for stream.Receive() {
		if err := f.take(stream.Msg()); f.ended {
			return err
		}
	}
	if err := stream.Err(); err != nil {
		return err
	}
	return &Error{Code: connect.CodeUnavailable, Reason: "closing", Message: "the process has ended", came: true}
}

// take tells what is in an answer. The error is the follower's, and ends the following.
func (f *following) take(got *sensoryv1.WatchEventsResponse) error {
	if !f.answered && f.known && got.GetSequence() > f.up && f.to.Gone != nil {
		f.to.Gone(f.up+1, got.GetSequence()+1)
	}
	for _, e := range got.GetEvents() {
		if err := f.to.Event(e); err != nil {
			f.ended = true
			return err
		}
	}
	f.answered, f.known, f.up = true, true, got.GetSequence()
	f.brought = f.brought || len(got.GetEvents()) > 0
	f.want.Log = got.GetLog()
	f.ended = f.to.Reached != nil && f.up == got.GetNewest() && !f.to.Reached()
	return nil
}
