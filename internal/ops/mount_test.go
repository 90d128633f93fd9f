package ops_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// TestAMountIsBehindTheSameChecks: token, Host header and origin, answered in its own words.
func TestAMountIsBehindTheSameChecks(t *testing.T) {
	mount := ops.Mount{
		Prefix: "/calls.",
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			_, _ = fmt.Fprintf(w, "%s %s %v", r.URL.Path, body, err)
		}),
		Refuse: func(w http.ResponseWriter, _ *http.Request, status int, why string) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "refused: "+why)
		},
	}
	s, err := ops.Start(ops.Config{Address: "127.0.0.1:0", Token: secret, Mounts: []ops.Mount{mount}}, slog.New(slog.DiscardHandler), listening)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	for name, c := range map[string]struct {
		path, host, token string
		header            map[string]string
		code              int
		body              string
	}{
		"as it should be":    {"/calls.a/b", "", "Bearer " + secret, nil, 200, "/calls.a/b asked <nil>"},
		"another path":       {"/call", "", "Bearer " + secret, nil, 404, "404 page not found"},
		"no token":           {"/calls.a/b", "", "", nil, 401, "refused: a token is needed"},
		"no token, a page":   {"/v1/x", "", "", nil, 401, `{"error":"a token is needed`},
		"another host":       {"/calls.a/b", "evil.example", "Bearer " + secret, nil, 403, "refused: the Host header"},
		"a page's own":       {"/calls.a/b", "", "Bearer " + secret, map[string]string{"Sec-Fetch-Site": "same-origin"}, 200, "/calls.a/b asked"},
		"a page of others":   {"/calls.a/b", "", "Bearer " + secret, map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, "refused: a web page of another origin"},
		"an older browser's": {"/calls.a/b", "", "Bearer " + secret, map[string]string{"Origin": "https://evil.example"}, 403, "refused: a web page of another origin"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.Address()+c.path, strings.NewReader("asked"))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = c.host
		req.Header.Set("Authorization", c.token)
		for k, v := range c.header {
			req.Header.Set(k, v)
		}
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != c.code || !strings.HasPrefix(string(body), c.body) || strings.Contains(string(body), secret) {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
	}
}

// TestPlainPagesAloneAreOpened: what opens them beyond loopback opens no mount and no console.
func TestPlainPagesAloneAreOpened(t *testing.T) {
	plain := ops.Config{Address: "0.0.0.0:0", Open: true}
	mount, console := plain, plain
	mount.Mounts, console.Console = []ops.Mount{{Prefix: "/calls."}}, http.NotFoundHandler()
	for _, cfg := range []ops.Config{mount, console} {
		s, err := ops.Start(cfg, slog.New(slog.DiscardHandler), listening)
		if !errors.Is(err, ops.ErrConfig) || !strings.Contains(err.Error(), "other machines: a token is needed") {
			t.Errorf("%+v: %v", cfg, errors.Join(err, s.Close()))
		}
	}
	s, err := ops.Start(plain, slog.New(slog.DiscardHandler), listening)
	if err := errors.Join(err, s.Close()); err != nil {
		t.Errorf("plain pages: %v", err)
	}
}

// TestPagesOfOthers: those that are listed may use the mount, with the token, and nothing else;
// what browsers ask before needs none.
func TestPagesOfOthers(t *testing.T) {
	mounts := []ops.Mount{
		{Prefix: "/shared", Origins: []string{"https://page.example"}, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "served")
		})},
		{Prefix: "/own", Handler: http.NotFoundHandler()},
	}
	s, err := ops.Start(ops.Config{Address: "127.0.0.1:0", Token: secret, Mounts: mounts}, slog.New(slog.DiscardHandler), listening)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	for name, c := range map[string]struct {
		method, path, origin, token, host string
		code                              int
		allowed, vary                     string
	}{
		"asks before":              {"OPTIONS", "/shared", "https://page.example", "", "", 204, "https://page.example", "Origin"},
		"asks":                     {"POST", "/shared", "https://page.example", "Bearer " + secret, "", 200, "https://page.example", "Origin"},
		"reads why not":            {"POST", "/shared", "https://page.example", "", "", 401, "https://page.example", "Origin"},
		"another one asks before":  {"OPTIONS", "/shared", "https://evil.example", "", "", 401, "", "Origin"},
		"another one":              {"POST", "/shared", "https://evil.example", "Bearer " + secret, "", 403, "", "Origin"},
		"of the name, without TLS": {"POST", "/shared", "http://page.example", "Bearer " + secret, "", 403, "", "Origin"},
		"elsewhere":                {"POST", "/own", "https://page.example", "Bearer " + secret, "", 403, "", ""},
		"elsewhere, before":        {"OPTIONS", "/own", "https://page.example", "", "", 401, "", ""},
		"by another name":          {"OPTIONS", "/shared", "https://page.example", "", "evil.example", 403, "", ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+s.Address()+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = c.host
		req.Header.Set("Origin", c.origin)
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		req.Header.Set("Authorization", c.token)
		if c.method == "OPTIONS" {
			req.Header.Set("Access-Control-Request-Method", "POST")
		}
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		h := resp.Header
		if resp.StatusCode != c.code || h.Get("Access-Control-Allow-Origin") != c.allowed || h.Get("Vary") != c.vary {
			t.Errorf("%s: %d, %q may read, varies with %q", name, resp.StatusCode, h.Get("Access-Control-Allow-Origin"), h.Get("Vary"))
		}
		if c.code == 204 && h.Get("Access-Control-Allow-Headers") != "Authorization, Content-Type" {
			t.Errorf("%s: headers %q", name, h.Get("Access-Control-Allow-Headers"))
		}
	}
}
