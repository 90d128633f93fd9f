package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "0123456789abcdef"

// dial is a client of what answers, at its address.
func dial(t *testing.T, answers http.Handler) *client.Client {
	t.Helper()
	s := httptest.NewServer(answers)
	c, err := client.New(strings.TrimPrefix(s.URL, "http://"), token)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		s.Close()
	})
	return c
}

// TestCallsCarryTheTokenAndErrorsTheirReason.
func TestCallsCarryTheTokenAndErrorsTheirReason(t *testing.T) {
	server := api.New(api.Config{
		Host: func() api.Host { return nil },
		Resolve: func(_ context.Context, profile, _ string) (model.Resolution, error) {
			return model.Resolution{Profile: profile, Reason: "it fits"}, nil
		},
	})
	c := dial(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer "+token {
			server.Refuse(w, r, http.StatusUnauthorized, "the token is "+got)
			return
		}
		server.ServeHTTP(w, r)
	}))
	got, err := c.Machine.ResolveModel(t.Context(), &sensoryv1.ResolveModelRequest{Profile: "text"})
	if err != nil || got.GetProfile() != "text" || got.GetWhy() != "it fits" {
		t.Errorf("%v, %v", got, err)
	}
	_, err = c.Machine.ResolveModel(t.Context(), &sensoryv1.ResolveModelRequest{Profile: "te\nxt"})
	var told *client.Error
	if !errors.As(err, &told) || told.Code != connect.CodeInvalidArgument || told.Reason != "bad_text" || told.Field != "profile" || !strings.Contains(err.Error(), "control") {
		t.Errorf("%+v", err)
	}
	_, err = c.Rooms.ListRooms(t.Context(), &sensoryv1.ListRoomsRequest{})
	if !errors.As(err, &told) || told.Code != connect.CodeUnavailable || told.Reason != "loading" || errors.Is(err, client.ErrNoAnswer) {
		t.Errorf("what a process says is no silence: %+v", err)
	}
}

// TestWhatIsNoProcess: nobody, something else, something that leads elsewhere, something endless.
func TestWhatIsNoProcess(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	nobody, err := client.New(address, "")
	if err != nil {
		t.Fatal(err)
	}
	defer nobody.Close()
	if _, err := nobody.Rooms.ListRooms(t.Context(), &sensoryv1.ListRoomsRequest{}); !errors.Is(err, client.ErrNoAnswer) || !strings.Contains(err.Error(), address) {
		t.Errorf("nobody: %v", err)
	}
	elsewhere := 0
	for name, answer := range map[string]http.HandlerFunc{
		"something else": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/else" {
				elsewhere++
			}
			http.Redirect(w, r, "/else", http.StatusTemporaryRedirect)
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/proto")
			_, _ = w.Write(make([]byte, 16<<20+1))
		},
	} {
		c := dial(t, answer)
		var told *client.Error
		if _, err := c.Rooms.ListRooms(t.Context(), &sensoryv1.ListRoomsRequest{}); !errors.As(err, &told) || told.Reason != "" || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if elsewhere > 0 {
		t.Error("a redirect was followed")
	}
	for _, address := range []string{"", "localhost", "http://localhost:1", "a@b:1", "a:1/x"} {
		if _, err := client.New(address, ""); !errors.Is(err, client.ErrAddress) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
