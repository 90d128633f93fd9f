package lk_test

import (
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
)

const prefix = "/voice/rooms" // of a server that stands behind others

// behind is a reverse proxy that hands on what is asked below prefix.
func behind(t *testing.T, s *livekit.Server) http.Handler {
	t.Helper()
	u, err := url.Parse("http" + strings.TrimPrefix(s.URL, "ws"))
	if err != nil {
		t.Fatal(err)
	}
	return http.StripPrefix(prefix, &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }})
}

// end closes a proxy and what is kept open to it.
func end(proxy *httptest.Server) {
	proxy.CloseClientConnections()
	proxy.Close()
	http.DefaultClient.CloseIdleConnections()
}

// TestAServerBehindAPathAndIPv6 is entered, tried, and spoken with; its signals take the loopback
// of IPv6.
func TestAServerBehindAPathAndIPv6(t *testing.T) {
	s := startServer(t)
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httptest.Server{Listener: l, Config: &http.Server{Handler: behind(t, s)}}
	proxy.Start()
	t.Cleanup(func() { end(proxy) })
	for _, slash := range []string{"", "/"} {
		cfg := config(s, "agent", true)
		cfg.URL = "ws://" + l.Addr().String() + prefix + slash
		if err := lk.Try(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
		agent, err := patient.Join(t.Context(), lk.Join, cfg)
		if err != nil {
			t.Fatal(err)
		}
		ada := join(t, config(s, "ada"+slash, false))
		if err := ada.SendText(lk.TopicChat, "", "hello", nil); err != nil {
			t.Fatal(err)
		}
		if got := next[lk.TextReceived](t, agent); got.Text != "hello" {
			t.Errorf("got %+v", got)
		}
		speaks(t, ada)
		if got := listen(t, agent, 5); got.Stats.Packets < 5 {
			t.Errorf("heard %+v", got.Stats)
		}
		if err := agent.Close(); err != nil {
			t.Error(err)
		}
	}
	wrong := config(s, "agent", true)
	wrong.URL = "ws://" + l.Addr().String() + "/elsewhere"
	if _, err := lk.Join(t.Context(), wrong); !errors.Is(err, lk.ErrNotLiveKit) {
		t.Errorf("another path: %v", err)
	}
}

// Environment of a child of this test.
const (
	secureURL    = "SENSORY_AGENT_TEST_SECURE_URL"
	secureKey    = "SENSORY_AGENT_TEST_SECURE_KEY"
	secureSecret = "SENSORY_AGENT_TEST_SECURE_SECRET"
)

// TestAServerWithACertificateOfItsOwn is refused by name, and entered by a process that is told the
// certificate as programs of this system are: SSL_CERT_FILE is read once, so that takes another
// process.
func TestAServerWithACertificateOfItsOwn(t *testing.T) {
	if u := os.Getenv(secureURL); u != "" {
		agent := join(t, lk.Config{URL: u, APIKey: os.Getenv(secureKey), APISecret: os.Getenv(secureSecret), Room: "r", Identity: "child", Name: "child"})
		if agent.Name() != "r" {
			t.Errorf("joined %q", agent.Name())
		}
		return
	}
	s := startServer(t)
	proxy := httptest.NewTLSServer(behind(t, s))
	t.Cleanup(func() { end(proxy) })
	cfg := config(s, "agent", true)
	cfg.URL = "wss" + strings.TrimPrefix(proxy.URL, "https") + prefix
	var refused *lk.JoinError
	if _, err := lk.Join(t.Context(), cfg); !errors.Is(err, lk.ErrUnreachable) || !errors.As(err, &refused) || !strings.Contains(refused.Hint, "certificate") {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
	file := filepath.Join(t.TempDir(), "own.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAServerWithACertificateOfItsOwn$", "-test.count=1")
	child.Env = append(os.Environ(), "SSL_CERT_FILE="+file, secureURL+"="+cfg.URL, secureKey+"="+s.APIKey, secureSecret+"="+s.APISecret)
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestATokenForAnotherRoom: the room that is entered is that of the token, and no other may be
// asked for.
func TestATokenForAnotherRoom(t *testing.T) {
	s := startServer(t)
	cfg := lk.Config{URL: s.URL, Token: signed(s, `{"iss":"`+s.APIKey+`","sub":"agent","exp":4000000000,"video":{"roomJoin":true,"room":"elsewhere"}}`)}
	agent := join(t, cfg)
	if agent.Name() != "elsewhere" {
		t.Errorf("joined %q", agent.Name())
	}
	cfg.Room = "r"
	if _, err := lk.Join(t.Context(), cfg); !errors.Is(err, lk.ErrConfig) || !strings.Contains(err.Error(), `"elsewhere" and not for "r"`) {
		t.Errorf("asked for another room: %v", err)
	}
	cfg.Token = signed(s, `{"iss":"`+s.APIKey+`","sub":"agent","exp":4000000000,"video":{"room":"r"}}`)
	var refused *lk.JoinError
	if _, err := lk.Join(t.Context(), cfg); !errors.Is(err, lk.ErrUnauthorized) || !errors.As(err, &refused) || !strings.Contains(refused.Hint, "roomJoin") {
		t.Errorf("without the right to join: %v", err)
	}
}
