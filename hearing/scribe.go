package hearing

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	runningFinals = 2 // final transcripts under way at once; thrown-away ones count until their engine has returned
	waitingFinals = 8 // final transcripts that wait for one of those
)

// scribe has the clips of a track transcribed and puts the texts of each utterance together. The
// listener's goroutine owns it.
type scribe struct {
	listener *Listener
	tape     *tape

	open     []*record     // utterances without a final transcript, oldest first
	present  *record       // the utterance under way
	partAt   int64         // where the present part begins
	floor    int64         // audio before it belongs to earlier parts and utterances
	heardAt  int64         // how far the last interim transcript reached
	cost     time.Duration // what the last interim transcript of the utterance took, 0 before the first
	interims *job          // under way
	scratch  []float32
	running  int
	waiting  []*job

	wg      sync.WaitGroup
	results chan result // in
}

func (s *scribe) init(l *Listener, t *tape) {
	s.listener, s.tape = l, t
	s.results = make(chan result, runningFinals+1)
}

// idle reports whether nothing is under way.
func (s *scribe) idle() bool { return len(s.open) == 0 && s.running == 0 && s.interims == nil }

// close waits for everything under way. The context of the jobs has ended or they are done.
func (s *scribe) close() {
	for _, r := range s.open {
		for _, j := range r.parts {
			j.stop()
		}
	}
	s.wg.Wait()
}

// from returns the position of the oldest audio that is still needed at the position now.
func (s *scribe) from(t *Endpointer, now int64) int64 {
	if s.present != nil {
		return s.partAt
	}
	if !t.Idle() {
		now -= samplesIn(t.cfg.MinSpeech) + WindowSamples
	}
	return max(s.floor, now-samplesIn(s.listener.cfg.Prefix)-WindowSamples)
}

// start opens an utterance whose speech begins at a position.
func (s *scribe) start(id uint64, at int64) {
	r := &record{id: id}
	r.start, r.timing.SpeechStart = s.tape.when(at)
	s.present = r
	s.open = append(s.open, r)
	s.partAt = max(s.floor, s.tape.base, at-samplesIn(s.listener.cfg.Prefix))
	s.cost, s.heardAt = 0, at
}

// advance begins an interim transcript when one is due, and cuts a part off a long utterance.
func (s *scribe) advance(ctx context.Context, t *Endpointer, now int64) {
	if s.present == nil || !t.Speaking() {
		return
	}
	cfg := &s.listener.cfg
	length := durationOf(now - s.partAt)
	if length >= cfg.HardPart || (length >= cfg.SoftPart && t.Silent()) {
		s.part(ctx, s.clip(now))
		return
	}
	if cfg.Interim == nil || !s.due(t, now) {
		return
	}
	if s.interims != nil {
		s.listener.counts.skippedInterims.Add(1)
		s.heardAt = now
		return
	}
	s.heardAt = now
	s.scratch = s.tape.copyFrom(s.partAt, s.scratch[:0])
	j := &job{of: s.present, interim: true, pcm: s.scratch, from: s.partAt, upTo: s.tape.end()}
	s.interims = j
	s.run(ctx, cfg.Interim, j)
}

// clip makes a job of the present part, up to the end of the tape.
func (s *scribe) clip(now int64) *job {
	pcm := s.tape.copyFrom(s.partAt, make([]float32, 0, s.tape.end()-s.partAt))
	return &job{of: s.present, pcm: pcm[:max(0, min(int64(len(pcm)), now-s.partAt))], from: s.partAt, upTo: now}
}

// part sends a clip that certainly belongs to the utterance, and begins the next part behind it.
func (s *scribe) part(ctx context.Context, j *job) {
	s.present.parts = append(s.present.parts, j)
	s.partAt, s.floor = j.upTo, j.upTo
	s.dropInterim()
	s.queue(ctx, j)
}

// stop begins the final transcript of the part that fell silent at a position.
func (s *scribe) stop(ctx context.Context, at int64) {
	r := s.present
	r.end, r.timing.SpeechEnd = s.tape.when(at)
	r.timing.Stopped = time.Now()
	if s.interims != nil && s.interims.upTo < at-WindowSamples {
		s.dropInterim()
	}
	r.tail = s.clip(s.tape.end())
	r.parts = append(r.parts, r.tail)
	s.queue(ctx, r.tail)
}

// resume throws the transcript begun at the last stop away, unless the part is long enough to be
// cut there anyway.
func (s *scribe) resume() {
	r := s.present
	j := r.tail
	r.tail = nil
	if durationOf(j.upTo-j.from) >= s.listener.cfg.SoftPart {
		s.partAt, s.floor = j.upTo, j.upTo
		return
	}
	r.parts = r.parts[:len(r.parts)-1]
	j.dropped = true
	j.stop()
	for i, w := range s.waiting {
		if w == j {
			s.waiting = append(s.waiting[:i], s.waiting[i+1:]...)
			break
		}
	}
	s.listener.counts.discarded.Add(1)
}

// finish closes the utterance under way: its text follows as soon as all parts are done.
func (s *scribe) finish(ctx context.Context, ended Signal, treble float32) {
	r := s.present
	r.voiced, r.voice, r.treble = ended.Voiced, ended.Voice, treble
	r.ended, r.timing.EndOfTurn = true, time.Now()
	s.floor = r.tail.upTo
	s.present = nil
	s.deliver(ctx)
}

// settle takes a job that is done. It returns the verdict about the whole utterance when that
// became known.
func (s *scribe) settle(ctx context.Context, done result) (Verdict, bool) {
	j := done.job
	j.outcome, j.settled = done.outcome, true
	if j.interim {
		s.settleInterim(ctx, j)
		return Unknown, false
	}
	s.running--
	s.next(ctx)
	if j.dropped {
		return Unknown, false
	}
	r := j.of
	s.deliver(ctx)
	if r != s.present || r.tail == nil || !r.done() || r.failure() != nil {
		return Unknown, false
	}
	text := r.text().Text
	s.likely(ctx, r, text)
	return Judge(text), true
}

// likely reports what an utterance will probably be, where somebody wants to know.
func (s *scribe) likely(ctx context.Context, r *record, text string) {
	if wanted := s.listener.cfg.Likely; text != "" && wanted != nil && wanted() {
		s.listener.emit(ctx, Likely{Utterance: r.id, Text: text})
	}
}

// deliver reports the final transcripts of utterances that ended and whose parts are all done, in
// the order of the utterances.
func (s *scribe) deliver(ctx context.Context) {
	for len(s.open) > 0 && s.open[0].ended && s.open[0].done() {
		r := s.open[0]
		s.open = append(s.open[:0], s.open[1:]...)
		if err := r.failure(); err != nil {
			s.listener.counts.failures.Add(1)
			s.listener.cfg.Logger.Warn("final transcript failed", "utterance", r.id, "error", err)
			s.listener.emit(ctx, Failed{Utterance: r.id, Stage: StageFinal, Err: err})
			continue
		}
		text := r.text()
		evidence := r.evidence(text)
		if why := evidence.Doubt(); why != DoubtNone {
			s.listener.counts.dismissed.Add(1)
			s.listener.cfg.Logger.Debug("nothing was heard for certain", "utterance", r.id, "why", why)
			s.listener.emit(ctx, Dismissed{Utterance: r.id, Why: why, Evidence: evidence, SpeechStart: r.start, SpeechEnd: r.end})
			continue
		}
		timing := r.timing
		last := r.parts[len(r.parts)-1]
		timing.STTBegin, timing.STTEnd, timing.Audio = last.begin, last.end, durationOf(last.upTo-last.from)
		s.listener.emit(ctx, Final{
			Utterance: r.id, Text: evidence.Reading(last.names), SpeechStart: r.start, SpeechEnd: r.end,
			Evidence: evidence, Timing: timing, PCM: s.sound(r),
		})
	}
}

// sound joins the clips of an utterance, which follow each other without a gap; nil unless it is
// asked for.
func (s *scribe) sound(r *record) []float32 {
	if wanted := s.listener.cfg.Sound; wanted == nil || !wanted() {
		return nil
	}
	var all []float32
	for _, j := range r.parts {
		all = append(all, j.pcm...)
	}
	return all
}

// queue has a clip transcribed by the final engine as soon as a place is free.
func (s *scribe) queue(ctx context.Context, j *job) {
	if len(s.waiting) == waitingFinals {
		j.err, j.end, j.settled = ErrBusy, time.Now(), true
		return
	}
	s.waiting = append(s.waiting, j)
	s.next(ctx)
}

// next starts waiting clips while places are free.
func (s *scribe) next(ctx context.Context) {
	for s.running < runningFinals && len(s.waiting) > 0 {
		j := s.waiting[0]
		s.waiting = append(s.waiting[:0], s.waiting[1:]...)
		s.running++
		s.run(ctx, s.listener.cfg.Final, j)
	}
}

// run starts the goroutine of a job. The results have room for all that can be under way.
func (s *scribe) run(ctx context.Context, engine Transcriber, j *job) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.listener.cfg.FinalTimeout, ErrTooSlow)
	j.cancel = cancel
	j.begin = time.Now()
	if ask := s.listener.cfg.Names; ask != nil {
		j.names = ask()
	}
	s.wg.Go(func() {
		defer cancel()
		text, err := Transcribe(ctx, engine, j.pcm, j.names)
		if err != nil && errors.Is(context.Cause(ctx), ErrTooSlow) {
			err = errors.Join(ErrTooSlow, err)
		}
		s.results <- result{job: j, outcome: outcome{text: text, err: err, end: time.Now()}}
	})
}
