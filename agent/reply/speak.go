package reply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/playout"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/tts"
)

// speak says clause by clause and returns when the last packet has been sent. The voice works ahead
// of the playout, so that no gap is heard between clauses; with the first of its sound the floor is
// asked for, and nothing is played before it is given.
func (r *Reply) speak(ctx context.Context, clauses <-chan string) error {
	voice, player := finishing{fencedVoice{r.from.Voice}, &r.speech}, r.from.Player
	convert, err := media.NewResampler(voice.SampleRate(), playout.SampleRate)
	if err != nil {
		return err
	}
	var pcm []float32
	var mark playout.Mark
	play := func() error {
		if len(pcm) == 0 {
			return nil // the resampler has not seen enough yet
		}
		if err := r.awaitFloor(ctx); err != nil {
			return err
		}
		err := player.Write(ctx, pcm, mark)
		mark = nil
		return err
	}
	err = tts.Narrate(ctx, voice, clauses, func(s tts.Spoken) error {
		if s.First {
			pcm = convert.Flush(pcm[:0]) // what the clause before ends with is on its side of the mark
			if err := errors.Join(play(), r.speech.clause()); err != nil {
				return err
			}
			mark = r.mark(s.Clause)
		}
		if r.trace.FirstPCM.IsZero() {
			r.trace.FirstPCM = time.Now()
		}
		pcm = convert.Process(pcm[:0], s.PCM)
		return play()
	})
	if err != nil && !beyond(err) {
		return fmt.Errorf("voice: %w", err)
	}
	ended := err // the reply was told to, or nil
	pcm = convert.Flush(pcm[:0])
	if err := play(); err != nil && !beyond(err) {
		return err
	}
	player.Finish()
	if err := player.Drain(ctx); err != nil {
		return err
	}
	return ended
}

// fencedVoice is a voice whose panics are errors: it runs on a goroutine of its own.
type fencedVoice struct{ tts.Voice }

// Synthesize implements tts.Voice.
func (v fencedVoice) Synthesize(ctx context.Context, clause string, emit func([]float32) error) error {
	return fence.Do(func() error { return v.Voice.Synthesize(ctx, clause, emit) })
}

// awaitFloor says, once, that speech is prepared, and waits until it may be audible.
func (r *Reply) awaitFloor(ctx context.Context) error {
	if r.asked {
		return nil // it has the floor
	}
	r.asked, r.trace.FloorAsked = true, time.Now()
	r.tell(Ready{r})
	select {
	case <-r.floor:
		r.trace.FloorGiven = time.Now()
		return r.speech.open()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// mark returns what the player calls when the clause's first packet has been sent. It runs on the
// player's goroutine, so it does not wait.
func (r *Reply) mark(clause string) playout.Mark {
	return func(at time.Time) {
		r.speech.audible()
		heard := r.from.Heard()
		r.mu.Lock()
		if r.firstPacket.IsZero() && heard {
			r.firstPacket = time.Now()
		}
		r.mu.Unlock()
		var report Report = Audible{r, clause, at}
		if !heard {
			report = Unheard{r}
		}
		if !r.tell(report) {
			r.from.Log.Warn("clause not reported: its report queue is full", "turn", r.Turn)
		}
	}
}
