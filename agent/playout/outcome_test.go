package playout_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/playout"
)

// inBubble starts a player and closes it at the end; what Close says is not looked at.
func inBubble(t *testing.T, out *tap, body func(t *testing.T, p *playout.Player)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := playout.New(out, out)
		defer func() { _ = p.Close() }()
		synctest.Wait() // it sleeps: what is written has to wake it
		body(t, p)
	})
}

// Whoever gives up waiting is told so, with the reason that the context carries: never success.
func TestGivingUpIsAnError(t *testing.T) {
	reason := errors.New("turn is over")
	for name, wait := range map[string]func(ctx context.Context, p *playout.Player) error{
		"write": func(ctx context.Context, p *playout.Player) error { return p.Write(ctx, constant(480000, 0.5), nil) },
		"drain": func(ctx context.Context, p *playout.Player) error { return p.Drain(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, &tap{}, func(t *testing.T, p *playout.Player) {
				if err := p.Write(t.Context(), constant(9600, 0.5), nil); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancelCause(t.Context())
				failed := make(chan error, 1)
				begin := time.Now()
				go func() { failed <- wait(ctx, p) }()
				time.Sleep(50 * time.Millisecond)
				cancel(reason)
				if err := <-failed; !errors.Is(err, reason) {
					t.Errorf("got %v, want the reason of the context", err)
				}
				if d := time.Since(begin); d != 50*time.Millisecond {
					t.Errorf("came back after %v", d)
				}
			})
		})
	}
}

// A player that is closed says so to everybody, before and after.
func TestClosedPlayerIsAnError(t *testing.T) {
	for name, wait := range map[string]func(p *playout.Player) error{
		"write": func(p *playout.Player) error { return p.Write(context.Background(), constant(480000, 0.5), nil) },
		"drain": func(p *playout.Player) error { return p.Drain(context.Background()) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, &tap{}, func(t *testing.T, p *playout.Player) {
				if err := p.Write(t.Context(), constant(9600, 0.5), nil); err != nil {
					t.Fatal(err)
				}
				failed := make(chan error, 1)
				go func() { failed <- wait(p) }()
				time.Sleep(time.Millisecond)
				if err := p.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
				if err := <-failed; !errors.Is(err, playout.ErrClosed) {
					t.Errorf("while closing: %v", err)
				}
				if err := wait(p); !errors.Is(err, playout.ErrClosed) {
					t.Errorf("after closing: %v", err)
				}
			})
		})
	}
}

// The first thing that went wrong is what Close tells, whoever it came from; later packets are
// tried all the same and counted.
func TestFirstErrorIsKept(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	out := &tap{fail: first}
	inBubble(t, out, func(t *testing.T, p *playout.Player) {
		if err := p.Write(t.Context(), constant(2*960, 0.5), nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond) // the first packet is out
		out.mu.Lock()
		out.fail = second
		out.mu.Unlock()
		p.Finish()
		if err := p.Drain(t.Context()); err != nil {
			t.Errorf("drain: %v: what cannot be sent has gone all the same", err)
		}
		if got, want := p.Stats(), (playout.Stats{Errors: 2}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		if err := p.Close(); !errors.Is(err, first) || errors.Is(err, second) {
			t.Errorf("close: %v", err)
		}
	})
}

// deaf refuses to encode.
type deaf struct {
	tap
	err error
}

func (d *deaf) Encode([]float32, []byte) (int, error) { return 0, d.err }

func TestEncoderErrorSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &deaf{err: errors.New("no codec")}
		p := playout.New(out, out)
		if err := p.Write(t.Context(), constant(960, 0.5), nil); err != nil {
			t.Fatal(err)
		}
		if err := p.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); !errors.Is(err, out.err) {
			t.Errorf("close: %v", err)
		}
		if len(out.stamps) != 0 || p.Stats().Errors != 1 || p.Stats().Packets != 0 {
			t.Errorf("%d packets were sent, %+v", len(out.stamps), p.Stats())
		}
	})
}

// The end of an utterance that is shorter than a packet is heard: padded with silence, without an
// underrun.
func TestShortUtteranceIsSent(t *testing.T) {
	out := &tap{}
	inBubble(t, out, func(t *testing.T, p *playout.Player) {
		if err := p.Write(t.Context(), constant(100, 0.5), nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		if got := p.Stats(); got != (playout.Stats{}) {
			t.Errorf("a packet left before the utterance was complete: %+v", got)
		}
		p.Finish()
		synctest.Wait()
		if err := p.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := p.Stats(), (playout.Stats{Packets: 1}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		if f := out.frames[0]; f[0] != 0.5 || f[99] != 0.5 || f[100] != 0 || f[959] != 0 {
			t.Error("the frame is not the 100 samples and silence")
		}
	})
}

// An underrun is a frame that a speaker left incomplete: counted exactly, in the middle of an
// utterance only.
func TestUnderrunsAreCounted(t *testing.T) {
	out := &tap{}
	inBubble(t, out, func(t *testing.T, p *playout.Player) {
		if err := p.Write(t.Context(), constant(2*960, 0.5), nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(95 * time.Millisecond) // packets at 0 and 20 ms, silence at 40, 60 and 80
		if got, want := p.Stats(), (playout.Stats{Packets: 5, Underruns: 3}); got != want {
			t.Errorf("in the gap: %+v, want %+v", got, want)
		}
		if err := p.Write(t.Context(), constant(960, 0.25), nil); err != nil {
			t.Fatal(err)
		}
		p.Finish()
		time.Sleep(time.Second)
		if got, want := p.Stats(), (playout.Stats{Packets: 6, Underruns: 3}); got != want {
			t.Errorf("at the end: %+v, want %+v", got, want)
		}
		if out.frames[5][0] != 0.25 || out.frames[4][0] != 0 {
			t.Error("what was written after the gap comes after the silence")
		}
		if d := out.times[5].Sub(out.times[4]); d != playout.FrameLength {
			t.Errorf("the packet behind the gap left %v after the silence", d)
		}
	})
}

// A flush forgets: what was queued, the marks behind it, and that somebody was speaking. The next
// utterance is heard from its first sample.
func TestFlushForgets(t *testing.T) {
	out := &tap{}
	inBubble(t, out, func(t *testing.T, p *playout.Player) {
		called := 0
		if err := p.Write(t.Context(), constant(4*960, 0.5), nil); err != nil {
			t.Fatal(err)
		}
		if err := p.Write(t.Context(), constant(960, 0.5), func(time.Time) { called++ }); err != nil {
			t.Fatal(err)
		}
		if got := p.Queued(); got != 100*time.Millisecond {
			t.Errorf("%v queued", got)
		}
		time.Sleep(30 * time.Millisecond) // two packets
		drained := make(chan error, 1)
		go func() { drained <- p.Drain(t.Context()) }()
		synctest.Wait()
		p.Flush()
		if err := <-drained; err != nil {
			t.Errorf("drain: %v", err)
		}
		if got, want := p.Stats(), (playout.Stats{Packets: 2, Flushed: 3 * 960}); got != want || p.Queued() != 0 {
			t.Errorf("%+v and %v queued, want %+v", got, p.Queued(), want)
		}
		time.Sleep(time.Second)
		// The packet that was due is silence: a receiver that gets nothing makes up the end of the
		// voice.
		if got := p.Stats().Packets; got != 3 || out.frames[2][0] != 0 || called != 0 {
			t.Errorf("%d packets, mark called %d times after a flush", got, called)
		}
		var at time.Time
		if err := p.Write(t.Context(), constant(960, 0.25), func(a time.Time) { at = a; called++ }); err != nil {
			t.Fatal(err)
		}
		p.Finish()
		if err := p.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if called != 1 || !at.Equal(out.times[3]) || out.frames[3][0] != 0.25 {
			t.Errorf("mark called %d times, at %v; packet left at %v", called, at, out.times[3])
		}
	})
}

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
			// An utterance that is no whole number of frames moves the places of the next ones in the queue.
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
