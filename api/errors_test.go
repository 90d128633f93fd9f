package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/compute"
)

// TestErrorsHaveCodes: of the parts below, and of a fault in one of them.
func TestErrorsHaveCodes(t *testing.T) {
	const body = `{"room":"lobby","from":"ada","text":"what they said"}`
	for name, c := range map[string]struct {
		err  error
		code connect.Code
		why  api.Reason
	}{
		"closed":      {room.ErrClosed, connect.CodeFailedPrecondition, api.ReasonRoomClosed},
		"no place":    {&compute.Refusal{}, connect.CodeResourceExhausted, api.ReasonRefused},
		"out of time": {context.DeadlineExceeded, connect.CodeDeadlineExceeded, api.ReasonTimeout},
		"gone":        {context.Canceled, connect.CodeCanceled, api.ReasonCanceled},
		"another":     {errors.New("torn"), connect.CodeUnknown, api.ReasonFailed},
		"not there":   {agent.ErrNoRoom, connect.CodeFailedPrecondition, api.ReasonRoomClosed},
		"ends":        {agent.ErrHostClosed, connect.CodeUnavailable, api.ReasonClosing},
		"not in time": {&agent.NotJoinedError{Err: errors.Join(context.DeadlineExceeded, errors.New("no server"))}, connect.CodeFailedPrecondition, api.ReasonNotJoined},
	} {
		d := seated()
		d.ask = func(context.Context, string, string, string, ...string) error { return c.err }
		s := serve(t, d)
		s.refused(t, "RoomService/PublishStimulus", body, c.code, c.why, "")
		if got := s.api.Stats(); got.Failed[c.why] != 1 || got.Calls["RoomService/PublishStimulus"] != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	d := seated()
	d.ask = func(context.Context, string, string, string, ...string) error { panic("torn in two") }
	s := serve(t, d)
	s.refused(t, "RoomService/PublishStimulus", body, connect.CodeInternal, api.ReasonPanic, "")
	if status, _ := s.post(t, "RoomService/ListRooms", "{}"); status != http.StatusOK {
		t.Errorf("after a panic: %d", status)
	}
	if log := s.log.String(); !strings.Contains(log, "torn in two") || strings.Contains(log, "what they said") {
		t.Errorf("the log: %s", log)
	}
}

// TestACallThatIsEnded says why it was, whatever the part that was at work calls it.
func TestACallThatIsEnded(t *testing.T) {
	d := seated()
	d.ask = func(ctx context.Context, _, _, _ string, _ ...string) error {
		return fmt.Errorf("read t.db: %w", ctx.Err())
	}
	s := api.New(api.Config{Host: func() api.Host { return d }})
	for cause, want := range map[error]string{api.ErrTokenChanged: "token_changed", context.Canceled: "canceled"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, request(t, "RoomService/PublishStimulus", strings.NewReader(`{"room":"lobby","from":"ada","text":"x"}`)).WithContext(ctx))
		if !strings.Contains(rec.Body.String(), want) {
			t.Errorf("%v: %d %s", cause, rec.Code, rec.Body)
		}
	}
}

// TestRefusalsBeforeACall are in the form that clients understand.
func TestRefusalsBeforeACall(t *testing.T) {
	s := api.New(api.Config{})
	for _, c := range []struct {
		status              int
		carries, code, says string
	}{
		{http.StatusUnauthorized, "", "unauthenticated", "token_needed"},
		{http.StatusUnauthorized, "Basic YWRhOngtMTIzNDU2Nzg5MA==", "unauthenticated", "token_needed"},
		{http.StatusUnauthorized, "Bearer", "unauthenticated", "token_needed"},
		{http.StatusUnauthorized, "bearer x", "unauthenticated", "token_wrong"},
		{http.StatusForbidden, "", "permission_denied", "forbidden"},
	} {
		rec, r := httptest.NewRecorder(), request(t, "RoomService/ListRooms", strings.NewReader("{}"))
		if c.carries != "" {
			r.Header.Set("Authorization", c.carries)
		}
		s.Refuse(rec, r, c.status, "why it is")
		for _, text := range []string{`"code":"` + c.code + `"`, `"` + c.says, "why it is"} {
			if rec.Code != c.status || !strings.Contains(rec.Body.String(), text) {
				t.Errorf("%+v: %d %s", c, rec.Code, rec.Body)
			}
		}
	}
}
