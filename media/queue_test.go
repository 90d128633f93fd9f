package media_test

import (
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
)

func TestRingDropsTheOldest(t *testing.T) {
	r := media.NewRing[int](3)
	for i := range 5 {
		evicted, dropped := r.Push(i)
		if dropped != (i >= 3) || (dropped && evicted != i-3) {
			t.Errorf("push %d: %d, %v", i, evicted, dropped)
		}
	}
	if r.Len() != 3 || r.Drops() != 2 {
		t.Errorf("%d entries, %d drops", r.Len(), r.Drops())
	}
	for want := 2; want < 5; want++ {
		if v, ok := r.Pop(); !ok || v != want {
			t.Errorf("%d, %v; want %d", v, ok, want)
		}
	}
	if v, ok := r.Pop(); ok || v != 0 {
		t.Errorf("an empty queue gave %d", v)
	}
	if media.NewRing[int](-1).Len() != 0 {
		t.Error("a new queue is not empty")
	}
}

func TestRingWakesItsConsumer(t *testing.T) {
	const n = 1000
	r := media.NewRing[int](n)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range n {
			r.Push(i)
		}
	})
	for next := 0; next < n; {
		<-r.Ready()
		for v, ok := r.Pop(); ok; v, ok = r.Pop() {
			if v != next {
				t.Fatalf("%d, want %d", v, next)
			}
			next++
		}
	}
	wg.Wait()
}

func TestLatestKeepsTheNewest(t *testing.T) {
	l := media.NewLatest[string]()
	if _, ok := l.Take(); ok {
		t.Error("an empty slot gave something")
	}
	if _, dropped := l.Put("a"); dropped {
		t.Error("the first value dropped another")
	}
	if old, dropped := l.Put("b"); !dropped || old != "a" {
		t.Errorf("replaced %q, %v", old, dropped)
	}
	<-l.Ready()
	if v, ok := l.Take(); !ok || v != "b" || l.Drops() != 1 {
		t.Errorf("%q, %v, %d drops", v, ok, l.Drops())
	}
	if _, dropped := l.Put("c"); dropped {
		t.Error("a value that was taken counts as dropped")
	}
}

func TestClockFollowsTheWrap(t *testing.T) {
	c := media.NewClock(90000)
	start := uint32(1<<32 - 45000)
	for i, want := range []time.Duration{0, 500 * time.Millisecond, time.Second, 1500 * time.Millisecond} {
		if got := c.Time(start + uint32(i)*45000); got != want {
			t.Errorf("step %d: %v, want %v", i, got, want)
		}
	}
	if got := c.Time(start + 45000); got != 500*time.Millisecond {
		t.Errorf("a timestamp before the wrap: %v", got)
	}
	if got := c.Time(start - 90000); got != -time.Second {
		t.Errorf("a timestamp before the first: %v", got)
	}
	var day time.Duration
	for i := uint32(1); i <= 24*60; i++ {
		day = c.Time(start + i*60*90000)
	}
	if day != 24*time.Hour {
		t.Errorf("after a day: %v", day)
	}
	c.Reset(7, 25*time.Hour)
	if got := c.Time(7 + 90000); got != 25*time.Hour+time.Second {
		t.Errorf("after a reset: %v", got)
	}
}

func TestLevels(t *testing.T) {
	square := []float32{1, -1, 1, -1}
	if got := media.RMS(square); got != 1 {
		t.Errorf("RMS %v", got)
	}
	if got := media.DBFS(square); got != 0 {
		t.Errorf("%v dBFS", got)
	}
	if got := media.DBFS(make([]float32, 9)); got != media.SilenceDBFS {
		t.Errorf("silence: %v dBFS", got)
	}
	if got := media.RMS(nil); got != 0 {
		t.Errorf("RMS of nothing: %v", got)
	}
	if got := media.Peak([]float32{0.1, -0.7, 0.3}); got != 0.7 {
		t.Errorf("peak %v", got)
	}
	nan := float32(0) / media.Peak(nil)
	if got := media.Peak([]float32{0.1, nan, 0.3}); got == got {
		t.Errorf("peak of NaN: %v", got)
	}
	for s, want := range map[float32]int16{0: 0, 1: 32767, -1: -32768, 0.5: 16384, 3: 32767, -3: -32768, 0.99999: 32767, 0.999: 32735, -0.75: -24576} {
		if got := media.ToInt16(s); got != want {
			t.Errorf("%v becomes %d, want %d", s, got, want)
		}
	}
	if got := media.ToInt16(nan); got != 0 {
		t.Errorf("NaN becomes %d", got)
	}
}
