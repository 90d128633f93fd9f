package lk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/lk"
)

// TestTryAsksAndJoinsNothing asks a real server, with a pair and a token that are right and others
// that are not.
func TestTryAsksAndJoinsNothing(t *testing.T) {
	s := startServer(t)
	good := config(s, "iris", true)
	if err := lk.Try(t.Context(), good); err != nil {
		t.Fatalf("a right key pair: %v", err)
	}
	wrong := good
	wrong.APISecret = strings.Repeat("x", 40)
	stranger := good
	stranger.APIKey = "nobody"
	forged := good
	forged.Token = token(`{"sub":"iris","exp":1999999999,"video":{"roomJoin":true,"room":"r"}}`)
	for name, cfg := range map[string]lk.Config{"secret": wrong, "key": stranger, "signature": forged} {
		err := lk.Try(t.Context(), cfg)
		var join *lk.JoinError
		if !errors.Is(err, lk.ErrUnauthorized) || !errors.As(err, &join) || join.Hint == "" ||
			strings.Contains(err.Error(), cfg.APISecret) && cfg.APISecret != "" {
			t.Errorf("wrong %s: %v", name, err)
		}
	}
	bad := good
	bad.APISecret = "short"
	if err := lk.Try(t.Context(), bad); !errors.Is(err, lk.ErrConfig) {
		t.Errorf("bad configuration: %v", err)
	}
}

// TestTryTellsAnswersApart plays the answers that a server, or something else, may give.
func TestTryTellsAnswersApart(t *testing.T) {
	var asked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(other.Close)
	for _, c := range []struct {
		status int
		body   string
		want   error
		says   string
	}{
		{http.StatusOK, "success", nil, ""},
		{http.StatusUnauthorized, "invalid token", lk.ErrUnauthorized, "invalid token"},
		{http.StatusForbidden, "not in this room", lk.ErrUnauthorized, "not in this room"},
		{http.StatusServiceUnavailable, "draining", lk.ErrUnreachable, "draining"},
		{http.StatusNotFound, "?", lk.ErrNotLiveKit, "not as LiveKit does"},
		{http.StatusTeapot, "tea", lk.ErrNotLiveKit, "418"},
		{http.StatusTemporaryRedirect, "", lk.ErrNotLiveKit, "307"},
	} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/behind/rtc/validate" || r.URL.RawQuery != "" ||
					!strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ey") {
					t.Errorf("asked %s, %v", r.URL, r.Header)
				}
				w.Header().Set("Location", other.URL)
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			defer s.Close()
			err := lk.Try(t.Context(), lk.Config{
				URL: "ws" + strings.TrimPrefix(s.URL, "http") + "/behind/", APIKey: "k",
				APISecret: strings.Repeat("s", 32), Room: "r", Identity: "iris",
			})
			if c.want == nil && err != nil || !errors.Is(err, c.want) || c.want != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
			s.Close()
			ctx, cancel := context.WithCancelCause(t.Context())
			gone := errors.New("gone") // a cause of this test
			cancel(gone)
			cfg := lk.Config{URL: s.URL, Token: token(`{"video":{"roomJoin":true}}`)}
			if err := lk.Try(ctx, cfg); !errors.Is(err, gone) {
				t.Errorf("ended: %v", err)
			}
			if err := lk.Try(t.Context(), cfg); !errors.Is(err, lk.ErrUnreachable) {
				t.Errorf("nobody there: %v", err)
			}
		})
	}
	if asked.Load() > 0 {
		t.Error("a token followed a redirect")
	}
}
