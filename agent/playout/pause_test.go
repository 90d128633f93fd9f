package playout_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/playout"
)

// counted are samples that all differ, so that it shows which were heard, and how often.
func counted(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = 0.5 + float32(i)/float32(4*n)
	}
	return out
}

// say writes an utterance in a goroutine and returns what came of it.
func say(t *testing.T, p *playout.Player, pcm []float32, mark playout.Mark) <-chan error {
	t.Helper()
	wrote := make(chan error, 1)
	go func() {
		err := p.Write(t.Context(), pcm, mark)
		p.Finish()
		wrote <- err
	}()
	return wrote
}

// TestAPauseLosesNothing: wherever speech without gaps is paused, nothing leaves within a packet,
// it goes on with the very sample, however long it took, and its mark is called once.
func TestAPauseLosesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 1))
	for range 60 {
		total, after := 5000+random.IntN(60_000), time.Duration(random.IntN(1500))*time.Millisecond
		pause := time.Duration(random.IntN(3000)) * time.Millisecond
		out := &tap{}
		inBubble(t, out, func(t *testing.T, p *playout.Player) {
			pcm, marks := counted(total), 0
			wrote := say(t, p, pcm, func(time.Time) { marks++ })
			time.Sleep(after + time.Millisecond/2)
			p.Pause()
			time.Sleep(playout.FrameLength)
			synctest.Wait()
			before := len(out.times)
			time.Sleep(pause)
			synctest.Wait()
			if len(out.times) != before {
				t.Errorf("%d packets left in the pause", len(out.times)-before)
			}
			p.Resume()
			if err := errors.Join(<-wrote, p.Drain(t.Context())); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			synctest.Wait()
			places := map[float32]int{}
			for i, x := range pcm {
				places[x] = i
			}
			whole, last := 0, -1
			for _, x := range out.heard() {
				if i, is := places[x]; is && i > last {
					whole, last = whole+1, i
				}
			}
			// Both sides of the pause fade for 5 ms: those samples are there and quieter.
			if missing := total - whole; marks != 1 || missing > 240 || last < total-1 || p.Stats().Rewound != 0 {
				t.Errorf("%d samples, paused after %v for %v: %d came whole, the last is %d, %d marks, %+v", total, after, pause, whole, last, marks, p.Stats())
			}
		})
	}
}

// TestAPauseGoesBackToTheWord: words of 300 ms with gaps of 100 ms: a word that was cut is said
// again from its beginning, at most 10 ms of the gap before it, and nothing of the word before.
func TestAPauseGoesBackToTheWord(t *testing.T) {
	const word, gap = 14_400, 4800
	var pcm []float32
	for i := range 6 {
		pcm = append(append(pcm, constant(word, 0.1*float32(i+1))...), make([]float32, gap)...)
	}
	for _, c := range []struct{ after, cut, heard int }{
		{200, 0, 0},   // in the first word: there is no gap before it
		{500, 1, 10},  // 100 ms into the second word
		{680, 1, 280}, // at its end
		{760, 2, 0},   // in the gap behind it
		{1300, 3, 10}, // in the fourth
	} {
		out := &tap{}
		inBubble(t, out, func(t *testing.T, p *playout.Player) {
			wrote := say(t, p, pcm, nil)
			time.Sleep(time.Duration(c.after)*time.Millisecond + time.Millisecond/2)
			p.Pause()
			time.Sleep(time.Second)
			synctest.Wait()
			n := len(out.frames)
			p.Resume()
			if err := errors.Join(<-wrote, p.Drain(t.Context())); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			synctest.Wait()
			var again []float32
			for _, f := range out.frames[n:] {
				again = append(again, f...)
			}
			level, lead := 0.1*float32(c.cut+1), 0
			for lead < len(again) && again[lead] == 0 {
				lead++
			}
			switch rewound := int(p.Stats().Rewound); {
			case c.cut == 0 && rewound != 0:
				t.Errorf("after %d ms: rewound %d without a gap", c.after, rewound)
			case c.heard > 0 && (lead > 2*480 || again[lead+480] != level || again[lead+word-1] != level || again[lead+word+480] != 0):
				t.Errorf("after %d ms: it goes on with %d samples of silence, then %v", c.after, lead, again[lead+480])
			case rewound > 0 && time.Duration(rewound)*time.Second/playout.SampleRate > playout.MaxRewound:
				t.Errorf("after %d ms: rewound %d", c.after, rewound)
			}
		})
	}
}

// TestAPauseKeepsTheWriterWaiting: what is ahead stays bounded, and Flush ends a pause and all of
// it.
func TestAPauseKeepsTheWriterWaiting(t *testing.T) {
	out := &tap{}
	inBubble(t, out, func(t *testing.T, p *playout.Player) {
		p.Pause() // nothing is being said
		wrote := say(t, p, constant(48_000, 0.5), nil)
		time.Sleep(300*time.Millisecond + time.Millisecond/2)
		p.Pause()
		p.Pause()
		time.Sleep(time.Minute)
		select {
		case err := <-wrote:
			t.Fatalf("written in a pause: %v", err)
		default:
		}
		if q := p.Queued(); q > playout.MaxQueued {
			t.Errorf("%v wait", q)
		}
		p.Flush()
		if err := <-wrote; !errors.Is(err, playout.ErrFlushed) {
			t.Errorf("%v", err)
		}
		n := len(out.heard())
		p.Resume()
		if err := errors.Join(<-say(t, p, constant(960, 0.25), nil), p.Drain(t.Context())); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		after := out.heard()[n:]
		for len(after) > 0 && after[0] == 0 {
			after = after[1:]
		}
		if len(after) < 960-240 || after[len(after)-1] != 0.25 {
			t.Errorf("the next utterance: %d samples", len(after))
		}
		if at := p.Sounded(); time.Since(at) < time.Second || time.Since(at) > 1100*time.Millisecond {
			t.Errorf("sounded %v ago", time.Since(at))
		}
	})
}

// TestAPauseMayBeWaitedForInVain: who drains gives up with its context, as ever.
func TestAPauseMayBeWaitedForInVain(t *testing.T) {
	out := &tap{}
	inBubble(t, out, func(t *testing.T, p *playout.Player) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.Write(ctx, constant(4800, 0.5), nil); err != nil {
			t.Fatal(err)
		}
		p.Finish()
		synctest.Wait()
		p.Pause()
		if err := p.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
	})
}
