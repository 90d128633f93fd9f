package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/playout"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/tts"
)

// speak says clause by clause and returns when the last packet has been sent. The voice works ahead of the playout, so that no gap is
// heard between clauses.
func (r *turnRun) speak(ctx context.Context, clauses <-chan string) error {
	voice, player := r.session.speaker, r.session.player
	convert, err := media.NewResampler(voice.SampleRate(), playout.SampleRate)
	if err != nil {
		return err
	}
	var pcm []float32
	var mark playout.Mark
	err = tts.Narrate(ctx, voice, clauses, func(s tts.Spoken) error {
		if s.First {
			mark = r.mark(s.Clause)
		}
		if r.trace.FirstPCM.IsZero() {
			r.trace.FirstPCM = time.Now()
		}
		if pcm = convert.Process(pcm[:0], s.PCM); len(pcm) == 0 {
			return nil // the resampler has not seen enough yet
		}
		err := player.Write(ctx, pcm, mark)
		mark = nil
		return err
	})
	if err != nil {
		return fmt.Errorf("voice: %w", err)
	}
	if err := player.Write(ctx, convert.Flush(pcm[:0]), nil); err != nil {
		return err
	}
	player.Finish()
	return player.Drain(ctx)
}

// mark returns what the player calls when the clause's first packet has been sent. It runs on the player's goroutine, so it does not
// wait: the turn's own goroutine passes the report on.
func (r *turnRun) mark(clause string) playout.Mark {
	return func(at time.Time) {
		unheard := !r.session.line.audible()
		r.mu.Lock()
		if r.firstPacket.IsZero() && !unheard {
			r.firstPacket = time.Now()
		}
		r.mu.Unlock()
		select {
		case r.audible <- clauseHeard{turn: r.turn, text: clause, at: at, unheard: unheard}:
		default:
			r.session.log.Warn("clause not reported: its report queue is full", "turn", r.trace.Turn)
		}
	}
}

// report passes on what became audible until the turn ends, and then what is still waiting.
func (r *turnRun) report(done <-chan struct{}) {
	for {
		select {
		case m := <-r.audible:
			r.session.post(m)
			continue
		default:
		}
		select {
		case m := <-r.audible:
			r.session.post(m)
		case <-done:
			if len(r.audible) == 0 {
				return
			}
		}
	}
}
