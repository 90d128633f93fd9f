package ort

import (
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"
)

var errBroken = errors.New("broken model")

// shelf is a loader whose sessions have nothing native behind them; it knows what is loaded.
type shelf struct {
	mu    sync.Mutex
	alive map[*loaded]string
	loads map[string]int
	freed int
	delay time.Duration
	fails map[string]int // so many loads of that name fail first
	ends  error          // what closing a session returns
}

func newShelf() *shelf {
	return &shelf{alive: map[*loaded]string{}, loads: map[string]int{}, fails: map[string]int{}}
}

func (s *shelf) load(src Source, opt Options) (*loaded, error) {
	if s.delay > 0 {
		time.Sleep(s.delay) // a bubble's time
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loads[src.Name]++
	if s.fails[src.Name] > 0 {
		s.fails[src.Name]--
		return nil, &ModelError{Kind: ErrModelCorrupt, Model: src.Name, Detail: errBroken.Error()}
	}
	m := &loaded{name: src.Name, opt: opt}
	m.free = func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, ok := s.alive[m]; !ok {
			return errors.New("closed twice")
		}
		delete(s.alive, m)
		s.freed++
		return s.ends
	}
	s.alive[m] = src.Name
	return m, nil
}

func (s *shelf) lives(m *loaded) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.alive[m]
	return ok
}

func (s *shelf) count() (alive, freed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.alive), s.freed
}

func (s *shelf) pool(cfg PoolConfig) *Pool {
	return newPool(cfg, slog.New(slog.DiscardHandler), s.load)
}

// bytesOf is a source of a given name and size.
func bytesOf(name string, size int) Source {
	data := make([]byte, size)
	copy(data, name)
	return Source{Name: name, Bytes: data}
}

func acquire(t *testing.T, p *Pool, src Source, opt Options) *Session {
	t.Helper()
	s, err := p.Acquire(t.Context(), src, opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func shut(t *testing.T, s interface{ Close() error }) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
