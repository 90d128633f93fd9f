package lk_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// Names that only the proxy of this test knows: one of a server without TLS, and one with.
const (
	plainName  = "plain.invalid"
	secureName = "secure.invalid"
)

// proxied is a proxy as those of companies are: it fetches pages, and connects to what it is asked
// to.
type proxied struct {
	places map[string]string // by the name that clients know
	mu     sync.Mutex
	asked  map[string]int // by method and name
}

// ServeHTTP implements http.Handler.
func (p *proxied) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Hostname()
	if r.Method == http.MethodConnect {
		name, _, _ = strings.Cut(r.Host, ":")
	}
	p.mu.Lock()
	p.asked[r.Method+" "+name]++
	p.mu.Unlock()
	place, ok := p.places[name]
	switch {
	case !ok:
		w.WriteHeader(http.StatusBadGateway)
	case r.Method == http.MethodConnect:
		p.connect(w, place)
	default:
		(&httputil.ReverseProxy{Rewrite: func(pr *httputil.ProxyRequest) { pr.Out.URL.Host = place }}).ServeHTTP(w, r)
	}
}

// connect passes bytes on, both ways, until either end has had enough.
func (p *proxied) connect(w http.ResponseWriter, place string) {
	to, err := net.Dial("tcp", place)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer func() { _ = to.Close() }()
	from, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = from.Close() }()
	if _, err := io.WriteString(from, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(to, from); _ = to.Close() })
	_, _ = io.Copy(from, to)
	_ = from.Close()
	both.Wait()
}

// TestThroughAProxy: signals and what is asked of a server's API go through the proxy that the
// environment names, which is read once, so that takes another process. Media go past it.
func TestThroughAProxy(t *testing.T) {
	if s := there(); s != nil {
		throughTheProxy(t, s)
		return
	}
	t.Parallel()
	s := startServer(t)
	to, err := url.Parse("http" + strings.TrimPrefix(s.URL, "ws"))
	if err != nil {
		t.Fatal(err)
	}
	certificate, key := authority(t, secureName)
	secure := secured(t, certificate, key, &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }})
	p := &proxied{places: map[string]string{plainName: to.Host, secureName: secure}, asked: map[string]int{}}
	proxy := httptest.NewServer(p)
	t.Cleanup(proxy.Close)
	elsewhere(t, s, "HTTP_PROXY="+proxy.URL, "HTTPS_PROXY="+proxy.URL, "NO_PROXY=direct.invalid", "SSL_CERT_FILE="+certificate)
	p.mu.Lock()
	defer p.mu.Unlock()
	for asked, least := range map[string]int{
		"CONNECT " + plainName:  1, // the WebSocket
		"GET " + plainName:      1, // whether it would let us in
		"POST " + plainName:     1, // the list of rooms
		"CONNECT " + secureName: 2, // all of it
	} {
		if p.asked[asked] < least {
			t.Errorf("%s: %d times, at least %d: %v", asked, p.asked[asked], least, p.asked)
		}
	}
	for asked := range p.asked {
		if strings.Contains(asked, "direct") || strings.Contains(asked, "127.0.0.1") {
			t.Errorf("the proxy was asked for %s", asked)
		}
	}
}

// secured serves a handler with a certificate, and returns where.
func secured(t *testing.T, certificate, key string, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- s.ServeTLS(l, certificate, key) }()
	t.Cleanup(func() {
		_ = s.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// throughTheProxy is what the child does.
func throughTheProxy(t *testing.T, s *livekit.Server) {
	t.Helper()
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	for _, server := range []string{"ws://" + plainName + ":7880", "wss://" + secureName} {
		ours, theirs := config(s, "agent", true), config(s, "ada", false)
		ours.URL, theirs.URL = server, server
		if err := lk.Try(t.Context(), ours); err != nil {
			t.Error(err)
		}
		agent, ada := join(t, ours), join(t, theirs)
		speaks(t, ada)
		if got := listen(t, agent, 5); got.Stats.Packets < 5 {
			t.Errorf("%s: heard %+v", server, got.Stats)
		}
		api, err := reconcile.Dial(server, s.APIKey, s.APISecret, nil)
		if err != nil {
			t.Fatal(err)
		}
		if rooms, err := api.Rooms(t.Context()); err != nil || len(rooms) != 1 {
			t.Errorf("%s: %v, %v", server, rooms, err)
		}
		for _, c := range []*lk.Connection{ada, agent} {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if os.Getenv("NO_PROXY") == "" {
		t.Fatal("the environment is not the one that this is for")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	direct := config(s, "agent", true)
	direct.URL = "ws://direct.invalid"
	if err := lk.Try(ctx, direct); err == nil {
		t.Error("found a name that there is not")
	}
}
