package remote_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// call is what a scripted server received.
type call struct {
	path, key, query string
	head             http.Header
	body             map[string]any
}

// server is a scripted server.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	calls []call
	conns int
}

// script starts a server that records every call and answers it with h.
func script(tb testing.TB, h http.HandlerFunc) *server {
	tb.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		c := call{path: r.URL.Path, query: r.URL.RawQuery, key: r.Header.Get("Authorization"), head: r.Header}
		if err != nil || json.Unmarshal(data, &c.body) != nil {
			tb.Errorf("request %q, %v", data, err)
		}
		s.mu.Lock()
		s.calls = append(s.calls, c)
		s.mu.Unlock()
		h(w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.mu.Lock()
			s.conns++
			s.mu.Unlock()
		}
	}
	s.Start()
	tb.Cleanup(s.Close)
	return s
}

// only returns the one call there was.
func (s *server) only(tb testing.TB) call {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.calls) != 1 {
		tb.Fatalf("%d calls, want 1", len(s.calls))
	}
	return s.calls[0]
}

// open makes a client of a server, closed before the server is.
func open(tb testing.TB, s *server, change func(*remote.Config)) *remote.Client {
	tb.Helper()
	cfg := remote.Config{Provider: "lab", BaseURL: s.URL + "/v1"}
	if change != nil {
		change(&cfg)
	}
	c, err := remote.Open(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Error(err)
		}
	})
	return c
}

func ask(text string) remote.Request {
	return remote.Request{Model: "seer", Request: prompt.Request{MaxTokens: 40, Messages: []prompt.Message{{Role: prompt.User, Text: text}}}}
}

// head starts a stream.
func head(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.WriteHeader(http.StatusOK)
}

// event writes one event and sends it off.
func event(w http.ResponseWriter, data string) {
	fmt.Fprintf(w, "data: %s\n\n", data)
	w.(http.Flusher).Flush()
}

func piece(text string) string {
	return fmt.Sprintf(`{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":%q},"finish_reason":null}]}`, text)
}

func finish(reason string) string {
	return fmt.Sprintf(`{"choices":[{"index":0,"delta":{},"finish_reason":%q}]}`, reason)
}

// stream answers with these events and the end mark.
func stream(events ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		head(w)
		for _, e := range append(events, "[DONE]") {
			event(w, e)
		}
	}
}

// wantText fails unless text has every part.
func wantText(tb testing.TB, text string, parts ...string) {
	tb.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			tb.Errorf("%q does not say %q", text, p)
		}
	}
}
