package engine_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
)

// thing is a part that counts how often it was closed.
type thing struct{ closed int }

func (t *thing) Close() error { t.closed++; return errThing }

var errThing = errors.New("closed with a fault")

func TestThoseWhoAskAtOnceShareOneLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p engine.Parts
		loads, one, gate := 0, &thing{}, make(chan struct{})
		load := func(context.Context) (*thing, error) {
			loads++
			<-gate
			return one, nil
		}
		gives := make(chan func() error, 3)
		for range 3 {
			go func() {
				got, give, err := engine.Share(t.Context(), &p, "ear", load)
				if err != nil || got != one {
					t.Errorf("got %p, %v", got, err)
				}
				gives <- give
			}()
		}
		synctest.Wait()
		close(gate)
		for i := range 3 {
			err := (<-gives)()
			if last := i == 2; last != errors.Is(err, errThing) || last != (one.closed == 1) {
				t.Errorf("release %d: %v, closed %d times", i, err, one.closed)
			}
		}
		if loads != 1 {
			t.Errorf("loaded %d times", loads)
		}
		if _, give, err := engine.Share(t.Context(), &p, "ear", func(context.Context) (*thing, error) { return &thing{}, nil }); err != nil {
			t.Errorf("loading again: %v", err)
		} else if err := give(); !errors.Is(err, errThing) {
			t.Errorf("the second one was not closed: %v", err)
		}
	})
}

func TestKeysAreDifferentParts(t *testing.T) {
	var p engine.Parts
	a, giveA, errA := engine.Share(t.Context(), &p, 1, func(context.Context) (*thing, error) { return &thing{}, nil })
	b, giveB, errB := engine.Share(t.Context(), &p, 2, func(context.Context) (*thing, error) { return &thing{}, nil })
	if errA != nil || errB != nil || a == b {
		t.Fatal(errA, errB, a == b)
	}
	_ = giveA()
	if a.closed != 1 || b.closed != 0 || p.Held() != 1 {
		t.Errorf("closed %d and %d times, %d held", a.closed, b.closed, p.Held())
	}
	_ = giveB()
	if p.Held() != 0 || b.closed != 1 {
		t.Errorf("closed %d times, %d held", b.closed, p.Held())
	}
	if _, _, err := engine.Share(t.Context(), &p, 3, func(context.Context) (*thing, error) { return &thing{}, nil }); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func TestAFailedLoadConcernsThoseWhoWaitedForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p engine.Parts
		broken, gate := errors.New("not a model"), make(chan struct{})
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				if _, _, err := engine.Share(t.Context(), &p, "voice", func(context.Context) (*thing, error) {
					<-gate
					return nil, broken
				}); !errors.Is(err, broken) {
					t.Errorf("got %v", err)
				}
			})
		}
		synctest.Wait()
		close(gate)
		all.Wait()
		if _, give, err := engine.Share(t.Context(), &p, "voice", func(context.Context) (*thing, error) { return &thing{}, nil }); err != nil {
			t.Errorf("the failure is kept: %v", err)
		} else {
			_ = give()
		}
	})
}

// TestWhoStopsTakesNobodyAlong: the one who loads is told to stop, and then one who waits; each of
// them alone ends.
func TestWhoStopsTakesNobodyAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p engine.Parts
		good := &thing{}
		load := func(ctx context.Context) (*thing, error) {
			select {
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			case <-t.Context().Done():
				return nil, nil
			}
		}
		first, stopFirst := context.WithCancel(t.Context())
		second, stopSecond := context.WithCancel(t.Context())
		var all sync.WaitGroup
		share := func(ctx context.Context, load func(context.Context) (*thing, error), want error, value *thing) {
			all.Go(func() {
				got, give, err := engine.Share(ctx, &p, "mind", load)
				if !errors.Is(err, want) || got != value {
					t.Errorf("got %p, %v, want %p, %v", got, err, value, want)
				}
				if err == nil {
					_ = give()
				}
			})
			synctest.Wait()
		}
		share(first, load, context.Canceled, nil)
		share(second, load, context.Canceled, nil)
		share(t.Context(), func(context.Context) (*thing, error) { return good, nil }, nil, good)
		stopSecond()
		synctest.Wait()
		stopFirst()
		all.Wait()
		if good.closed != 1 || p.Held() != 0 {
			t.Errorf("closed %d times, %d held", good.closed, p.Held())
		}
	})
}

func TestAPanicWhileLoadingIsAnErrorOfThatPart(t *testing.T) {
	var p engine.Parts
	var fault *fence.PanicError
	if _, _, err := engine.Share(t.Context(), &p, "eye", func(context.Context) (*thing, error) { panic("torn") }); !errors.As(err, &fault) || fault.Value != "torn" {
		t.Errorf("got %v", err)
	}
	if n := p.Held(); n != 0 {
		t.Errorf("%d are held", n)
	}
}
