package ops_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/internal/ops"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "0123456789abcdef"

func TestWhereItMayBeServed(t *testing.T) {
	for _, c := range []struct {
		cfg  ops.Config
		want string
	}{
		{ops.Config{}, ""},
		{ops.Config{Address: "127.0.0.1:8081"}, ""},
		{ops.Config{Address: "127.9.9.9:8081"}, ""},
		{ops.Config{Address: "[::1]:8081"}, ""},
		{ops.Config{Address: "localhost:8081"}, ""},
		{ops.Config{Address: "LocalHost:8081"}, ""},
		{ops.Config{Address: "0.0.0.0:8081"}, "other machines"},
		{ops.Config{Address: ":8081"}, "other machines"},
		{ops.Config{Address: "[::]:8081"}, "other machines"},
		{ops.Config{Address: "10.0.0.1:8081"}, "other machines"},
		{ops.Config{Address: "localhost.example.com:8081"}, "other machines"},
		{ops.Config{Address: "0.0.0.0:8081", Open: true}, ""},
		{ops.Config{Address: "0.0.0.0:8081", Token: secret}, ""},
		{ops.Config{Address: "0.0.0.0:8081", Token: secret[:15]}, "15 characters"},
		{ops.Config{Address: "127.0.0.1:8081", Token: "short"}, "5 characters"},
		{ops.Config{Address: "127.0.0.1"}, "no address"},
		{ops.Config{Address: "127.0.0.1:", Open: true}, "no address"},
	} {
		err := c.cfg.Validate()
		if (err == nil) != (c.want == "") || err != nil && (!errors.Is(err, ops.ErrConfig) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v, want %q", c.cfg, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), secret[:15]) {
			t.Errorf("the token is shown: %v", err)
		}
	}
}

func start(t *testing.T, cfg ops.Config, ready func() ops.Readiness) *ops.Server {
	t.Helper()
	s, err := ops.Start(cfg, slog.New(slog.DiscardHandler), ready,
		ops.Page{Path: "/v1/names", Answer: func() (int, any) { return http.StatusOK, []string{"ada\u202e\u009b"} }},
		ops.Page{Path: "/v1/none", Answer: func() (int, any) { return ops.Refuse(http.StatusNotFound, "nothing is kept") }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 2 {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return s
}

func listening() ops.Readiness { return ops.Readiness{Ready: true, State: "listening"} }

// ask makes a request whose Host header and token are given.
func ask(t *testing.T, address, path, host, token string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	if token != "" {
		req.Header.Set("Authorization", token)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(body))
}

func TestAnswers(t *testing.T) {
	var state atomic.Pointer[ops.Readiness]
	state.Store(&ops.Readiness{State: "loading"})
	s := start(t, ops.Config{Address: "127.0.0.1:0"}, func() ops.Readiness { return *state.Load() })
	for _, c := range []struct {
		path string
		code int
		body string
	}{
		{"/healthz", 200, `"alive"`},
		{"/readyz", 503, `{"ready":false,"state":"loading"}`},
		{"/v1/names", 200, `["ada\u202e\u009b"]`},
		{"/v1/none", 404, `{"error":"nothing is kept"}`},
		{"/other", 404, "404 page not found"},
	} {
		if code, body := ask(t, s.Address(), c.path, "", ""); code != c.code || body != c.body {
			t.Errorf("%s: %d %s, want %d %s", c.path, code, body, c.code, c.body)
		}
	}
	state.Store(&ops.Readiness{Ready: true, State: "listening"})
	if code, body := ask(t, s.Address(), "/readyz", "", ""); code != 200 || body != `{"ready":true,"state":"listening"}` {
		t.Errorf("ready: %d %s", code, body)
	}
	if _, err := ops.Start(ops.Config{Address: s.Address()}, slog.New(slog.DiscardHandler), listening); !errors.Is(err, ops.ErrConfig) || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("an address that is taken: %v", err)
	}
	if none, err := ops.Start(ops.Config{}, nil, listening); none != nil || err != nil || none.Close() != nil {
		t.Errorf("no address: %v, %v", none, err)
	}
	if _, err := ops.Start(ops.Config{Address: "0.0.0.0:0"}, nil, listening); !errors.Is(err, ops.ErrConfig) {
		t.Errorf("beyond loopback: %v", err)
	}
}

func TestHostHeaderOnLoopback(t *testing.T) {
	s := start(t, ops.Config{Address: "127.0.0.1:0"}, listening)
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8081": 200, "127.0.0.1": 200, "[::1]:99": 200, "[::1]": 200, "::ffff:127.0.0.1": 200,
		"evil.example": 403, "evil.example:8081": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example": 403, "10.0.0.1": 403, "0.0.0.0": 403,
	} {
		for _, path := range []string{"/v1/names", "/readyz"} {
			if code, body := ask(t, s.Address(), path, host, ""); code != want || code == 403 && !strings.Contains(body, "Host header") {
				t.Errorf("%s %s: %d %s, want %d", host, path, code, body, want)
			}
		}
	}
	open := start(t, ops.Config{Address: "0.0.0.0:0", Open: true}, listening)
	_, port, _ := net.SplitHostPort(open.Address())
	if code, _ := ask(t, "127.0.0.1:"+port, "/v1/names", "some.name", ""); code != 200 {
		t.Errorf("served openly under any name: %d", code)
	}
}

func TestToken(t *testing.T) {
	s := start(t, ops.Config{Address: "0.0.0.0:0", Token: secret}, listening)
	_, port, _ := net.SplitHostPort(s.Address())
	address := "127.0.0.1:" + port
	for _, c := range []struct {
		path, token string
		want        int
	}{
		{"/healthz", "", 200},
		{"/readyz", "", 200},
		{"/v1/names", "", 401},
		{"/v1/names", "Bearer " + secret, 200},
		{"/v1/names", "bearer " + secret, 200},
		{"/v1/names", "Bearer " + secret + "x", 401},
		{"/v1/names", "Bearer ", 401},
		{"/v1/names", "Basic " + secret, 401},
		{"/v1/names", secret, 401},
		{"/v1/names/../../healthz", "", 401},
		{"/other", "", 401},
	} {
		if code, body := ask(t, address, c.path, "", c.token); code != c.want || strings.Contains(body, secret) {
			t.Errorf("%s with %q: %d %s, want %d", c.path, c.token, code, body, c.want)
		}
	}
	if body, err := ops.Fetch(t.Context(), address, secret, "/v1/names"); err != nil || !strings.Contains(string(body), "ada") {
		t.Errorf("%s, %v", body, err)
	}
	if _, err := ops.Fetch(t.Context(), address, "wrong", "/v1/names"); !errors.Is(err, ops.ErrRefused) || !strings.Contains(err.Error(), "the token is another one") {
		t.Errorf("a wrong token: %v", err)
	}
}

// TestAClientCannotTakeMuch: headers beyond their limit are refused, connections beyond theirs
// wait, and silent ones are cut off.
func TestAClientCannotTakeMuch(t *testing.T) {
	s := start(t, ops.Config{Address: "127.0.0.1:0"}, listening)
	say := func(text string) (string, error) {
		c, err := net.Dial("tcp", s.Address())
		if err != nil {
			return "", err
		}
		defer c.Close()
		if _, err := fmt.Fprint(c, text); err != nil {
			return "", err
		}
		if err := c.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
			return "", err
		}
		line, err := bufio.NewReader(c).ReadString('\n')
		return strings.TrimSpace(line), err
	}
	if line, err := say("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: " + strings.Repeat("x", 16<<10) + "\r\n\r\n"); !strings.Contains(line, "431") {
		t.Errorf("a long header: %q, %v", line, err)
	}
	if line, err := say("GET /healthz HTTP/1.1\r\nHost: localhost\r\n"); !errors.Is(err, io.EOF) && !strings.Contains(line, "408") {
		t.Errorf("half a header: %q, %v", line, err)
	}
	var silent []net.Conn
	for range 32 {
		c, err := net.Dial("tcp", s.Address())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		silent = append(silent, c)
	}
	if line, err := say("GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n"); line != "HTTP/1.0 200 OK" {
		t.Errorf("behind silent clients, once they are cut off: %q, %v", line, err)
	}
	_ = silent[0].SetReadDeadline(time.Now().Add(30 * time.Second))
	if n, err := silent[0].Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("a silent client: %d, %v", n, err)
	}
}

func TestFetchNamesWhatIsWrong(t *testing.T) {
	answers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/readyz":
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "{\"state\":\"loading\"}\x1b")
		case "/big":
			_, _ = io.WriteString(w, strings.Repeat("x", 4<<20+1))
		case "/most":
			_, _ = io.WriteString(w, strings.Repeat("x", 4<<20))
		case "/moved":
			http.Redirect(w, r, "/readyz", http.StatusFound)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	address := strings.TrimPrefix(answers.URL, "http://")
	for path, want := range map[string]error{"/readyz": ops.ErrNotReady, "/big": ops.ErrRefused, "/moved": ops.ErrRefused, "/v1/x": ops.ErrRefused} {
		if _, err := ops.Fetch(t.Context(), address, "", path); !errors.Is(err, want) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if body, err := ops.Fetch(t.Context(), address, "", "/most"); err != nil || len(body) != 4<<20 {
		t.Errorf("the largest answer: %d bytes, %v", len(body), err)
	}
	answers.Close()
	if _, err := ops.Fetch(t.Context(), address, "", "/readyz"); !errors.Is(err, ops.ErrNoAnswer) || !strings.Contains(err.Error(), address) {
		t.Errorf("nobody there: %v", err)
	}
	if _, err := ops.Fetch(t.Context(), "no address\x7f", "", "/"); !errors.Is(err, ops.ErrConfig) {
		t.Errorf("no address: %v", err)
	}
}

// TestPolling asks until it is told to stop, and says how the last answer was.
func TestPolling(t *testing.T) {
	var asked atomic.Int64
	answers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusInternalServerError) // it gets over that
		}
	}))
	defer answers.Close()
	address := strings.TrimPrefix(answers.URL, "http://")
	stop := ops.Poll(t.Context(), address, "/metrics", time.Millisecond)
	for asked.Load() < 4 {
		time.Sleep(time.Millisecond) // another goroutine asks
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
	last := asked.Load()
	stop = ops.Poll(t.Context(), address, "no path", time.Hour)
	if err := stop(); err != nil || asked.Load() != last {
		t.Errorf("asked %d times, %v", asked.Load()-last, err)
	}
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer broken.Close()
	stop = ops.Poll(t.Context(), strings.TrimPrefix(broken.URL, "http://"), "/metrics", time.Millisecond)
	for asked.Load() < last+2 {
		time.Sleep(time.Millisecond) // as above
	}
	if err := stop(); err == nil {
		t.Error("that nothing was answered is not told")
	}
}
