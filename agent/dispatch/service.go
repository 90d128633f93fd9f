package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strconv"
	"sync"

	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/agent/worker"
)

// Service serves dispatches. Its methods are safe from any goroutine.
type Service struct {
	cfg  Config
	log  *slog.Logger
	load load
	wake chan struct{} // has the reconciler look at once

	applying sync.Mutex // one change at a time
	mu       sync.Mutex
	posts    []*post // names that are served, in order
	leaving  []*post // names that were given up, whose jobs still run
	fixer    *fixer  // nil where nothing is reconciled
	closed   bool
}

// fixer is a reconciler that runs.
type fixer struct {
	cancel context.CancelFunc
	done   chan struct{}
}

// New checks a configuration and makes a service of it that serves no name yet. Errors: ErrConfig.
func New(cfg Config) (*Service, error) {
	switch {
	case cfg.Host == nil:
		return nil, fmt.Errorf("%w: no host", ErrConfig)
	case cfg.Open == nil:
		return nil, fmt.Errorf("%w: nothing opens models", ErrConfig)
	case cfg.Lost < 0:
		return nil, fmt.Errorf("%w: lost is negative", ErrConfig)
	}
	if cfg.Report == nil {
		cfg.Report = func(Event) {}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Service{cfg: cfg, log: cfg.Logger, load: load{pools: cfg.Pools}, wake: make(chan struct{}, 1)}
	s.cfg.Report = func(e Event) {
		cfg.Report(e)
		if e.Worker != nil && frees(e.Worker.Kind) {
			select {
			case s.wake <- struct{}{}:
			default: // it is on its way
			}
		}
	}
	return s, nil
}

// frees tells whether a dispatch that waits may be taken after such an event, and not before.
func frees(k worker.EventKind) bool {
	return k == worker.Registered || k == worker.Ended || k == worker.Lapsed
}

// Apply makes these the names that are served. What is the same is not touched. A name that goes
// takes no more jobs, and those that run go on until they are over; one that changed is both. It
// returns at once; a name whose models cannot be opened, or that the server refuses, is in Status.
// Errors: ErrConfig, for which nothing is changed; ErrClosed.
func (s *Service) Apply(agents []Agent) error {
	s.applying.Lock()
	defer s.applying.Unlock()
	fresh, err := s.hire(agents)
	if err != nil {
		return err
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return ErrClosed
	}
	old := s.posts
	s.posts = nil
	for _, p := range fresh {
		i := slices.IndexFunc(old, func(o *post) bool { return reflect.DeepEqual(o.agent, p.agent) })
		if i >= 0 {
			s.posts, old = append(s.posts, old[i]), slices.Delete(old, i, i+1)
			continue
		}
		s.posts = append(s.posts, p)
		p.start()
	}
	s.leaving = append(slices.DeleteFunc(s.leaving, (*post).ended), old...)
	for _, p := range old {
		p.retire()
	}
	names := make([]string, len(s.posts))
	for i, p := range s.posts {
		names[i] = p.agent.Name
	}
	s.mu.Unlock()
	return s.reconcile(names)
}

// Check tells whether Apply would take these names, and changes nothing. Errors: ErrConfig;
// ErrClosed.
func (s *Service) Check(agents []Agent) error {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return ErrClosed
	}
	_, err := s.hire(agents)
	return err
}

// hire makes a post for each name; none of them does anything yet.
func (s *Service) hire(agents []Agent) (out []*post, err error) {
	for i, a := range agents {
		switch {
		case a.Name == "" || a.Name == reconcile.ClaimAgent:
			return nil, fmt.Errorf("%w: %q cannot be an agent's name", ErrConfig, a.Name)
		case len(a.Personas) == 0:
			return nil, fmt.Errorf("%w: agent %q seats nobody", ErrConfig, a.Name)
		case slices.ContainsFunc(agents[:i], func(o Agent) bool { return o.Name == a.Name }):
			return nil, fmt.Errorf("%w: agent %q is there twice", ErrConfig, a.Name)
		}
		p, err := newPost(&s.cfg, &s.load, a)
		if err != nil {
			return nil, fmt.Errorf("%w: agent %q: %w", ErrConfig, a.Name, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// reconcile has dispatches of these names looked after, and of no others.
func (s *Service) reconcile(names []string) error {
	if !s.cfg.Reconcile {
		return nil
	}
	s.mu.Lock()
	old := s.fixer
	s.fixer = nil
	s.mu.Unlock()
	old.end()
	if len(names) == 0 {
		return nil
	}
	api, err := reconcile.Dial(s.cfg.URL, s.cfg.APIKey, s.cfg.APISecret, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	host, _ := os.Hostname() // for people only
	r, err := reconcile.New(reconcile.Config{
		API: api, Agents: names, Lost: s.cfg.Lost, Logger: s.log, Free: s.free, Wake: s.wake, ID: cmp.Or(host, "serve") + "/" + strconv.Itoa(os.Getpid()),
		Report: func(e reconcile.Event) { s.cfg.Report(Event{Reconcile: &e, Agent: e.Agent}) },
	})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := &fixer{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(f.done)
		if err := r.Run(ctx); err != nil {
			s.log.Error("dispatches are not reconciled", "error", err)
			s.cfg.Report(Event{Err: fmt.Errorf("dispatches are not reconciled: %w", err)})
		}
	}()
	s.mu.Lock()
	s.fixer = f
	s.mu.Unlock()
	return nil
}

// end ends a reconciler and waits for it; a nil one is ended.
func (f *fixer) end() {
	if f != nil {
		f.cancel()
		<-f.done
	}
}

// free tells whether a dispatch of this name would be taken here now.
func (s *Service) free(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.posts, func(p *post) bool { return p.agent.Name == name })
	return i >= 0 && s.posts[i].worker.Status().Serving && s.posts[i].share() < 1
}

// Close drains: no job is taken any more, servers are told, and the personas of those that run end
// with the clause that they are saying, within 10 s, and leave. It returns when all have. It is
// idempotent. Errors: what went wrong at the end.
func (s *Service) Close() error {
	s.applying.Lock()
	defer s.applying.Unlock()
	s.mu.Lock()
	s.closed = true
	all, f := append(slices.Clone(s.posts), s.leaving...), s.fixer
	s.fixer = nil
	s.mu.Unlock()
	for _, p := range all {
		p.drain()
	}
	f.end()
	var errs []error
	for _, p := range all {
		<-p.done
		errs = append(errs, p.failure)
	}
	return errors.Join(errs...)
}

// CloseWithHost is Close, and the end of the host: all personas leave at once.
func (s *Service) CloseWithHost() error {
	ended := make(chan error, 1)
	go func() { ended <- s.Close() }()
	err := s.cfg.Host.Close()
	return errors.Join(err, <-ended)
}
