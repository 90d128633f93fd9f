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
		synctest.Wait() // the first packet leaves at once
		if got := p.Queued(); got != 80*time.Millisecond {
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

// slowTap is a tap on a line where a packet takes its time.
type slowTap struct {
	tap
}

func (t *slowTap) WriteOpus(packet []byte, timestamp uint32, duration time.Duration) error {
	time.Sleep(5 * time.Millisecond)
	return t.tap.WriteOpus(packet, timestamp, duration)
}

// TestDrainWaitsForTheLastPacket: what has been taken for a packet has not been sent yet.
func TestDrainWaitsForTheLastPacket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &slowTap{}
		p := playout.New(&out.tap, out)
		defer func() { _ = p.Close() }()
		if err := p.Write(t.Context(), constant(3*playout.FrameSamples, 0.5), ignore); err != nil {
			t.Fatal(err)
		}
		p.Finish()
		time.Sleep(2*playout.FrameLength + time.Millisecond) // the third is on its way
		if err := p.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		out.mu.Lock()
		defer out.mu.Unlock()
		if len(out.times) != 3 {
			t.Errorf("%d packets of 3 had left", len(out.times))
		}
	})
}
