package hearing

import (
	"context"
	"time"
)

const (
	wordEnd    = WindowLength // silence that shows that a word is over
	workFactor = 2            // an interim transcript that took d is followed by the next after at least workFactor·d
)

// due reports whether the next interim transcript should begin: some time after the last one, and
// as soon as a silence shows that a word is over that the last one did not hear, or speech fades
// and may be.
func (s *scribe) due(t *Endpointer, now int64) bool {
	fresh := durationOf(now - s.heardAt)
	if s.interims == nil {
		silence, fading := t.Silence(), t.Fading()
		if silence >= wordEnd && fresh > silence+WindowLength || fading > 0 && fresh > fading {
			return true
		}
	}
	cfg, first, every := &s.listener.cfg, time.Duration(0), time.Duration(0)
	if first, every = cfg.FirstInterim, cfg.InterimEvery; s.listener.alert.Load() {
		first, every = cfg.AlertFirst, cfg.AlertEvery
	}
	if s.cost == 0 {
		return fresh >= first
	}
	return fresh >= max(every, workFactor*s.cost)
}

// settleInterim reports an interim transcript, if speech still goes on.
func (s *scribe) settleInterim(ctx context.Context, j *job) {
	s.interims = nil
	s.cost = max(1, j.end.Sub(j.begin))
	if j.dropped {
		return
	}
	if j.err != nil {
		s.listener.counts.failures.Add(1)
		if !j.of.complained {
			j.of.complained = true
			s.listener.emit(ctx, Failed{Utterance: j.of.id, Stage: StageInterim, Err: j.err})
		}
		return
	}
	text := joinTexts(j.of.before(), j.text.Text)
	if text == "" || text == j.of.interim && !s.listener.alert.Load() {
		return
	}
	j.of.interim = text
	if j.of != s.present || j.of.settledTail() {
		return // the utterance has ended, or its final transcript is there: it still is a witness
	}
	at, _ := s.tape.when(j.upTo)
	timing := j.of.timing
	timing.STTBegin, timing.STTEnd, timing.Audio = j.begin, j.end, durationOf(j.upTo-j.from)
	s.listener.emit(ctx, Interim{Utterance: j.of.id, Text: text, At: at, AvgLogProb: j.text.AvgLogProb, Timing: timing})
}

// glimpse returns the text of the utterance under way that an interim transcript makes known, and
// the position up to which it was heard; none where it does not count.
func (s *scribe) glimpse(j *job) (text string, to int64) {
	if j.dropped || j.err != nil || j.of != s.present || j.of.settledTail() {
		return "", 0
	}
	return joinTexts(j.of.before(), j.text.Text), j.upTo
}

// dropInterim throws the interim transcript under way away.
func (s *scribe) dropInterim() {
	if s.interims != nil {
		s.interims.dropped = true
		s.interims.stop()
	}
}
