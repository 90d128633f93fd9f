package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"github.com/sensory-agent/sensory-agent/internal/printable"
)

// What one client, and all together, can take of the server.
const (
	maxConnections = 512     // a page that watches has one or two, an agent few
	maxHeader      = 8 << 10 // bytes
	headerLimit    = 2 * time.Second
	requestLimit   = 5 * time.Second
	idleLimit      = 10 * time.Second
)

// Paths that are there without a token.
const (
	HealthPath = "/healthz"
	ReadyPath  = "/readyz"
	RootPath   = "/"
)

// Readiness is the answer of ReadyPath: 200 when Ready, else 503.
type Readiness struct {
	Ready bool `json:"ready"`
	// State is one word: loading, joining, listening, waiting, left.
	State string `json:"state"`
	// Reason says why a program that waits is not ready, or what one that is cannot do all the
	// same.
	Reason string `json:"reason,omitempty"`
}

// Page answers one path.
type Page struct {
	Path string
	// Answer returns the value to send as JSON. ErrNotThere and others become a refusal with the
	// code given. It is called by several goroutines.
	Answer func() (code int, v any)
}

// Mount is a handler of everything below a path. It has the server's limits on connections, headers
// and time; it may set other times with an http.ResponseController, and bounds what it reads
// itself.
type Mount struct {
	// Prefix is what its paths begin with, as in "/sensory.v1.".
	Prefix  string
	Handler http.Handler
	// Refuse, if set, answers requests that do not reach the handler.
	Refuse func(w http.ResponseWriter, r *http.Request, status int, why string)
	// Origins are those of web pages of others that may use it, as browsers send them; of all other
	// pages only those that this server serves may.
	Origins []string
}

// refusal is the answer of a path that has none.
type refusal struct {
	Error string `json:"error"`
}

// Refuse makes the answer of a Page that has nothing to give.
func Refuse(code int, why string) (int, any) { return code, refusal{why} }

// Server serves. Its methods are safe from any goroutine.
type Server struct {
	http  *http.Server
	addr  string
	ended chan error
	stop  context.CancelFunc // of what watches the token
	work  sync.WaitGroup
}

// Start listens and serves until Close. ready and the pages are asked at each request. Errors:
// ErrConfig; those of listening.
func Start(cfg Config, log *slog.Logger, ready func() Readiness, pages ...Page) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Address == "" {
		return nil, nil // nothing is served, which is no error
	}
	l, err := net.Listen("tcp", cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+HealthPath, func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, "alive") })
	mux.HandleFunc("GET "+ReadyPath, func(w http.ResponseWriter, _ *http.Request) {
		state, code := ready(), http.StatusOK
		if !state.Ready {
			code = http.StatusServiceUnavailable
		}
		reply(w, code, state)
	})
	for _, p := range pages {
		mux.HandleFunc("GET "+p.Path, func(w http.ResponseWriter, _ *http.Request) {
			code, v := p.Answer()
			reply(w, code, v)
		})
	}
	s := &Server{addr: l.Addr().String(), ended: make(chan error, 1)}
	life, stop := context.WithCancel(context.Background())
	s.stop = stop
	held := newHolder(cfg, log)
	if cfg.Current != nil {
		s.work.Go(func() { held.watch(life) })
	}
	s.http = &http.Server{
		Handler:           cfg.guarded(cfg.mounted(cfg.consoled(mux)), opened, held),
		ReadHeaderTimeout: headerLimit, ReadTimeout: requestLimit, WriteTimeout: requestLimit, IdleTimeout: idleLimit, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	go func() {
		err := s.http.Serve(netutil.LimitListener(l, maxConnections))
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		s.ended <- err
	}()
	return s, nil
}

// mounted serves what is below a mount by it, and everything else by h.
func (c Config) mounted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m := c.mount(r); m != nil {
			m.Handler.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// mount is the one that a request is for, nil for none.
func (c Config) mount(r *http.Request) *Mount {
	for i := range c.Mounts {
		if strings.HasPrefix(r.URL.Path, c.Mounts[i].Prefix) {
			return &c.Mounts[i]
		}
	}
	return nil
}

// Address is where it listens.
func (s *Server) Address() string { return s.addr }

// Close ends the server and waits for it: for requests under way at most as long as one may take,
// then they are cut off. A nil Server is closed.
func (s *Server) Close() error {
	if s == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	s.stop()
	s.work.Wait()
	ended := <-s.ended
	s.ended <- nil // Close may be called again
	return errors.Join(err, ended)
}

func reply(w http.ResponseWriter, code int, v any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_ = json.NewEncoder(printable.NewWriter(w)).Encode(v) // the client went away; there is nobody to tell
}
