package playout_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/agent/playout"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tap stands for encoder and track at once: it keeps the samples, when they were sent and with
// which RTP time.
type tap struct {
	mu     sync.Mutex
	frames [][]float32
	times  []time.Time
	stamps []uint32
	fail   error
}

func (t *tap) Encode(pcm []float32, dst []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.frames = append(t.frames, append([]float32(nil), pcm...))
	return copy(dst, "opus"), nil
}

func (t *tap) WriteOpus(_ []byte, timestamp uint32, _ time.Duration) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.times = append(t.times, time.Now())
	t.stamps = append(t.stamps, timestamp)
	return t.fail
}

func constant(n int, v float32) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func TestPacketsLeaveEvery20Milliseconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &tap{}
		p := playout.New(out, out)
		begin := time.Now()
		if err := p.Write(t.Context(), constant(48000, 0.5), nil); err != nil {
			t.Fatal(err)
		}
		// 10 packets may be queued, and the first of 50 leaves at once: the last fits when the 40th
		// leaves.
		if d := time.Since(begin); d != 39*playout.FrameLength {
			t.Errorf("writing 1 s took %v, want 780 ms: 200 ms may be queued", d)
		}
		p.Finish()
		if err := p.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if len(out.frames) != 50 {
			t.Fatalf("%d packets for 1 s, want 50", len(out.frames))
		}
		for i := 1; i < len(out.times); i++ {
			if d := out.times[i].Sub(out.times[i-1]); d != playout.FrameLength {
				t.Errorf("packet %d left %v after the one before", i, d)
			}
			if d := out.stamps[i] - out.stamps[i-1]; d != playout.FrameSamples {
				t.Errorf("packet %d is %d samples after the one before", i, d)
			}
		}
	})
}

func TestPauseBetweenUtterancesKeepsTheMediaClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &tap{}
		p := playout.New(out, out)
		for range 2 {
			if err := p.Write(t.Context(), constant(960, 0.5), nil); err != nil {
				t.Fatal(err)
			}
			p.Finish()
			if err := p.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if len(out.stamps) != 2 {
			t.Fatalf("%d packets, want 2: a silent persona sends nothing", len(out.stamps))
		}
		if d := out.stamps[1] - out.stamps[0]; d != 48000 {
			t.Errorf("a pause of 1 s moved the RTP time by %d, want 48000", d)
		}
	})
}

func TestSlowSpeakerIsFilledWithSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &tap{}
		p := playout.New(out, out)
		for range 2 {
			if err := p.Write(t.Context(), constant(960, 0.5), nil); err != nil {
				t.Fatal(err)
			}
			time.Sleep(60 * time.Millisecond)
		}
		p.Finish()
		time.Sleep(time.Second)
		if got := p.Stats().Underruns; got < 2 {
			t.Errorf("%d underruns counted, want at least 2", got)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		voiced := 0
		for _, f := range out.frames {
			if f[0] == 0.5 {
				voiced++
			}
		}
		if voiced != 2 {
			t.Errorf("%d frames with speech, want 2", voiced)
		}
	})
}

func TestFlushSilencesAtOnceAndFreesTheWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &tap{}
		p := playout.New(out, out)
		failed := make(chan error, 1)
		go func() { failed <- p.Write(t.Context(), constant(480000, 0.5), nil) }()
		time.Sleep(510 * time.Millisecond) // between two packets
		at := time.Now()
		p.Flush()
		if err := <-failed; !errors.Is(err, playout.ErrFlushed) || time.Since(at) != 0 {
			t.Errorf("the writer got %v after %v, want ErrFlushed at once", err, time.Since(at))
		}
		sent := p.Stats().Packets
		time.Sleep(time.Second)
		if after := p.Stats().Packets; after > sent+1 {
			t.Errorf("%d packets were sent after Flush", after-sent)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestMarkIsCalledWhenItsSamplesAreSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &tap{}
		p := playout.New(out, out)
		begin := time.Now()
		var first, second time.Duration
		if err := p.Write(t.Context(), constant(9600, 0.5), func(time.Time) { first = time.Since(begin) }); err != nil {
			t.Fatal(err)
		}
		if err := p.Write(t.Context(), constant(960, 0.25), func(time.Time) { second = time.Since(begin) }); err != nil {
			t.Fatal(err)
		}
		p.Finish()
		if err := p.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if first != 0 || second != 200*time.Millisecond {
			t.Errorf("marks at %v and %v, want 0 and 200 ms", first, second)
		}
	})
}

// The last sample of an utterance that is one longer than a packet is heard.
func TestLastSampleIsSent(t *testing.T) {
	out := &tap{}
	inBubble(t, out, func(t *testing.T, p *playout.Player) {
		if err := p.Write(t.Context(), constant(961, 0.5), nil); err != nil {
			t.Fatal(err)
		}
		p.Finish()
		if err := p.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if f := out.frames; len(f) != 2 || f[1][0] != 0.5 || f[1][1] != 0 {
			t.Errorf("%d packets for 961 samples", len(f))
		}
	})
}

func TestDuckingLowersTheVoice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &tap{}
		p := playout.New(out, out)
		p.SetGain(0.25)
		if err := p.Write(t.Context(), constant(1920, 0.8), nil); err != nil {
			t.Fatal(err)
		}
		p.Finish()
		if err := p.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if got := out.frames[1][500]; got != 0.2 {
			t.Errorf("sample of %v, want 0.2", got)
		}
	})
}

func TestCloseFreesAWaitingWriterAndReportsTheTrack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("track is gone")
		out := &tap{fail: broken}
		p := playout.New(out, out)
		failed := make(chan error, 1)
		go func() { failed <- p.Write(context.Background(), constant(480000, 0.5), nil) }()
		time.Sleep(time.Second)
		if err := p.Close(); !errors.Is(err, broken) {
			t.Errorf("Close returned %v, want the track's error", err)
		}
		if err := <-failed; !errors.Is(err, playout.ErrClosed) {
			t.Errorf("the writer got %v, want ErrClosed", err)
		}
		if err := p.Close(); !errors.Is(err, broken) {
			t.Errorf("second Close returned %v", err)
		}
	})
}

type null struct{}

func (null) Encode([]float32, []byte) (int, error)         { return 1, nil }
func (null) WriteOpus([]byte, uint32, time.Duration) error { return nil }

func BenchmarkWriteOneFrame(b *testing.B) {
	p := playout.New(null{}, null{})
	frame := constant(playout.FrameSamples, 0.1)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Write(b.Context(), frame, nil); err != nil {
			b.Fatal(err)
		}
		p.Flush()
	}
	if err := p.Close(); err != nil {
		b.Fatal(err)
	}
}
