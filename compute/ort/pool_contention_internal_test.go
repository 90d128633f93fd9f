package ort

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestPoolUnderContention lets many goroutines fight for more models than fit. Nobody ever holds a
// session that was closed, the books add up, and nothing is left.
func TestPoolUnderContention(t *testing.T) {
	s := newShelf()
	s.fails["3"] = 5
	p := s.pool(PoolConfig{Idle: 50 * time.Microsecond, HostBytes: 40})
	const goroutines, rounds = 64, 400
	var got, refused, failed, gaveUp atomic.Uint64
	var work sync.WaitGroup
	for g := range goroutines {
		work.Go(func() {
			random := rand.New(rand.NewPCG(uint64(g), 7))
			for range rounds {
				ctx, cancel := context.WithCancel(t.Context())
				if random.IntN(8) == 0 {
					cancel()
				}
				name := fmt.Sprint(random.IntN(6))
				h, err := p.Acquire(ctx, bytesOf(name, 10), Options{})
				switch {
				case err == nil:
					got.Add(1)
					if h.Name() != name || !s.lives(h.loaded) {
						t.Errorf("asked for %s, got %s, alive: %v", name, h.Name(), s.lives(h.loaded))
					}
					if err := h.Close(); err != nil {
						t.Error(err)
					}
				case errors.Is(err, ErrCapacity):
					refused.Add(1)
				case errors.Is(err, ErrModelCorrupt):
					failed.Add(1)
				case errors.Is(err, context.Canceled):
					gaveUp.Add(1)
				default:
					t.Error(err)
				}
				cancel()
			}
		})
	}
	work.Wait()
	st := p.Status()
	if st.Refusals != refused.Load() || got.Load()+refused.Load()+failed.Load()+gaveUp.Load() != goroutines*rounds {
		t.Errorf("status %+v; got %d, refused %d, failed %d, gave up %d", st, got.Load(), refused.Load(), failed.Load(), gaveUp.Load())
	}
	for _, place := range st.Places {
		if place.Used > place.Limit || place.Used != int64(10*len(st.Models)) {
			t.Errorf("%+v with %d sessions", place, len(st.Models))
		}
	}
	shut(t, p)
	alive, freed := s.count()
	if st := p.Status(); alive != 0 || uint64(freed) != st.Loads || len(st.Models) != 0 || st.Places[0].Used != 0 || got.Load() == 0 {
		t.Errorf("%d left, %d closed of %d loaded, status %+v", alive, freed, st.Loads, st)
	}
}

// BenchmarkPoolHit measures a handle on a model that is loaded.
func BenchmarkPoolHit(b *testing.B) {
	p := newShelf().pool(PoolConfig{})
	src := bytesOf("a", 1<<10)
	keep, err := p.Acquire(b.Context(), src, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		h, err := p.Acquire(b.Context(), src, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := h.Close(); err != nil {
			b.Fatal(err)
		}
	}
	if err := errors.Join(keep.Close(), p.Close()); err != nil {
		b.Fatal(err)
	}
}
