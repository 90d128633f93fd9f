package api_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/internal/access"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// said is a log that several goroutines write.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestATokenIsChanged while calls go on: the new one is taken at once, the old one stops working,
// for streams that came with it too; while the file is no token nobody is let in. Nothing shows a
// token.
func TestATokenIsChanged(t *testing.T) {
	t.Parallel()
	const first, second, third = "first-0123456789abcdef", "second-0123456789abcdef", "third-0123456789abcdef"
	path := filepath.Join(t.TempDir(), "token")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(first)
	log := &said{}
	d := seated()
	calls := api.New(api.Config{Host: func() api.Host { return d }})
	s, err := ops.Start(ops.Config{
		Address: "127.0.0.1:0", Token: first, Current: access.NewRotating("listen-token-file", path).Now, Changed: api.ErrTokenChanged,
		Mounts: []ops.Mount{{Prefix: api.Prefix, Handler: calls, Refuse: calls.Refuse}},
	}, slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), func() ops.Readiness { return ops.Readiness{Ready: true} })
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		for _, token := range []string{first, second, third, "0123456789abcdef"} {
			if strings.Contains(log.String(), token) {
				t.Errorf("a token is in the log: %s", log.String())
			}
		}
		if !strings.Contains(log.String(), "has changed") || !strings.Contains(log.String(), "cannot be read") {
			t.Errorf("the log tells nothing of it: %s", log.String())
		}
	}()
	with := func(token string) *client.Client {
		c, err := client.New(s.Address(), token)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	is := func(c *client.Client, code connect.Code, why api.Reason) {
		t.Helper()
		_, err := c.Rooms.ListRooms(t.Context(), &sensoryv1.ListRoomsRequest{})
		var told *client.Error
		switch {
		case why == "" && err != nil:
			t.Errorf("%v", err)
		case why != "" && (!errors.As(err, &told) || told.Code != code || told.Reason != string(why) || strings.Contains(err.Error(), "0123456789")):
			t.Errorf("%+v; want %s", err, why)
		}
	}
	none, old, other, last := with(""), with(first), with(second), with(third)
	is(none, connect.CodeUnauthenticated, api.ReasonToken)
	is(old, 0, "")
	is(other, connect.CodeUnauthenticated, api.ReasonTokenWrong)
	stream, _ := watches(t, old, &sensoryv1.WatchEventsRequest{})
	put(second)
	ends(t, stream, connect.CodeUnauthenticated, api.ReasonTokenChanged) // although nobody calls
	is(old, connect.CodeUnauthenticated, api.ReasonTokenWrong)
	is(other, 0, "")
	for _, broken := range []string{"", "short"} {
		put(broken)
		for _, c := range []*client.Client{none, old, other} {
			is(c, connect.CodeUnavailable, api.ReasonTokenGone)
		}
		if _, err := ops.Fetch(t.Context(), s.Address(), "", ops.HealthPath); err != nil {
			t.Errorf("a probe meanwhile: %v", err)
		}
	}
	put(third)
	is(other, connect.CodeUnauthenticated, api.ReasonTokenWrong)
	is(last, 0, "")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	is(last, connect.CodeUnavailable, api.ReasonTokenGone)
	if got := calls.Stats(); got.Failed[api.ReasonToken] != 1 || got.Failed[api.ReasonTokenWrong] != 3 || got.Failed[api.ReasonTokenGone] != 7 || got.Failed[api.ReasonTokenChanged] != 1 {
		t.Errorf("%+v", got.Failed)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Address()+"/worker", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); err != nil || resp.StatusCode != http.StatusServiceUnavailable || resp.Body.Close() != nil {
		t.Errorf("a page: %v, %v", resp, err)
	}
	http.DefaultClient.CloseIdleConnections()
}
