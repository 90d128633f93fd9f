package tts_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/tts"
)

// slowVoice takes a second for a clause and gives one piece a word, numbered by its first sample.
type slowVoice struct {
	said int
	err  error
}

func (*slowVoice) Name() string    { return "slow" }
func (*slowVoice) SampleRate() int { return 1000 }
func (*slowVoice) Close() error    { return nil }

func (s *slowVoice) Synthesize(ctx context.Context, clause string, emit func([]float32) error) error {
	if clause == "😀" {
		return tts.ErrNothingToSay
	}
	if clause == "bad" {
		return s.err
	}
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return ctx.Err()
	}
	for range strings.Fields(clause) {
		s.said++
		if err := emit([]float32{float32(s.said)}); err != nil {
			return err
		}
	}
	return nil
}

func channel(clauses ...string) <-chan string {
	c := make(chan string, len(clauses))
	for _, s := range clauses {
		c <- s
	}
	close(c)
	return c
}

func TestNarrateWorksAheadInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var heard []string
		next := float32(1)
		err := tts.Narrate(t.Context(), &slowVoice{}, channel("one two", "😀", "three", "four five six"), func(p tts.Spoken) error {
			if len(p.PCM) != 1 || p.PCM[0] != next {
				t.Errorf("piece %v, want %v", p.PCM, next)
			}
			next++
			if p.First {
				heard = append(heard, p.Clause)
			}
			<-time.After(time.Second) // plays it
			return nil
		})
		if err != nil || !slices.Equal(heard, []string{"one two", "three", "four five six"}) || next != 7 {
			t.Errorf("heard %q, %v", heard, err)
		}
		// One second until the first piece, six of play; the later clauses are made meanwhile.
		if took := time.Since(start); took != 7*time.Second {
			t.Errorf("took %v, want 7s without gaps", took)
		}
	})
}

func TestNarrateStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken, full := errors.New("broken"), errors.New("full")
		drop := func(tts.Spoken) error { return nil }
		err := tts.Narrate(t.Context(), &slowVoice{err: broken}, channel("one", "bad", "two"), drop)
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "clause 2") {
			t.Errorf("voice: %v", err)
		}
		if err := tts.Narrate(t.Context(), &slowVoice{}, channel("one", "two"), func(tts.Spoken) error { return full }); !errors.Is(err, full) {
			t.Errorf("consumer: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		count := 0
		err = tts.Narrate(ctx, &slowVoice{}, channel("one", "two", "three"), func(tts.Spoken) error { count++; return nil })
		if !errors.Is(err, context.DeadlineExceeded) || count != 1 {
			t.Errorf("during a clause: %v after %d pieces", err, count)
		}
		// A writer that never closes its channel does not hold it up either.
		if err := tts.Narrate(ctx, &slowVoice{}, make(chan string), drop); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("without clauses: %v", err)
		}
	})
}

// TestVoiceDoesNotWaitForTheConsumer: a clause is made to its end although nobody takes its pieces,
// such as while the floor belongs to another persona; the next one is begun when less than 10 s of
// them wait.
func TestVoiceDoesNotWaitForTheConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &slowVoice{}
		floor, rest := make(chan struct{}), make(chan struct{})
		done := make(chan error, 1)
		heard := 0
		go func() {
			done <- tts.Narrate(t.Context(), v, channel(strings.Repeat("word ", 500), "and more"), func(p tts.Spoken) error {
				switch heard {
				case 0:
					<-floor
				case 401:
					<-rest
				}
				heard++
				if p.PCM[0] != float32(heard) {
					t.Errorf("piece %v is the %d.", p.PCM, heard)
				}
				return nil
			})
		}()
		<-time.After(time.Hour)
		synctest.Wait()
		if v.said != 500 {
			t.Errorf("%d pieces of the first clause were made while nobody took them, and the next was not begun", v.said)
		}
		close(floor)
		<-time.After(time.Hour)
		synctest.Wait()
		if v.said != 502 || heard != 401 {
			t.Errorf("%d made with %d heard: with less than 100 waiting the next clause is made", v.said, heard)
		}
		close(rest)
		if err := <-done; err != nil || heard != 502 {
			t.Errorf("%d heard, %v", heard, err)
		}
	})
}

// What waits is bounded: a consumer that stands still stops the voice, and ends with it.
func TestNarrateIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &slowVoice{}
		ctx, cancel := context.WithCancel(t.Context())
		clauses := make([]string, 300)
		for i := range clauses {
			clauses[i] = "one two three"
		}
		done := make(chan error, 1)
		go func() {
			done <- tts.Narrate(ctx, v, channel(clauses...), func(tts.Spoken) error {
				<-ctx.Done()
				return ctx.Err()
			})
		}()
		<-time.After(time.Hour)
		synctest.Wait()
		if v.said != 102 { // one with the consumer, and with 98 waiting another clause was begun
			t.Errorf("%d pieces were made", v.said)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
