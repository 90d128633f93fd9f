package client

import (
	"context"
	"errors"

	"connectrpc.com/connect"

	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
)

// reasonSlow is that of a watcher that was too slow; see docs/api.md.
const reasonSlow = "watcher_slow"

// Follower is told what happens.
type Follower struct {
	// Event gets each event, in order. An error ends the following.
	Event func(*sensoryv1.Event) error
	// Gone is told that events went before they were taken: it was too slow.
	Gone func(first, oldest uint64)
	// Reached is told that everything that there is was told, and is called again and again; false
	// ends the following. Nil goes on.
	Reached func() bool
}

// Follow watches events until ctx ends, which is no error, the process goes, or the follower has
// enough. Where it is too slow it goes on behind what is gone. Errors: *Error, ErrNoAnswer, those of
// the follower.
func (c *Client) Follow(ctx context.Context, req *sensoryv1.WatchEventsRequest, to Follower) error {
	want := &sensoryv1.WatchEventsRequest{After: req.After, Recent: req.GetRecent(), Room: req.GetRoom(), Kinds: req.GetKinds(), Log: req.GetLog()}
	for {
		err := c.follow(ctx, want, to)
		var told *Error
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // it was to end
		case !errors.As(err, &told) || told.Reason != reasonSlow || told.Oldest == 0:
			return err
		}
		if to.Gone != nil && want.After != nil {
			to.Gone(want.GetAfter()+1, told.Oldest)
		}
		behind := told.Oldest - 1
		want.After = &behind
	}
}

// follow watches until the stream ends, and notes in want where to go on.
func (c *Client) follow(ctx context.Context, want *sensoryv1.WatchEventsRequest, to Follower) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	stream, err := c.Events.WatchEvents(ctx, want)
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close() }() // what it says was said by Err
	for stream.Receive() {
		got := stream.Msg()
		for _, e := range got.GetEvents() {
			if err := to.Event(e); err != nil {
				return err
			}
		}
		up := got.GetSequence()
		want.After, want.Log = &up, got.GetLog()
		if to.Reached != nil && up == got.GetNewest() && !to.Reached() {
			return nil
		}
	}
	if err := stream.Err(); err != nil {
		return err
	}
	return &Error{Code: connect.CodeUnavailable, Reason: "closing", Message: "the process has ended"}
}
