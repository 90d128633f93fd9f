package hearing

import (
	"context"
	"math"
	"time"
)

const (
	gapTolerance = 60 * time.Millisecond  // media time may run ahead this far without silence being put in
	longestFill  = 4 * time.Second        // silence put in for one gap: enough to end any utterance
	stallAfter   = 200 * time.Millisecond // nothing heard for this long within an utterance: the track is muted or gone
	stallStep    = 3 * WindowLength       // and then this much silence at a time
	resetAfter   = 16                     // quiet windows after which the detector starts afresh
	failureEvery = time.Second            // failures of the detector are reported at most this often
)

// ears is the state of a listener's goroutine, and only that goroutine touches it.
type ears struct {
	*Listener
	endpoint *Endpointer
	tape     tape
	scribe   scribe
	probes   prober
	signals  []Signal
	treble   treble

	judged     int64         // position up to which windows were judged
	quiet      int           // quiet windows in a row
	lastAudio  time.Time     // when audio was last taken
	stallFill  time.Duration // silence put in since
	ended      bool          // the track has ended and all of it was judged
	voiceError time.Time     // last time that a failure of the detector was reported

	in [WindowSamples]float32
}

func newEars(l *Listener, endpoint *Endpointer) *ears {
	e := &ears{Listener: l, endpoint: endpoint, signals: make([]Signal, 0, 8), treble: newTreble()}
	e.tape.pcm = make([]float32, 0, 4*SampleRate)
	e.scribe.init(l, &e.tape)
	e.probes = newProber(l.cfg.Turn, l.cfg.FinalTimeout)
	return e
}

// listen runs until ctx ends, or the track has ended and nothing is left to do. It waits for all
// transcripts it began.
func (e *ears) listen(ctx context.Context) {
	defer e.probes.wg.Wait()
	defer e.scribe.close()
	stall := time.NewTimer(stallAfter)
	defer stall.Stop()
	for ctx.Err() == nil {
		e.hear(ctx)
		if e.ended && e.scribe.idle() && !e.probes.asking {
			return
		}
		if e.endpoint.Idle() || e.ended || e.cfg.NoStall {
			stall.Stop()
		} else {
			stall.Reset(e.stallIn())
		}
		e.inbox.want(e.missing())
		select {
		case <-ctx.Done():
		case <-e.inbox.ready:
		case r := <-e.scribe.results:
			e.settle(ctx, r)
		case j := <-e.probes.out:
			e.answered(ctx, j)
		case <-stall.C:
			e.stalled(ctx)
		}
	}
}

// missing is how many samples there have to come before there is something to judge. Within an
// utterance every one counts, since the track may fall quiet.
func (e *ears) missing() int {
	if !e.endpoint.Idle() {
		return 1
	}
	return WindowSamples - int(e.tape.end()-e.judged)
}

// hear judges everything in the inbox.
func (e *ears) hear(ctx context.Context) {
	for ctx.Err() == nil && !e.ended {
		got, ended := e.inbox.take(e.in[:])
		if got.samples == 0 {
			if ended {
				e.endTrack(ctx)
			}
			return
		}
		e.lastAudio, e.stallFill = time.Now(), 0
		e.align(ctx, got.media)
		e.tape.anchor(got.media, got.captured)
		e.tape.add(e.in[:got.samples])
		e.judge(ctx, false)
		e.poll(ctx)
	}
}

// poll settles transcripts and judgements that are ready, so that a long backlog of audio does not
// delay them.
func (e *ears) poll(ctx context.Context) {
	select {
	case r := <-e.scribe.results:
		e.settle(ctx, r)
	case j := <-e.probes.out:
		e.answered(ctx, j)
	default:
	}
}

// align puts silence in where media time jumps ahead of what was heard so far.
func (e *ears) align(ctx context.Context, media time.Duration) {
	expected, ok := e.tape.next()
	if !ok {
		return
	}
	if gap := media - expected; gap > gapTolerance {
		e.fill(ctx, min(gap, longestFill))
	}
}

// stallIn returns how long to wait for audio before silence is put in.
func (e *ears) stallIn() time.Duration {
	if e.stallFill > 0 {
		return stallStep
	}
	return max(time.Millisecond, time.Until(e.lastAudio.Add(stallAfter)))
}

// stalled puts silence in for a track that has fallen quiet within an utterance.
func (e *ears) stalled(ctx context.Context) {
	missing := time.Since(e.lastAudio) - e.stallFill
	if missing < stallStep {
		return
	}
	e.stallFill += missing
	e.fill(ctx, missing)
}

// fill puts silence in.
func (e *ears) fill(ctx context.Context, d time.Duration) {
	for n := samplesIn(min(d, longestFill)); n > 0 && ctx.Err() == nil; n -= WindowSamples {
		e.tape.fill(int(min(n, WindowSamples)))
		e.judge(ctx, true)
	}
}

// judge hands all whole windows on the tape to the machine. Windows that were put in need no
// detector.
func (e *ears) judge(ctx context.Context, filled bool) {
	for e.tape.end()-e.judged >= WindowSamples {
		window := e.tape.pcm[e.judged-e.tape.base:][:WindowSamples]
		start := durationOf(e.judged)
		e.judged += WindowSamples
		e.counts.windows.Add(1)
		probability := float32(0)
		if filled {
			e.counts.filled.Add(1)
		} else {
			probability = e.probability(ctx, window)
			e.treble.add(window, probability >= e.endpoint.cfg.Stop)
		}
		if filled {
			e.endpoint.Blank() // so that this window ends nothing
		}
		e.signals = e.endpoint.Window(start, probability, e.signals[:0])
		if filled {
			e.endpoint.Blank() // a silence may begin with it
		}
		e.apply(ctx)
		if e.endpoint.Idle() {
			e.treble.forget()
		}
		e.scribe.advance(ctx, e.endpoint, e.judged)
		e.tape.keep(min(e.judged, e.scribe.from(e.endpoint, e.judged)))
	}
}

// probability asks the detector, unless the window is too quiet to hold speech and no utterance is
// under way.
func (e *ears) probability(ctx context.Context, window []float32) float32 {
	if e.endpoint.Idle() && rms(window) < e.cfg.QuietRMS {
		e.counts.quiet.Add(1)
		if e.quiet++; e.quiet == resetAfter {
			e.cfg.VAD.Reset()
		}
		return 0
	}
	e.quiet = 0
	p, err := e.cfg.VAD.Probability(window)
	if err == nil {
		return p
	}
	e.counts.failures.Add(1)
	if now := time.Now(); now.Sub(e.voiceError) >= failureEvery {
		e.voiceError = now
		e.cfg.Logger.Warn("voice detector failed", "error", err)
		e.emit(ctx, Failed{Stage: StageVoice, Err: err})
	}
	return 0
}

// endTrack completes the last window with silence and ends the utterance under way.
func (e *ears) endTrack(ctx context.Context) {
	if rest := (e.tape.end() - e.judged) % WindowSamples; rest != 0 {
		e.tape.fill(int(WindowSamples - rest))
	}
	e.judge(ctx, false)
	e.signals = e.endpoint.Finish(e.signals[:0])
	e.apply(ctx)
	e.ended = true
}

// settle takes a transcript that is done and lets the machine know how it reads.
func (e *ears) settle(ctx context.Context, r result) {
	verdict, ok := e.scribe.settle(ctx, r)
	if r.job.interim {
		if text, to := e.scribe.glimpse(r.job); text != "" {
			e.signals = e.endpoint.Glimpsed(Judge(text), durationOf(to), e.signals[:0])
			e.apply(ctx)
		}
	}
	if ok {
		e.signals = e.endpoint.Heard(verdict, e.signals[:0])
		e.apply(ctx)
	}
}

// apply reports the signals and has the scribe act on them.
func (e *ears) apply(ctx context.Context) {
	for _, s := range e.signals {
		at, captured := e.tape.when(samplesIn(s.At))
		switch s.Kind {
		case Started:
			e.emit(ctx, SpeechStarted{Utterance: s.Utterance, At: at, Captured: captured})
			e.scribe.start(s.Utterance, samplesIn(s.At))
		case Sustained:
			e.emit(ctx, SpeechSustained{Utterance: s.Utterance, At: at, Voiced: s.Voiced})
		case Stopped:
			e.emit(ctx, SpeechStopped{Utterance: s.Utterance, At: at})
			e.scribe.stop(ctx, samplesIn(s.At))
			if s.Glimpsed == Whole || s.Glimpsed == Asked {
				e.scribe.likely(ctx, e.scribe.present, e.scribe.present.interim)
			}
		case Probed:
			e.probe(ctx, s)
		case Resumed:
			e.emit(ctx, SpeechResumed{Utterance: s.Utterance, At: at})
			e.scribe.resume()
		case Ended:
			e.emit(ctx, EndOfTurn{Utterance: s.Utterance, At: at, Silence: s.Silence, Reason: s.Reason})
			e.scribe.finish(ctx, s, e.treble.share())
			if e.cfg.Paced != nil {
				e.cfg.Paced(e.endpoint.Pace())
			}
			e.treble.forget()
		}
	}
}

// rms returns the root mean square of samples.
func rms(pcm []float32) float32 {
	var sum float32
	for _, x := range pcm {
		sum += x * x
	}
	return float32(math.Sqrt(float64(sum) / float64(len(pcm))))
}
