package remote_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/remote"
)

// The ways of Azure and of gateways: a version in the query, the key in a header of its own.
func TestQueryAndHeaders(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("file secret/7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LAB_HEADER", "env-secret-9")
	t.Setenv("LAB_SHORT", "xyz")
	s := script(t, func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, fmt.Sprintf(`{"error":"%s, %s, %s, %s"}`, r.URL.RawQuery, r.Header.Get("Api-Key"), r.Header.Get("X-Team"), r.URL.Query().Get("token")), http.StatusForbidden)
	})
	c := open(t, s, func(c *remote.Config) {
		c.Query = map[string]remote.Value{"api-version": {Text: "2024-10-21"}, "token": {File: file}, "n": {Text: "1"}}
		c.Headers = map[string]remote.Value{"api-key": {Env: "LAB_HEADER"}, "X-Team": {Text: "long team name"}, "X-Short": {Env: "LAB_SHORT"}, "x-n": {Text: "2"}}
	})
	_, err := c.Chat(t.Context(), ask("hello"), nil)
	if !errors.Is(err, remote.ErrUnauthorized) {
		t.Fatal(err)
	}
	got := s.only(t)
	if got.path != "/v1/chat/completions" || got.query != "api-version=2024-10-21&n=1&token=file+secret%2F7" {
		t.Errorf("asked %s?%s", got.path, got.query)
	}
	for name, want := range map[string]string{
		"Api-Key": "env-secret-9", "X-Team": "long team name", "X-Short": "xyz", "X-N": "2", "Authorization": "", "Content-Type": "application/json",
	} {
		if v := got.head.Get(name); v != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
	for _, secret := range []string{"env-secret", "file+secret", "file secret", "long team"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q is in %q", secret, err)
		}
	}
	wantText(t, err.Error(), "api-version=2024-10-21&n=1&token=[key], [key], [key], [key]")
}

// No connection, and a secret in the address: the error does not hold it.
func TestNoSecretInErrorsOfTheConnection(t *testing.T) {
	t.Setenv("LAB_QUERY", "hunter2")
	s := script(t, nil)
	c := open(t, s, func(c *remote.Config) { c.Query = map[string]remote.Value{"key": {Env: "LAB_QUERY"}} })
	s.Close()
	if _, err := c.Chat(t.Context(), ask("hello"), nil); !errors.Is(err, remote.ErrConnect) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

func TestValuesAreChecked(t *testing.T) {
	t.Setenv("LAB_LINES", "hunter2\nX-Evil: 1")
	t.Setenv("LAB_BLANK", " ")
	t.Setenv("LAB_KEY", "k")
	t.Setenv("LAB_LONG", strings.Repeat("x", 5000))
	one := func(name string, v remote.Value) map[string]remote.Value { return map[string]remote.Value{name: v} }
	text := remote.Value{Text: "v"}
	for says, c := range map[string]struct {
		change func(*remote.Config)
		kind   error
	}{
		"headers.x: exactly one of":            {func(c *remote.Config) { c.Headers = one("x", remote.Value{}) }, remote.ErrConfig},
		"query.q: exactly one of":              {func(c *remote.Config) { c.Query = one("q", remote.Value{Text: "a", Env: "b"}) }, remote.ErrConfig},
		"query: empty name":                    {func(c *remote.Config) { c.Query = one("", text) }, remote.ErrConfig},
		"headers.a b: not the name":            {func(c *remote.Config) { c.Headers = one("a b", text) }, remote.ErrConfig},
		"headers.: not the name":               {func(c *remote.Config) { c.Headers = one("", text) }, remote.ErrConfig},
		"headers.ä: not the name":              {func(c *remote.Config) { c.Headers = one("ä", text) }, remote.ErrConfig},
		"headers.accept-encoding: set by this": {func(c *remote.Config) { c.Headers = one("accept-encoding", text) }, remote.ErrConfig},
		"headers.HOST: set by this":            {func(c *remote.Config) { c.Headers = one("HOST", text) }, remote.ErrConfig},
		"key_env and key_file set it too":      {func(c *remote.Config) { c.Headers, c.KeyEnv = one("authorization", text), "LAB_KEY" }, remote.ErrConfig},
		"$LAB_LINES: holds something":          {func(c *remote.Config) { c.Headers = one("x", remote.Value{Env: "LAB_LINES"}) }, remote.ErrKey},
		"headers.x: holds something":           {func(c *remote.Config) { c.Headers = one("x", remote.Value{Text: "ä"}) }, remote.ErrKey},
		"$LAB_BLANK: empty":                    {func(c *remote.Config) { c.Query = one("q", remote.Value{Env: "LAB_BLANK"}) }, remote.ErrKey},
		"$LAB_LONG: more than 4096 bytes":      {func(c *remote.Config) { c.KeyEnv = "LAB_LONG" }, remote.ErrKey},
		"/no/such/file: open":                  {func(c *remote.Config) { c.Headers = one("x", remote.Value{File: "/no/such/file"}) }, remote.ErrKey},
	} {
		cfg := remote.Config{Provider: "p", BaseURL: "https://h/v1"}
		c.change(&cfg)
		_, err := remote.Open(cfg)
		if !errors.Is(err, c.kind) {
			t.Errorf("%s: %v", says, err)
			continue
		}
		wantText(t, err.Error(), says)
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a secret is in %q", err)
		}
	}
	cfg := remote.Config{Provider: "p", BaseURL: "https://h/v1", Headers: one("Authorization", text)}
	c, err := remote.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// A server that refuses a field is told so by the catalog, and the refusal names the key.
func TestStreamOptionsCanBeSwitchedOff(t *testing.T) {
	refuses := func(field string) http.HandlerFunc {
		return status(422, `{"detail":[{"type":"extra_forbidden","loc":["body","`+field+`"]}]}`)
	}
	for field, says := range map[string]string{
		"stream_options": "remote.stream_options: false", "max_tokens": "remote.max_tokens_field", "max_completion_tokens": "remote.max_tokens_field",
		"temperature": "remote.temperature", "api-version": "remote.query", "messages": "the server does not take this request",
	} {
		_, err := open(t, script(t, refuses(field)), nil).Chat(t.Context(), ask("hello"), nil)
		if !errors.Is(err, remote.ErrRefused) {
			t.Errorf("%s: %v", field, err)
			continue
		}
		wantText(t, err.Error(), says)
	}
	s := script(t, stream(piece("yes"), finish("stop")))
	got, err := open(t, s, func(c *remote.Config) { c.NoStreamOptions = true }).Chat(t.Context(), ask("hello"), nil)
	if err != nil || got.Text != "yes" {
		t.Fatal(err)
	}
	if _, sent := s.only(t).body["stream_options"]; sent {
		t.Error("stream_options was sent")
	}
}

func TestDefaults(t *testing.T) {
	c, err := remote.Open(remote.Config{Provider: "p", BaseURL: "https://h/v1/"})
	if err != nil {
		t.Fatal(err)
	}
	want := remote.Timeouts{Connect: 5 * time.Second, FirstToken: 30 * time.Second, BetweenTokens: 15 * time.Second, Answer: 2 * time.Minute}
	if c.Limits() != want || c.Queue() != 0 || c.Provider() != "p" || (&remote.Config{}).Places() != 4 {
		t.Errorf("%+v", c.Limits())
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	for _, ok := range []time.Duration{time.Millisecond, time.Hour} {
		c, err := remote.Open(remote.Config{Provider: "p", BaseURL: "https://h", Timeouts: remote.Timeouts{Answer: ok}, Queue: time.Hour, Concurrency: 1024})
		if err != nil {
			t.Errorf("%v: %v", ok, err)
			continue
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []time.Duration{time.Millisecond - 1, time.Hour + 1} {
		if _, err := remote.Open(remote.Config{Provider: "p", BaseURL: "https://h", Timeouts: remote.Timeouts{Connect: bad}}); !errors.Is(err, remote.ErrConfig) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}
