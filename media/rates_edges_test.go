package media_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
)

func TestClockOfAnyRate(t *testing.T) {
	for _, rate := range []int{0, -5, 1} {
		c := media.NewClock(rate)
		c.Time(100)
		if got := c.Time(103); got != 3*time.Second {
			t.Errorf("rate %d: three ticks are %v", rate, got)
		}
	}
	c := media.NewClock(90000)
	if got := c.Ticks(5); got != 0 {
		t.Errorf("the first timestamp is %d", got)
	}
	if a, b := c.Ticks(95), c.Ticks(95); a != 90 || b != 90 {
		t.Errorf("the same timestamp twice: %d, %d", a, b)
	}
	if got := c.Ticks(5 + 1<<31 + 90 - 1); got != 1<<31+89 {
		t.Errorf("just less than half around: %d", got)
	}
	c.Reset(0, 1500*time.Millisecond)
	if got := c.Ticks(0); got != 135000 {
		t.Errorf("after a reset to 1.5 s: %d ticks", got)
	}
}

func TestResamplerTakesRatesAtTheirEdges(t *testing.T) {
	for _, pair := range [][2]int{{1000, 768000}, {768000, 1000}, {1000, 1000}} {
		if _, err := media.NewResampler(pair[0], pair[1]); err != nil {
			t.Errorf("%v: %v", pair, err)
		}
	}
	for _, pair := range [][2]int{{16000, 999}, {768001, 16000}, {-1, 16000}, {16000, 0}} {
		if _, err := media.NewResampler(pair[0], pair[1]); !errors.Is(err, media.ErrSampleRate) {
			t.Errorf("%v: %v", pair, err)
		}
	}
	same := newResampler(t, 16000, 16000)
	if got := same.Process([]float32{1}, []float32{2, 3}); !equalPCM(got, []float32{1, 2, 3}) {
		t.Errorf("equal rates: %v", got)
	}
}

// TestResamplerFlushesIntoSilence compares the end of a stream with one on which silence follows.
func TestResamplerFlushesIntoSilence(t *testing.T) {
	for _, pair := range ratePairs {
		r := newResampler(t, pair[0], pair[1])
		tone := sine(1000, 440, float64(pair[0]))
		for i := range tone {
			tone[i] += 0.4
		}
		ended := r.Flush(r.Process(nil, tone))
		followed := newResampler(t, pair[0], pair[1]).Process(nil, append(tone, make([]float32, 2000)...))
		if !equalPCM(ended, followed[:len(ended)]) {
			t.Errorf("%d to %d Hz: the end is not that of a stream on which silence follows", pair[0], pair[1])
		}
	}
}
