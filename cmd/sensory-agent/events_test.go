package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"connectrpc.com/connect"

	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/api/sensory/v1/sensoryv1connect"
)

// played is a log of events that is played: a stream for each request, in turn.
type played struct {
	sensoryv1connect.UnimplementedEventServiceHandler
	n       atomic.Int64
	streams []func(*sensoryv1.WatchEventsRequest, *connect.ServerStream[sensoryv1.WatchEventsResponse]) error
}

func (s *played) WatchEvents(_ context.Context, req *sensoryv1.WatchEventsRequest, to *connect.ServerStream[sensoryv1.WatchEventsResponse]) error {
	return s.streams[s.n.Add(1)-1](req, to)
}

func (s *played) serve(t *testing.T) (address string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(sensoryv1connect.NewEventServiceHandler(s))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// refusal is an error as a process sends it.
func refusal(t *testing.T, info *sensoryv1.ErrorInfo) error {
	t.Helper()
	e := connect.NewError(connect.CodeOutOfRange, errors.New(info.GetReason()))
	detail, err := connect.NewErrorDetail(info)
	if err != nil {
		t.Fatal(err)
	}
	e.AddDetail(detail)
	return e
}

// TestEventsGoOn: what was to come next goes twice, then a stream breaks, then another process is
// there. What is missing is told; none of it is a wrong call.
func TestEventsGoOn(t *testing.T) {
	type stream = connect.ServerStream[sensoryv1.WatchEventsResponse]
	says := func(to *stream, sequence uint64) error {
		event := &sensoryv1.Event{Sequence: sequence, Kind: "heard", Text: "hello"}
		return errors.Join(to.Send(&sensoryv1.WatchEventsResponse{Log: "a", Sequence: sequence - 1, Newest: sequence}),
			to.Send(&sensoryv1.WatchEventsResponse{Log: "a", Sequence: sequence, Newest: sequence, Events: []*sensoryv1.Event{event}}))
	}
	s := &played{streams: []func(*sensoryv1.WatchEventsRequest, *stream) error{
		func(_ *sensoryv1.WatchEventsRequest, to *stream) error {
			return errors.Join(says(to, 5), refusal(t, &sensoryv1.ErrorInfo{Reason: "watcher_slow", Oldest: 10, Newest: 20}))
		},
		func(req *sensoryv1.WatchEventsRequest, _ *stream) error {
			if req.GetAfter() != 9 || req.GetLog() != "a" {
				t.Errorf("behind what is gone: %v", req)
			}
			return refusal(t, &sensoryv1.ErrorInfo{Reason: "sequence_gone", Field: "after", Oldest: 12, Newest: 22})
		},
		func(req *sensoryv1.WatchEventsRequest, to *stream) error {
			if req.After != nil || req.GetRecent() == 0 || req.GetLog() != "a" {
				t.Errorf("with what is kept: %v", req)
			}
			_ = says(to, 15)
			panic(http.ErrAbortHandler)
		},
		func(req *sensoryv1.WatchEventsRequest, _ *stream) error {
			if req.GetAfter() != 15 {
				t.Errorf("where it broke: %v", req)
			}
			return refusal(t, &sensoryv1.ErrorInfo{Reason: "other_log", Field: "log"})
		},
	}}
	code, out, errs := runProgram(t, "events", "--address", s.serve(t))
	if lines := strings.Split(strings.TrimSpace(out), "\n"); len(lines) != 2 || !strings.HasPrefix(strings.TrimSpace(lines[0]), "5 ") || !strings.HasPrefix(strings.TrimSpace(lines[1]), "15 ") {
		t.Errorf("%q", out)
	}
	if code != 1 || !strings.Contains(errs, "events 6–14 are gone") || !strings.Contains(errs, "other_log") {
		t.Errorf("code %d: %s", code, errs)
	}
	past := &played{streams: []func(*sensoryv1.WatchEventsRequest, *stream) error{func(*sensoryv1.WatchEventsRequest, *stream) error {
		return refusal(t, &sensoryv1.ErrorInfo{Reason: "sequence_gone", Field: "after", Oldest: 12, Newest: 22})
	}}}
	if code, _, errs := runProgram(t, "events", "--after", "3", "--address", past.serve(t)); code != exitUsage {
		t.Errorf("a number of the past: code %d: %s", code, errs)
	}
}
