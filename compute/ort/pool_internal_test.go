package ort

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// want compares the pool's counts.
func want(t *testing.T, p *Pool, counts PoolCounts) {
	t.Helper()
	if got := p.Status().PoolCounts; got != counts {
		t.Errorf("counts %+v, want %+v", got, counts)
	}
}

func TestPoolLoadsOnceForManyAndClosesAfterTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.delay = time.Second
		p := s.pool(PoolConfig{Idle: time.Minute})
		var handles [8]*Session
		var work sync.WaitGroup
		for i := range handles {
			work.Go(func() { handles[i] = acquire(t, p, bytesOf("voice", 9), Options{Threads: i % 2}) }) // 0 threads mean 1
		}
		synctest.Wait()
		if st := p.Status().Models; len(st) != 1 || st[0].State != StateLoading || st[0].Holders != 8 {
			t.Errorf("while it loads: %+v", st)
		}
		work.Wait()
		want(t, p, PoolCounts{Loads: 1, Hits: 7})
		for i, h := range handles {
			if h.loaded != handles[0].loaded {
				t.Fatalf("handle %d has a session of its own", i)
			}
			if st := p.Status().Models[0]; st.Holders != 8-i || st.State != StateHeld {
				t.Fatalf("%d handles: %+v", 8-i, st)
			}
			shut(t, h)
			shut(t, h)
		}
		time.Sleep(59 * time.Second)
		again := acquire(t, p, bytesOf("voice", 9), Options{})
		time.Sleep(time.Hour)
		if again.loaded != handles[0].loaded || !s.lives(again.loaded) {
			t.Fatal("a session that is held was closed, or not found again")
		}
		shut(t, again)
		time.Sleep(59 * time.Second)
		if st := p.Status().Models[0]; st.State != StateIdle || st.IdleFor != 59*time.Second || st.ClosesIn != time.Second {
			t.Errorf("idle: %+v", st)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if alive, freed := s.count(); alive != 0 || freed != 1 {
			t.Errorf("%d sessions loaded, %d closed", alive, freed)
		}
		want(t, p, PoolCounts{Loads: 1, Hits: 8, Expired: 1})
		shut(t, p)
	})
}

func TestPoolTellsApartWhatDiffers(t *testing.T) {
	s := newShelf()
	p := s.pool(PoolConfig{})
	handles := []*Session{
		acquire(t, p, bytesOf("a", 8), Options{}),
		acquire(t, p, bytesOf("b", 8), Options{}),
		acquire(t, p, bytesOf("a", 9), Options{}),
		acquire(t, p, bytesOf("a", 8), Options{Threads: 2}),
		acquire(t, p, bytesOf("a", 8), Options{Spin: true}),
		acquire(t, p, bytesOf("a", 8), Options{Provider: CUDA}),
		acquire(t, p, bytesOf("a", 8), Options{Provider: CUDA, DeviceID: 1}),
	}
	seen := map[*loaded]bool{}
	for _, h := range handles {
		seen[h.loaded] = true
	}
	if len(seen) != len(handles) {
		t.Errorf("%d sessions for %d different requests", len(seen), len(handles))
	}
	same := acquire(t, p, bytesOf("a", 8), Options{Threads: 1})
	if same.loaded != handles[0].loaded {
		t.Error("one thread, said in another way, made a session of its own")
	}
	for _, h := range append(handles, same) {
		shut(t, h)
	}
	shut(t, p)
	if alive, freed := s.count(); alive != 0 || freed != len(handles) {
		t.Errorf("%d left, %d closed", alive, freed)
	}
}

func TestPoolWaitEndsWithItsContextAndTheLoadGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.delay = 10 * time.Second
		p := s.pool(PoolConfig{Idle: time.Minute})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.Acquire(ctx, bytesOf("slow", 9), Options{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v, want the context's error", err)
		}
		time.Sleep(20 * time.Second)
		if st := p.Status().Models; len(st) != 1 || st[0].State != StateIdle || st[0].Holders != 0 {
			t.Fatalf("after the load: %+v", st)
		}
		shut(t, acquire(t, p, bytesOf("slow", 9), Options{}))
		want(t, p, PoolCounts{Loads: 1, Hits: 1, Abandoned: 1})
		shut(t, p)
		if _, err := p.Acquire(t.Context(), bytesOf("slow", 9), Options{}); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		if alive, freed := s.count(); alive != 0 || freed != 1 {
			t.Errorf("%d left, %d closed", alive, freed)
		}
	})
}

func TestPoolLoadsNothingForWhoHasGone(t *testing.T) {
	s := newShelf()
	p := s.pool(PoolConfig{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Acquire(ctx, bytesOf("a", 8), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	want(t, p, PoolCounts{})
	shut(t, p)
	if s.loads["a"] != 0 {
		t.Error("it was loaded")
	}
}

func TestPoolForgetsLoadsThatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.delay, s.fails["bad"] = time.Second, 1
		p := s.pool(PoolConfig{HostBytes: 10})
		var failed atomic.Int32
		var work sync.WaitGroup
		for range 5 {
			work.Go(func() {
				if _, err := p.Acquire(t.Context(), bytesOf("bad", 9), Options{}); errors.Is(err, ErrModelCorrupt) {
					failed.Add(1)
				}
			})
		}
		work.Wait()
		if failed.Load() != 5 || len(p.Status().Models) != 0 {
			t.Errorf("%d of 5 callers got the error, sessions %+v", failed.Load(), p.Status().Models)
		}
		shut(t, acquire(t, p, bytesOf("bad", 9), Options{})) // there is room again, and it works now
		want(t, p, PoolCounts{Loads: 1, Hits: 4, Failed: 1})
		shut(t, p)
	})
}

func TestPoolMakesRoomOfIdleSessionsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		p := s.pool(PoolConfig{Idle: time.Hour, HostBytes: 100, DeviceBytes: 50})
		held := acquire(t, p, bytesOf("held", 40), Options{})
		shut(t, acquire(t, p, bytesOf("older", 30), Options{}))
		time.Sleep(time.Minute)
		shut(t, acquire(t, p, bytesOf("newer", 30), Options{}))
		device := acquire(t, p, bytesOf("device", 50), Options{Provider: CUDA})

		more := acquire(t, p, bytesOf("more", 20), Options{})
		var names []string
		for _, st := range p.Status().Models {
			names = append(names, st.Name)
		}
		if fmt.Sprint(names) != "[device held more newer]" {
			t.Errorf("loaded %v: the longest idle one should have gone, and only it", names)
		}
		_, err := p.Acquire(t.Context(), bytesOf("large", 41), Options{})
		var short *CapacityError
		if !errors.As(err, &short) || *short != (CapacityError{Model: "large", Need: 41, Used: 90, Idle: 30, Limit: 100, Held: 2}) {
			t.Fatalf("got %v", err)
		}
		if len(p.Status().Models) != 4 {
			t.Error("something was closed for a model that does not fit all the same")
		}
		_, err = p.Acquire(t.Context(), bytesOf("huge", 51), Options{Provider: CUDA})
		if !errors.As(err, &short) || short.Place.String() != "cuda:0" || short.Need != 51 || short.Limit != 50 || !errors.Is(err, ErrCapacity) {
			t.Fatalf("got %v", err)
		}
		want(t, p, PoolCounts{Loads: 5, Evictions: 1, Refusals: 2})
		shut(t, acquire(t, p, bytesOf("fits", 40), Options{}))
		for _, h := range []*Session{held, more, device} {
			if !s.lives(h.loaded) {
				t.Error("a session that is held was closed")
			}
			shut(t, h)
		}
		shut(t, p)
		if alive, _ := s.count(); alive != 0 {
			t.Errorf("%d left", alive)
		}
	})
}

func TestPoolClosesWhatIsHeldWithItsLastHandle(t *testing.T) {
	s := newShelf()
	p := s.pool(PoolConfig{})
	first, second := acquire(t, p, bytesOf("a", 8), Options{}), acquire(t, p, bytesOf("a", 8), Options{})
	shut(t, p)
	shut(t, first)
	if !s.lives(second.loaded) {
		t.Fatal("closed while somebody holds it")
	}
	shut(t, second)
	if alive, freed := s.count(); alive != 0 || freed != 1 {
		t.Errorf("%d left, %d closed", alive, freed)
	}
	at := s.pool(PoolConfig{Idle: -1})
	shut(t, acquire(t, at, bytesOf("a", 8), Options{}))
	if alive, _ := s.count(); alive != 0 {
		t.Error("kept although nothing is to be kept")
	}
	shut(t, at)
}

func TestPoolReportsWhatCouldNotBeClosed(t *testing.T) {
	s := newShelf()
	s.ends = errBroken
	p := s.pool(PoolConfig{})
	shut(t, acquire(t, p, bytesOf("a", 8), Options{}))
	if err := p.Close(); !errors.Is(err, errBroken) {
		t.Errorf("Close: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

// TestPoolLooksAtEveryIdleSession has one that can go among many of another place, in whatever
// order they come.
func TestPoolLooksAtEveryIdleSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		p := s.pool(PoolConfig{Idle: time.Hour, HostBytes: 55, DeviceBytes: 2000})
		var held []*Session
		for i := range 20 {
			held = append(held, acquire(t, p, bytesOf(fmt.Sprint("device ", i), 50+i), Options{Provider: CUDA}))
		}
		for i := range 10 {
			shut(t, acquire(t, p, bytesOf(fmt.Sprint("idle ", i), 1+i), Options{}))
		}
		held = append(held, acquire(t, p, bytesOf("whole", 55), Options{}))
		want(t, p, PoolCounts{Loads: 31, Evictions: 10})
		for _, h := range held {
			shut(t, h)
		}
		shut(t, p)
	})
}
