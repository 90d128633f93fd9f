package lk_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

func token(claims string) string {
	return "eyJhbGciOiJIUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".c2lnbmF0dXJl"
}

// TestExplainReadsTheTokensOwnClaims is B17: a token that is over or early is told by clock and
// lifetime, not by key and secret.
func TestExplainReadsTheTokensOwnClaims(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for name, c := range map[string]struct {
		token  string
		minted bool
		server string
		timed  bool
		want   []string
	}{
		"over": {
			token(fmt.Sprintf(`{"exp":%d,"nbf":%d,"video":{"roomJoin":true}}`, at(-3*time.Hour), at(-9*time.Hour))), false, "invalid token", true,
			[]string{"ran out at 2026-11-28T09:00:00Z", "lifetime of 6h0m0s", "by this machine's clock it is 2026-11-28T12:00:00Z, 3h0m0s later"},
		},
		"over this second": {
			token(fmt.Sprintf(`{"exp":%d,"video":{"roomJoin":true}}`, at(0))), false, "", true, []string{"ran out at 2026-11-28T12:00:00Z; by", "0s later"},
		},
		"early": {
			token(fmt.Sprintf(`{"exp":%d,"nbf":%d,"video":{"roomJoin":true}}`, at(3*time.Hour), at(2*time.Hour))), false, "", true,
			[]string{"valid from 2026-11-28T14:00:00Z on", "2h0m0s earlier: wait, or set the clock"},
		},
		"over for the server": {
			token(fmt.Sprintf(`{"exp":%d,"video":{"roomJoin":true}}`, at(time.Second))), true, "token is expired (exp)", true,
			[]string{"valid here until 2026-11-28T12:00:01Z", "the server's clock says otherwise"},
		},
		"early for the server": {
			token(`{"exp":1.9e9,"video":{"roomJoin":true}}`), true, "token not valid yet (nbf)", true, []string{"the server's clock says otherwise"},
		},
		"no right to join": {token(`{"exp":1900000000,"video":{"room":"r"}}`), false, "", false, []string{"does not grant roomJoin"}},
		"our own": {
			token(`{"exp":1900000000,"video":{"roomJoin":true}}`), true, "", false, []string{"check the API key and secret against the server's configuration"},
		},
		"somebody's": {token(`{"exp":1900000000,"video":{"roomJoin":true}}`), false, "", false, []string{"signed with a key and secret of this server's"}},
		"two parts":  {"a.b", false, "", false, []string{"three parts of base64"}},
		"no base64":  {"a.%.c", false, "", false, []string{"three parts of base64"}},
		"no JSON":    {"a.YQ.c", false, "", false, []string{"three parts of base64"}},
	} {
		hint, err := lk.Explain(c.token, c.minted, c.server, now)
		if !errors.Is(err, lk.ErrUnauthorized) || errors.Is(err, lk.ErrTokenTime) != c.timed {
			t.Errorf("%s: got %v", name, err)
		}
		for _, part := range c.want {
			if !strings.Contains(hint, part) {
				t.Errorf("%s: %q does not say %q", name, hint, part)
			}
		}
		if !c.timed && strings.Contains(hint, "clock") {
			t.Errorf("%s: %q blames the clock", name, hint)
		}
	}
}

func TestClassify(t *testing.T) {
	cfg := lk.Config{URL: "ws://127.0.0.1:14017/x?access_token=abc", Room: "r401", Token: "given"}
	tok := token(`{"exp":1900000000,"video":{"roomJoin":true}}`)
	refused := &url.Error{Op: "Get", URL: "http://127.0.0.1:14017/rtc/validate?access_token=" + tok, Err: &net.OpError{
		Op: "dial", Net: "tcp", Err: errors.New("connect: connection refused"),
	}}
	over, cancel := context.WithCancelCause(t.Context())
	cancel(context.DeadlineExceeded)
	for name, c := range map[string]struct {
		ctx  context.Context // a row of a table
		err  error
		want error
		hint string
	}{
		"nothing on port 14017": {t.Context(), refused, lk.ErrUnreachable, "is the port right"},
		"a dial that fails":     {t.Context(), &net.OpError{Op: "dial", Err: errors.New("x 401")}, lk.ErrUnreachable, "is the port right"},
		"unauthorized":          {t.Context(), errors.New("unauthorized: go away"), lk.ErrUnauthorized, "signed with a key"},
		"another service":       {t.Context(), errors.New("not found"), lk.ErrNotLiveKit, "not as LiveKit does"},
		"draining":              {t.Context(), errors.New("unavailable: draining"), lk.ErrUnreachable, "starts, ends or is full"},
		"no media":              {t.Context(), lksdk.ErrConnectionTimeout, lk.ErrMedia, "UDP port"},
		"no websocket":          {t.Context(), lksdk.ErrCannotConnectSignal, lk.ErrUnreachable, "proxy"},
		"certificate":           {t.Context(), &url.Error{Err: x509.UnknownAuthorityError{}}, lk.ErrUnreachable, "certificate"},
		"certificate of a host": {t.Context(), &url.Error{Err: x509.HostnameError{Certificate: &x509.Certificate{}}}, lk.ErrUnreachable, "certificate"},
		"old certificate":       {t.Context(), &url.Error{Err: x509.CertificateInvalidError{}}, lk.ErrUnreachable, "certificate"},
		"TLS to a plain server": {t.Context(), &url.Error{Err: errors.New("http: server gave HTTP response to HTTPS client")}, lk.ErrUnreachable, "ws://"},
		"out of time":           {over, errors.New("x"), context.DeadlineExceeded, ""},
	} {
		err := lk.Classify(c.ctx, cfg, tok, c.err, time.Unix(1_800_000_000, 0))
		var join *lk.JoinError
		if !errors.As(err, &join) || !errors.Is(err, c.want) || !strings.Contains(join.Hint, c.hint) || c.hint == "" && join.Hint != "" {
			t.Errorf("%s: got %v (%s)", name, err, join.Hint)
			continue
		}
		if !errors.Is(c.want, lk.ErrUnauthorized) && errors.Is(err, lk.ErrUnauthorized) || join.Room != "r401" {
			t.Errorf("%s: read as a token that was refused: %v", name, err)
		}
		if text := err.Error(); strings.Contains(text, "eyJ") || strings.Contains(text, "access_token") || strings.Contains(text, "abc") {
			t.Errorf("%s: a secret is printed: %v", name, text)
		}
	}
	other := errors.New("something new")
	if err := lk.Classify(t.Context(), cfg, tok, other, time.Now()); !strings.Contains(err.Error(), "something new") ||
		errors.Is(err, lk.ErrUnauthorized) || errors.Is(err, lk.ErrUnreachable) {
		t.Errorf("an unknown error is read as %v", err)
	}
}

// TestNothingListens joins a port whose number holds 401, where nothing is.
func TestNothingListens(t *testing.T) {
	_, err := lk.Join(t.Context(), lk.Config{
		URL: "ws://127.0.0.1:14017", APIKey: "k", APISecret: strings.Repeat("s", 32), Room: "r", Identity: "i",
	})
	if !errors.Is(err, lk.ErrUnreachable) || errors.Is(err, lk.ErrUnauthorized) {
		t.Errorf("got %v", err)
	}
}

// TestAnotherServiceIsNoLiveKit joins a web server.
func TestAnotherServiceIsNoLiveKit(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	defer http.DefaultClient.CloseIdleConnections()
	_, err := lk.Join(t.Context(), lk.Config{
		URL: web.URL, APIKey: "k", APISecret: strings.Repeat("s", 32), Room: "r", Identity: "i",
	})
	if !errors.Is(err, lk.ErrNotLiveKit) {
		t.Errorf("got %v", err)
	}
}

// signed is a token with these claims that a server takes.
func signed(s *livekit.Server, claims string) string {
	token := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, []byte(s.APISecret))
	mac.Write([]byte(token))
	return token + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestTokensThatAreOverAreToldByTheClock(t *testing.T) {
	s := startServer(t)
	old := signed(s, fmt.Sprintf(`{"iss":%q,"sub":"p","nbf":1,"exp":%d,"video":{"roomJoin":true,"room":"r"}}`, s.APIKey, time.Now().Add(-time.Hour).Unix()))
	_, err := lk.Join(t.Context(), lk.Config{URL: s.URL, Token: old})
	var join *lk.JoinError
	if !errors.As(err, &join) || !errors.Is(err, lk.ErrTokenTime) || !strings.Contains(join.Hint, "ran out at") || join.Room != "r" {
		t.Errorf("got %v", err)
	}
	if strings.Contains(err.Error(), "eyJ") {
		t.Errorf("the token is printed: %v", err)
	}
}

func TestConfigNamesWhatIsWrong(t *testing.T) {
	good := lk.Config{URL: "ws://127.0.0.1:9", APIKey: "k", APISecret: strings.Repeat("s", 32), Room: "r", Identity: "i"}
	for want, change := range map[string]func(*lk.Config){
		"room is empty":                func(c *lk.Config) { c.Room = "" },
		"identity is empty":            func(c *lk.Config) { c.Identity = "" },
		"api key is empty":             func(c *lk.Config) { c.APIKey = "" },
		"api secret is empty":          func(c *lk.Config) { c.APISecret = "" },
		"api secret has 31 characters": func(c *lk.Config) { c.APISecret = c.APISecret[1:] },
		"the token is none":            func(c *lk.Config) { c.Token = "x" },
		"is not an address":            func(c *lk.Config) { c.URL = "127.0.0.1:7880" },
		`url "ftp://host" is not`:      func(c *lk.Config) { c.URL = "ftp://host?secret" },
		"a user name or password":      func(c *lk.Config) { c.URL = "ws://user:hunter2@127.0.0.1:9" },
		"limit streams":                func(c *lk.Config) { c.Limits.Streams = -1 },
	} {
		c := good
		change(&c)
		_, err := lk.Join(t.Context(), c)
		if !errors.Is(err, lk.ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "secret\"") {
			t.Errorf("a password is printed: %v", err)
		}
	}
	c := good
	c.Limits.Streams = -1
	if _, err := lk.Join(t.Context(), c); !errors.Is(err, limits.ErrLimits) {
		t.Errorf("got %v", err)
	}
}

func TestAddressesAreShownWithoutSecrets(t *testing.T) {
	for in, want := range map[string]string{
		"ws://host:7880":                     "ws://host:7880",
		"wss://user:password@host/path":      "wss://host/path",
		"wss://host/path?access_token=x#y":   "wss://host/path",
		"ws://user:p%zz@host:1/a?b=c":        "ws://host:1/a",
		"user:p%zz@host":                     "host",
		"ws://host:port with spaces?token=x": "ws://host:port with spaces",
	} {
		if got := lk.Address(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}
