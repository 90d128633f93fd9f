package playout_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/playout"
)

// Marks come in order, each once, with the packet that holds the first sample behind them.
func TestMarksKeepTheirPlaces(t *testing.T) {
	out := &tap{}
	inBubble(t, out, func(t *testing.T, p *playout.Player) {
		begin := time.Now()
		var order []int
		var at []time.Duration
		mark := func(n int) playout.Mark {
			return func(a time.Time) { order = append(order, n); at = append(at, a.Sub(begin)) }
		}
		for i, samples := range []int{959, 1, 960, 960} {
			if err := p.Write(t.Context(), constant(samples, 0.5), mark(i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Write(t.Context(), nil, mark(9)); err != nil { // without samples there is nothing to mark
			t.Fatal(err)
		}
		p.Finish()
		if err := p.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		want := []time.Duration{0, 0, 20 * time.Millisecond, 40 * time.Millisecond}
		if len(order) != 4 {
			t.Fatalf("marks %v were called", order)
		}
		for i := range want {
			if order[i] != i || at[i] != want[i] {
				t.Errorf("mark %d came as number %d at %v, want %v", order[i], i, at[i], want[i])
			}
		}
	})
}

// However speech is cut into writes, every sample is heard once and in order, and only the end is
// padded.
func TestEverySampleIsHeardOnce(t *testing.T) {
	for _, chunk := range []int{1, 7, 441, 959, 960, 961, 5000, 20000} {
		out := &tap{}
		inBubble(t, out, func(t *testing.T, p *playout.Player) {
			// An utterance that is no whole number of frames moves the places of the next ones in
			// the queue.
			if err := p.Write(t.Context(), constant(100, -1), nil); err != nil {
				t.Fatal(err)
			}
			p.Finish()
			if err := p.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			const total = 20_000
			ramp := make([]float32, total)
			for i := range ramp {
				ramp[i] = float32(i + 1)
			}
			for rest := ramp; len(rest) > 0; {
				n := min(chunk, len(rest))
				if err := p.Write(t.Context(), rest[:n], nil); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			p.Finish()
			if err := p.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if len(out.frames) != 22 {
				t.Fatalf("%d frames for one and 20.8 of them", len(out.frames))
			}
			for i, frame := range out.frames[1:] {
				for k, v := range frame {
					want := float32(i*playout.FrameSamples + k + 1)
					if want > total {
						want = 0
					}
					if v != want {
						t.Fatalf("chunks of %d: sample %d of frame %d is %v, want %v", chunk, k, i, v, want)
					}
				}
			}
		})
	}
}

// A pacer that was held up sends what is due and starts a new schedule instead of a burst; a small
// delay is made up for.
func TestDelays(t *testing.T) {
	for name, c := range map[string]struct{ held, gap time.Duration }{
		"small": {70 * time.Millisecond, 0},
		"large": {300 * time.Millisecond, playout.FrameLength},
	} {
		t.Run(name, func(t *testing.T) {
			out := &slow{hold: c.held}
			synctest.Test(t, func(t *testing.T) {
				p := playout.New(out, out)
				if err := p.Write(t.Context(), constant(5*960, 0.5), nil); err != nil {
					t.Fatal(err)
				}
				p.Finish()
				if err := p.Drain(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := p.Close(); err != nil {
					t.Fatal(err)
				}
			})
			if got := out.times[2].Sub(out.times[1]); got != c.gap {
				t.Errorf("the packet behind the late one left %v later, want %v", got, c.gap)
			}
		})
	}
}

// slow holds the first packet up.
type slow struct {
	tap
	hold time.Duration
}

func (s *slow) WriteOpus(packet []byte, stamp uint32, d time.Duration) error {
	first := len(s.times) == 0
	err := s.tap.WriteOpus(packet, stamp, d)
	if first {
		time.Sleep(s.hold)
	}
	return err
}

// The change of loudness takes a quarter of a frame, evenly, and stays; the first packet has a time
// stamp that is not "not set".
func TestGainMovesEvenly(t *testing.T) {
	out := &tap{}
	inBubble(t, out, func(t *testing.T, p *playout.Player) {
		if err := p.Write(t.Context(), constant(3*960, 1), nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
		p.SetGain(0.5)
		time.Sleep(20 * time.Millisecond)
		p.SetGain(1)
		p.Finish()
		if err := p.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if f := out.frames[0]; f[0] != 1 || f[959] != 1 {
			t.Error("before the change")
		}
		if f := out.frames[1]; f[0] != 1 || f[120] != 0.75 || f[240] != 0.5 || f[959] != 0.5 {
			t.Errorf("down: %v %v %v %v", f[0], f[120], f[240], f[959])
		}
		if f := out.frames[2]; f[0] != 0.5 || f[120] != 0.75 || f[240] != 1 || f[959] != 1 {
			t.Errorf("up: %v %v %v %v", f[0], f[120], f[240], f[959])
		}
		if out.stamps[0] == 0 {
			t.Error("the first time stamp is not set")
		}
	})
}
