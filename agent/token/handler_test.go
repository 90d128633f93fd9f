package token_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/token"
)

// TestOtherRequests: another path, another method, and what the listener refused before.
func TestOtherRequests(t *testing.T) {
	h := handler(t, serving())
	for _, c := range []struct {
		method, path string
		code         int
		why          token.Reason
	}{
		{http.MethodGet, "/token", 405, token.ReasonMethod},
		{http.MethodPut, "/token", 405, token.ReasonMethod},
		{http.MethodPost, "/tokens", 404, token.ReasonPath},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), c.method, c.path, nil))
		if w.Code != c.code || !strings.Contains(w.Body.String(), string(c.why)) || c.code == 405 && w.Header().Get("Allow") != "POST" {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
	}
	for status, why := range map[int]token.Reason{401: token.ReasonAccess, 403: token.ReasonForbidden} {
		w := httptest.NewRecorder()
		h.Refuse(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/token", nil), status, "because")
		if w.Code != status || !strings.Contains(w.Body.String(), `{"error":"because","reason":"`+string(why)+`"}`) {
			t.Errorf("%d: %d %s", status, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/token", io.MultiReader(strings.NewReader("{"), broken{})))
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "did not arrive whole") {
		t.Errorf("a broken request: %d %s", w.Code, w.Body)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestTokensAreMadeAtARate: fifty at once, then ten a second.
func TestTokensAreMadeAtARate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := handler(t, serving())
		all := func() (made int) {
			for range 100 {
				switch code, got := post(t, h, `{}`); {
				case code == http.StatusCreated:
					made++
				case code != http.StatusTooManyRequests || got.Reason != token.ReasonRate:
					t.Fatalf("%d %+v", code, got)
				}
			}
			return made
		}
		first := all()
		time.Sleep(time.Second)
		if then := all(); first != 50 || then != 10 {
			t.Errorf("%d at once, then %d", first, then)
		}
		if s := h.Stats(); s.Made != 60 || s.Refused[token.ReasonRate] != 140 {
			t.Errorf("%+v", s)
		}
	})
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*token.Config)
		says   string
	}{
		"no address":     {func(c *token.Config) { c.URL = "" }, "address"},
		"a password":     {func(c *token.Config) { c.URL = "wss://ada:hunter2@h" }, "address"},
		"another scheme": {func(c *token.Config) { c.URL = "ftp://h" }, "ws://"},
		"no key":         {func(c *token.Config) { c.Key = "" }, "key"},
		"short secret":   {func(c *token.Config) { c.Secret = "hunter2" }, "7 characters"},
		"too short":      {func(c *token.Config) { c.TTL = token.MinTTL - 1 }, "not between 1m0s and 24h0m0s"},
		"too long":       {func(c *token.Config) { c.TTL = token.MaxTTL + 1 }, "not between"},
	} {
		cfg := serving()
		c.change(&cfg)
		_, err := token.New(cfg)
		if !errors.Is(err, token.ErrConfig) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for given, want := range map[string]string{"ws://h:7880": "ws://h:7880", "http://h": "ws://h", "WSS://h/p": "wss://h/p"} {
		h := handler(t, token.Config{URL: given, Key: key, Secret: secret, Any: true, TTL: token.MaxTTL})
		if _, got := post(t, h, `{"room_name": "a"}`); got.URL != want {
			t.Errorf("%s: pages go to %q", given, got.URL)
		}
	}
}

// FuzzRequest: no request crashes the handler; who gets a token gets it for a room that is served,
// or for a new one, and for nobody else's identity.
func FuzzRequest(f *testing.F) {
	f.Add([]byte(`{"room_name": "lobby", "participant_identity": "ada", "participant_attributes": {"a": "b"}}`))
	f.Add([]byte(`{"roomConfig": {"agents": [{"agentName": "greeter", "attributes": {"a": "b"}}]}}`))
	f.Add([]byte(`{"room_config": {"tags": {}}, "participant_name": "\ud800"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		code, got := post(t, handler(t, serving()), string(body))
		if code != http.StatusCreated {
			if got.Reason == "" || got.Error == "" || got.Token != "" {
				t.Fatalf("%d %+v", code, got)
			}
			return
		}
		grants, _ := claims(t, got.Token)
		if room := grants.Video.Room; room != "lobby" && !strings.HasPrefix(room, "room-") || grants.Identity == "iris" && room == "lobby" || grants.Identity == "" {
			t.Fatalf("%+v", grants)
		}
		for _, a := range (*livekit.RoomConfiguration)(grants.RoomConfig).GetAgents() {
			if !slices.Contains([]string{"greeter", "roundtable"}, a.GetAgentName()) {
				t.Fatalf("agent %q", a.GetAgentName())
			}
		}
	})
}
