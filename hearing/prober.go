package hearing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// judgedClip is what a TurnDetector is given at most: what Smart Turn hears.
const judgedClip = 8 * time.Second

// prober asks the TurnDetector of a track, one question at a time. The listener's goroutine owns
// it.
type prober struct {
	detector TurnDetector // nil: never asked
	timeout  time.Duration

	asking bool
	failed time.Time // last time that a failure was reported
	wg     sync.WaitGroup
	out    chan judgement // has room for the one under way
}

// judgement is an answer.
type judgement struct {
	silentAt time.Duration
	over     float32
	err      error
}

func newProber(detector TurnDetector, timeout time.Duration) prober {
	return prober{detector: detector, timeout: timeout, out: make(chan judgement, 1)}
}

// ask has a clip judged that ends in the silence since silentAt. While an earlier question is under
// way it does nothing and returns false. pcm stays unchanged.
func (p *prober) ask(ctx context.Context, silentAt time.Duration, pcm []float32) bool {
	if p.asking {
		return false
	}
	p.asking = true
	p.wg.Go(func() {
		ctx, cancel := context.WithTimeoutCause(ctx, p.timeout, ErrTooSlow)
		defer cancel()
		over, err := p.detector.EndOfTurn(ctx, pcm)
		if err != nil && errors.Is(context.Cause(ctx), ErrTooSlow) {
			err = errors.Join(ErrTooSlow, err)
		}
		if err == nil && !(over >= 0 && over <= 1) {
			err = fmt.Errorf("%w: end of turn with probability %v", ErrModel, over)
		}
		p.out <- judgement{silentAt, over, err}
	})
	return true
}

// probe asks about the utterance under way.
func (e *ears) probe(ctx context.Context, s Signal) {
	if e.probes.detector == nil {
		return
	}
	from := max(e.scribe.partAt, e.tape.end()-samplesIn(judgedClip))
	if !e.probes.ask(ctx, s.At, e.tape.copyFrom(from, nil)) {
		e.counts.skippedProbes.Add(1)
	}
}

// answered takes an answer.
func (e *ears) answered(ctx context.Context, j judgement) {
	e.probes.asking = false
	if j.err != nil {
		if ctx.Err() != nil {
			return
		}
		e.counts.failures.Add(1)
		if now := time.Now(); now.Sub(e.probes.failed) >= failureEvery {
			e.probes.failed = now
			e.cfg.Logger.Warn("end of turn could not be heard", "error", j.err)
			e.emit(ctx, Failed{Stage: StageTurn, Err: j.err})
		}
		return
	}
	e.counts.probes.Add(1)
	e.signals = e.endpoint.Judged(j.silentAt, j.over, e.signals[:0])
	e.apply(ctx)
}
