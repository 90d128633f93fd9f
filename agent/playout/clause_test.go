package playout_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/playout"
)

// heard are the samples that were sent, without the silence behind them.
func (t *tap) heard() (out []float32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.frames {
		out = append(out, f...)
	}
	for len(out) > 0 && out[len(out)-1] == 0 {
		out = out[:len(out)-1]
	}
	return out
}

func ignore(time.Time) {}

// TestAnUtteranceEndsBeforeItsNextMark: wherever it is told to, all of the clause that is heard is
// heard, and not a sample of the next one; the next utterance is heard whole.
func TestAnUtteranceEndsBeforeItsNextMark(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	for range 60 {
		first, second, after := 1+random.IntN(30_000), 1+random.IntN(30_000), time.Duration(random.IntN(900))*time.Millisecond
		out := &tap{}
		inBubble(t, out, func(t *testing.T, p *playout.Player) {
			marked := 0
			wrote := make(chan error, 2)
			go func() {
				wrote <- p.Write(t.Context(), constant(first, 0.5), func(time.Time) { marked = 1 })
				wrote <- p.Write(t.Context(), constant(second, 0.25), func(time.Time) { marked = 2 })
				p.Finish()
			}()
			time.Sleep(after + time.Millisecond/2) // between two packets
			synctest.Wait()
			in, want := marked, first
			heard, cut := p.FinishClause()
			if in == 2 {
				want += second
			}
			err1, err2 := <-wrote, <-wrote
			if err1 != nil || err2 != nil && (in == 2 || !errors.Is(err2, playout.ErrEnded)) {
				t.Errorf("written: %v, %v", err1, err2)
			}
			p.Finish() // it was complete before it was ended, perhaps
			if err := p.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if got := len(out.heard()); got != want || cut && in == 2 || !cut && in == 1 && err2 == nil {
				t.Errorf("%d and %d samples, ended in clause %d after %v: %d heard, want %d; %v, %v", first, second, in, after, got, want, heard, cut)
			}
			synctest.Wait()
			if marked != in {
				t.Errorf("clause %d was reported after it was ended in %d", marked, in)
			}
			if err := p.Write(t.Context(), constant(500, 0.125), ignore); err != nil {
				t.Fatal(err)
			}
			p.Finish()
			if err := p.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			next := out.heard()
			next = next[max(len(next)-501, 0):]
			if len(next) != 501 || next[0] == 0.125 || next[1] != 0.125 || next[500] != 0.125 {
				t.Error("the next utterance is not heard whole")
			}
		})
	}
}

// TestWhatIsBehindTheLastClauseIsRefused: a writer that waits is freed at once, one that goes on
// with the clause is not, and the next clause is an error until the utterance is complete or
// flushed.
func TestWhatIsBehindTheLastClauseIsRefused(t *testing.T) {
	for name, end := range map[string]func(*playout.Player){"complete": (*playout.Player).Finish, "flushed": (*playout.Player).Flush} {
		t.Run(name, func(t *testing.T) {
			out := &tap{}
			inBubble(t, out, func(t *testing.T, p *playout.Player) {
				if err := p.Write(t.Context(), constant(1000, 0.5), ignore); err != nil {
					t.Fatal(err)
				}
				waits := make(chan error, 1)
				go func() { waits <- p.Write(t.Context(), constant(48_000, 0.25), ignore) }()
				synctest.Wait()
				begin := time.Now()
				if heard, cut := p.FinishClause(); !heard || !cut {
					t.Errorf("heard %v, cut %v", heard, cut)
				}
				if err := <-waits; !errors.Is(err, playout.ErrEnded) || !time.Now().Equal(begin) {
					t.Errorf("who waited got %v after %v", err, time.Since(begin))
				}
				if err := p.Write(t.Context(), constant(1, 0.25), nil); !errors.Is(err, playout.ErrEnded) {
					t.Errorf("the rest of it: %v", err)
				}
				end(p)
				if err := p.Write(t.Context(), constant(1, 0.25), ignore); err != nil {
					t.Errorf("the next utterance: %v", err)
				}
				p.Flush()

				if err := p.Write(t.Context(), constant(9600, 0.5), ignore); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * playout.FrameLength)
				if heard, cut := p.FinishClause(); !heard || cut {
					t.Errorf("with nothing behind it: heard %v, cut %v", heard, cut)
				}
				if err := p.Write(t.Context(), constant(9600, 0.5), nil); err != nil {
					t.Errorf("the rest of the clause: %v", err)
				}
				for _, mark := range []playout.Mark{ignore, nil} {
					if err := p.Write(t.Context(), constant(960, 0.25), mark); !errors.Is(err, playout.ErrEnded) {
						t.Errorf("the next clause: %v", err)
					}
				}
				end(p)
				if err := p.Write(t.Context(), constant(960, 0.5), ignore); err != nil {
					t.Errorf("the next utterance: %v", err)
				}
			})
		})
	}
}

// TestAnUtteranceThatIsNotHeardYetIsNot: what waits for its first packet is thrown away whole.
func TestAnUtteranceThatIsNotHeardYetIsNot(t *testing.T) {
	out := &tap{}
	inBubble(t, out, func(t *testing.T, p *playout.Player) {
		if err := p.Write(t.Context(), constant(playout.FrameSamples-1, 0.5), func(time.Time) { t.Error("it is heard") }); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if heard, cut := p.FinishClause(); heard || !cut || p.Queued() != 0 {
			t.Errorf("heard %v, cut %v, %v queued", heard, cut, p.Queued())
		}
		if got := p.Stats(); got.Flushed != playout.FrameSamples-1 || got.Packets != 0 {
			t.Errorf("%+v", got)
		}
		p.Finish()
		if err := p.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if n := p.Stats().Packets; n != 0 {
			t.Errorf("%d packets", n)
		}
	})
}
