package api

import (
	"context"
	"errors"
	"slices"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/room"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/media"
)

const (
	// heartbeat is how long a watcher hears nothing at most. It is shorter than what a proxy takes
	// for a connection that is dead, usually 30 s or more.
	heartbeat = 10 * time.Second
	// gather is the least time between two answers: what happens meanwhile is sent together. What
	// happens after a pause is sent at once. Half of it costs twice as much: BenchmarkWatchers.
	gather = 200 * time.Millisecond
	// mostEvents are in one answer, so that a watcher that begins at the oldest event takes them in
	// pieces.
	mostEvents = 256
	// mostRecent is what a watcher may begin with.
	mostRecent = 1 << 20
	mostKinds  = 64
)

// events answers EventService.
type events struct{ *Server }

// WatchEvents implements the call.
func (s *events) WatchEvents(ctx context.Context, req *sensoryv1.WatchEventsRequest, to *connect.ServerStream[sensoryv1.WatchEventsResponse]) error {
	h, err := s.host()
	if err = errors.Join(watchRequest(req), err); err != nil {
		return err
	}
	want := agent.Watching{After: req.After, Recent: int(req.GetRecent()), Log: req.GetLog(), Kinds: kindsOf(req.GetKinds())}
	if req.GetRoom() != "" {
		in, err := placeOf(ctx, h, req.GetRoom())
		if err != nil {
			return err
		}
		want.Room = in.name
	}
	w, err := h.Events().Watch(want)
	if err != nil {
		return err
	}
	defer w.Close()
	return s.send(ctx, h.Events().ID(), w, to)
}

// watchRequest checks what somebody wants to watch.
func watchRequest(req *sensoryv1.WatchEventsRequest) error {
	c := checked{}
	c.name("room", req.GetRoom(), false)
	c.name("log", req.GetLog(), false)
	c.number("recent", req.GetRecent(), mostRecent)
	if n := len(req.GetKinds()); n > mostKinds {
		c.fail("kinds", ReasonTooMany, "has %d entries, at most %d are allowed", n, mostKinds)
	}
	known := agent.Kinds()
	for _, k := range req.GetKinds() {
		if !slices.Contains(known, agent.Kind(k)) {
			c.fail("kinds", ReasonBadValue, "%q is no kind of event; those are %v", k, known)
		}
	}
	return c.result()
}

func kindsOf(names []string) []agent.Kind {
	return each(names, func(name string) agent.Kind { return agent.Kind(name) })
}

// send sends what a watcher gets until the caller goes, the watcher is too slow, or the process
// ends.
func (s *events) send(ctx context.Context, id string, w *agent.Watcher, to *connect.ServerStream[sensoryv1.WatchEventsResponse]) error {
	out := &sensoryv1.WatchEventsResponse{Log: id, Sequence: w.Told(), Newest: w.Newest()}
	for {
		if err := to.Send(out); err != nil {
			s.counts.unread.Add(1)
			return err
		}
		if len(out.GetEvents()) > 0 {
			if err := media.Sleep(ctx, gather); err != nil {
				return err // the context's
			}
		}
		wait, cancel := context.WithTimeout(ctx, heartbeat)
		got, err := w.Next(wait, mostEvents)
		cancel()
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		}
		out = &sensoryv1.WatchEventsResponse{Log: id, Sequence: w.Told(), Newest: w.Newest(), Events: make([]*sensoryv1.Event, len(got))}
		for i, e := range got {
			out.Events[i], _ = e.Form(s.event).(*sensoryv1.Event) // that is what event makes
		}
	}
}

// levelsHeartbeat is how many windows pass in silence before that is said.
const levelsHeartbeat = 10

// WatchLevels implements the call.
func (s *events) WatchLevels(ctx context.Context, req *sensoryv1.WatchLevelsRequest, to *connect.ServerStream[sensoryv1.WatchLevelsResponse]) error {
	c := checked{}
	c.name("room", req.GetRoom(), true)
	h, err := s.host()
	if err = errors.Join(c.result(), err); err != nil {
		return err
	}
	in, _, err := addressed(ctx, h, req.GetRoom(), "", nil)
	if err != nil {
		return err
	}
	var failed error
	silent := levelsHeartbeat // the first answer comes at once
	err = h.Levels(ctx, in.name, func(levels []room.Level) bool {
		if silent++; len(levels) == 0 && silent < levelsHeartbeat {
			return true
		}
		silent = 0
		failed = to.Send(&sensoryv1.WatchLevelsResponse{
			At: timestamppb.Now(), WindowMs: millis(room.LevelWindow), Levels: each(levels, func(l room.Level) *sensoryv1.Level {
				return &sensoryv1.Level{Identity: l.Identity, Persona: l.Persona, Rms: l.RMS, Peak: l.Peak}
			}),
		})
		return failed == nil
	})
	if failed != nil {
		s.counts.unread.Add(1)
	}
	return errors.Join(failed, err)
}

// ofEvents is what the log says of who wants to watch.
func ofEvents(err error) *Error {
	var gone *agent.GoneError
	var ahead *agent.AheadError
	var other *agent.OtherLogError
	switch {
	case errors.As(err, &gone):
		e := &Error{Code: connect.CodeOutOfRange, Reason: ReasonGone, Field: "after", Err: err, Oldest: gone.Oldest, Newest: gone.Newest}
		if gone.Slow {
			e.Code, e.Reason, e.Field = connect.CodeResourceExhausted, ReasonSlow, ""
		}
		return e
	case errors.As(err, &ahead):
		return &Error{Code: connect.CodeOutOfRange, Reason: ReasonAhead, Field: "after", Err: err, Newest: ahead.Newest}
	case errors.As(err, &other):
		return &Error{Code: connect.CodeOutOfRange, Reason: ReasonOtherLog, Field: "log", Err: err}
	case errors.Is(err, agent.ErrWatchers):
		return &Error{Code: connect.CodeResourceExhausted, Reason: ReasonWatchers, Err: err}
	case errors.Is(err, agent.ErrEventsClosed):
		return &Error{Code: connect.CodeUnavailable, Reason: ReasonClosing, Err: err}
	}
	return nil
}
