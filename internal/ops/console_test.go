package ops_test

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/internal/ops"
)

// TestTheConsole is at the root for who asks for HTML, needs no token, and is behind the other
// checks.
func TestTheConsole(t *testing.T) {
	console := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "console "+r.URL.Path) })
	probe := ops.Page{Path: ops.RootPath + "{$}", Answer: func() (int, any) { return http.StatusOK, "worker" }}
	s, err := ops.Start(ops.Config{Address: "127.0.0.1:0", Token: secret, Console: console}, slog.New(slog.DiscardHandler), listening, probe)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	for name, c := range map[string]struct {
		path, accept, host string
		code               int
		body               string
	}{
		"a browser":          {"/", "text/html,*/*;q=0.8", "", 200, "console /"},
		"a probe":            {"/", "*/*", "", 200, `"worker"`},
		"a part":             {"/console/app.js", "*/*", "", 200, "console /console/app.js"},
		"another host":       {"/", "text/html", "evil.example", 403, `{"error":"the Host header`},
		"what has a token":   {"/v1/x", "text/html", "", 401, `{"error":"a token is needed`},
		"what looks like it": {"/consoles", "text/html", "", 401, `{"error":"a token is needed`},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Address()+c.path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = c.host
		req.Header.Set("Accept", c.accept)
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != c.code || !strings.HasPrefix(string(body), c.body) {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
	}
}
