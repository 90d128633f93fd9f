package hearing

import "time"

// SignalKind names what an Endpointer decided.
type SignalKind uint8

// The signals of one utterance come in this order: Started, then any of Sustained, Stopped and
// Resumed, then Stopped, then Ended. Probed comes anywhere between.
const (
	Started   SignalKind = iota + 1 // speech began at At
	Sustained                       // speech has lasted one of EndpointConfig.Marks, see Voiced
	Stopped                         // speech fell silent at At and stayed so for EndpointConfig.Pause, or is surely over
	Resumed                         // speech went on at At, within the same utterance
	Ended                           // end of turn; At is where speech fell silent
	Probed                          // the silence since At has reached one of EndpointConfig.Probes
)

// EndReason says why an utterance ended.
type EndReason uint8

// Reasons for the end of an utterance.
const (
	EndSilence    EndReason = iota + 1 // silence, with nothing known about the transcript
	EndComplete                        // a shorter silence after a complete sentence
	EndMaxSilence                      // the longest silence, after a transcript that broke off
	EndMaxLength                       // the utterance reached its longest duration
	EndOfTrack                         // the track ended
	EndSure                            // a shorter silence, after which a TurnDetector was sure
)

// String returns the reason as one word for logs and metrics.
func (r EndReason) String() string {
	switch r {
	case EndSilence:
		return "silence"
	case EndComplete:
		return "complete"
	case EndMaxSilence:
		return "max_silence"
	case EndMaxLength:
		return "max_length"
	case EndOfTrack:
		return "track_ended"
	case EndSure:
		return "sure"
	}
	return "unknown"
}

// Signal is one decision of an Endpointer. All times are on the stream's clock: the time of the
// first window is the caller's choice.
type Signal struct {
	Kind      SignalKind
	Utterance uint64        // counts from 1
	At        time.Duration // see SignalKind
	Voiced    time.Duration // Sustained: the mark that was reached; Ended: all windows of speech together
	Silence   time.Duration // Stopped, Ended: silence so far
	Reason    EndReason     // Ended
	Voice     float32       // Ended: mean probability of those windows
	Glimpsed  Verdict       // Stopped: how an interim transcript reads of all that was said; Unknown without one
}

// phase is where an utterance stands.
type phase uint8

const (
	phaseIdle     phase = iota // no utterance
	phaseSpeaking              // speech, or a silence shorter than the pause
	phaseStopped               // silence longer than the pause, the utterance not ended
)

// Endpointer decides when speech starts, stops and resumes and when the utterance is over. It is
// pure: the same windows and verdicts give the same signals. It is not safe for concurrent use.
//
// Every method appends its signals to out and returns the result; it keeps neither.
type Endpointer struct {
	cfg EndpointConfig

	phase     phase
	count     uint64
	now       time.Duration // end of the last window
	verdict   Verdict       // about the transcript of everything heard in this utterance so far
	onset     time.Duration // start of a run of speech that is not yet long enough
	hasOnset  bool
	started   time.Duration // start of the utterance
	silentAt  time.Duration // where speech fell silent
	silent    bool
	stretch   time.Duration // start of the present stretch of speech
	nextMark  int
	voicedSum time.Duration // length of the earlier stretches of this utterance
	run       voicing       // of the run that began at onset
	voiced    voicing       // of the utterance

	pace      Pace
	decided   bool          // the last utterance ended by a silence, and was more than a word
	halted    bool          // its speaker paused in it
	nextProbe int           // of the present silence
	asked     bool          // over holds for the present silence
	blank     bool          // a window of it was put in
	glimpsed  Verdict       // about the latest interim transcript
	glimpseTo time.Duration // up to where that one heard
	sure      bool          // a window of the present stretch was surely speech
	fades     bool          // and now none is,
	fadeAt    time.Duration // since then
	over      float32       // how likely the turn is over
}

// NewEndpointer returns a machine with no utterance begun. The error is ErrConfig.
func NewEndpointer(cfg EndpointConfig) (*Endpointer, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Endpointer{cfg: cfg, pace: cfg.Speaker}, nil
}

// Pace returns what is known of the speaker's pauses: EndpointConfig.Speaker for the next
// Endpointer that hears the same one.
func (t *Endpointer) Pace() Pace {
	p := t.pace
	p.Met = p.Met || t.phase == phaseIdle && t.decided
	return p
}

// Idle reports whether there is neither an utterance nor the beginning of one.
func (t *Endpointer) Idle() bool { return t.phase == phaseIdle && !t.hasOnset }

// Speaking reports whether an utterance is under way and its speech has not stopped.
func (t *Endpointer) Speaking() bool { return t.phase == phaseSpeaking }

// Silent reports whether the last windows of the present utterance were silence, however short.
func (t *Endpointer) Silent() bool { return t.silent }

// Silence returns how long the silence within speech has lasted, 0 while somebody speaks and
// outside speech.
func (t *Endpointer) Silence() time.Duration {
	if t.phase != phaseSpeaking || !t.silent {
		return 0
	}
	return t.now - t.silentAt
}

// Window takes the probability of the window that begins at start and lasts WindowLength.
func (t *Endpointer) Window(start time.Duration, probability float32, out []Signal) []Signal {
	t.now = start + WindowLength
	switch t.phase {
	case phaseIdle:
		return t.listen(start, probability, out)
	case phaseSpeaking:
		out = t.speak(start, probability, out)
	case phaseStopped:
		out = t.wait(start, probability, out)
	}
	if t.phase != phaseIdle && t.now-t.started >= t.cfg.MaxLength {
		return t.finish(EndMaxLength, out)
	}
	return out
}

// Heard takes the verdict about the transcript of all speech up to the last Stopped signal. It
// counts until speech resumes.
func (t *Endpointer) Heard(v Verdict, out []Signal) []Signal {
	if t.phase != phaseStopped {
		return out
	}
	t.verdict, t.glimpsed = v, Unknown
	return t.endIfSilent(out)
}

// Finish ends the utterance under way, if any: its track has ended.
func (t *Endpointer) Finish(out []Signal) []Signal {
	t.hasOnset = false
	if t.phase == phaseIdle {
		return out
	}
	return t.finish(EndOfTrack, out)
}

// listen waits for a run of speech of MinSpeech.
func (t *Endpointer) listen(start time.Duration, p float32, out []Signal) []Signal {
	if !t.onsetRun(start, p) {
		return out
	}
	t.started, t.stretch = t.onset, t.onset
	t.began()
	t.count++
	t.phase, t.verdict = phaseSpeaking, Unknown
	t.hasOnset, t.silent, t.sure, t.fades, t.nextMark, t.voicedSum = false, false, false, false, 0, 0
	t.voiced = t.run
	out = append(out, Signal{Kind: Started, Utterance: t.count, At: t.started})
	return t.mark(out)
}

// onsetRun follows a run of speech and reports whether it has lasted MinSpeech.
func (t *Endpointer) onsetRun(start time.Duration, p float32) bool {
	switch {
	case p >= t.cfg.Start && !t.hasOnset:
		t.onset, t.hasOnset, t.run = start, true, voicing{}
	case p < t.cfg.Stop:
		t.hasOnset = false
	}
	if t.hasOnset {
		t.run.add(p)
	}
	return t.hasOnset && p >= t.cfg.Start && t.now-t.onset >= t.cfg.MinSpeech
}

// speak follows speech until a silence of Pause.
func (t *Endpointer) speak(start time.Duration, p float32, out []Signal) []Signal {
	switch {
	case p >= t.cfg.Start:
		t.silent = false
	case p < t.cfg.Stop && !t.silent:
		t.quiet(start)
	}
	if p >= t.cfg.Stop {
		t.voiced.add(p)
	}
	t.fade(start, p)
	if !t.silent {
		return t.mark(out)
	}
	if out = t.probe(out); t.now-t.silentAt >= t.cfg.Pause || t.glimpsedEnd() {
		return t.stop(out)
	}
	return out
}

// stop moves from speech to the pause after it.
func (t *Endpointer) stop(out []Signal) []Signal {
	t.phase, t.hasOnset = phaseStopped, false
	t.voicedSum += t.silentAt - t.stretch
	return append(out, Signal{Kind: Stopped, Utterance: t.count, At: t.silentAt, Silence: t.now - t.silentAt, Glimpsed: t.glimpse()})
}

// wait follows the silence after speech until speech resumes or the utterance ends.
func (t *Endpointer) wait(start time.Duration, p float32, out []Signal) []Signal {
	if t.onsetRun(start, p) {
		t.voiced.join(t.run)
		t.resumed()
		t.phase, t.verdict = phaseSpeaking, Unknown
		t.stretch, t.hasOnset, t.silent, t.sure, t.fades = t.onset, false, false, false, false
		out = append(out, Signal{Kind: Resumed, Utterance: t.count, At: t.stretch})
		return t.mark(out)
	}
	if out = t.endIfSilent(out); t.phase == phaseIdle {
		return out
	}
	return t.probe(out)
}

// endIfSilent ends the utterance when the silence is long enough for what is known about the
// transcript. A run of speech that may still become a resumption holds it back, up to MaxSilence.
func (t *Endpointer) endIfSilent(out []Signal) []Signal {
	silence := t.now - t.silentAt
	need, reason := t.need()
	if silence < need || (t.hasOnset && silence < t.cfg.MaxSilence) {
		return out
	}
	return t.finish(reason, out)
}

// finish ends the utterance; speech that has not stopped stops here.
func (t *Endpointer) finish(reason EndReason, out []Signal) []Signal {
	if t.phase == phaseSpeaking {
		if !t.silent {
			t.quiet(t.now)
		}
		out = t.stop(out)
	}
	t.phase, t.hasOnset, t.silent = phaseIdle, false, false
	voiced := time.Duration(t.voiced.windows) * WindowLength
	t.decided = reason != EndMaxLength && reason != EndOfTrack && voiced >= aWord
	return append(out, Signal{
		Kind: Ended, Utterance: t.count, At: t.silentAt, Silence: t.now - t.silentAt, Reason: reason,
		Voiced: voiced, Voice: t.voiced.mean(),
	})
}

// mark signals the marks that the speech of this utterance has reached.
func (t *Endpointer) mark(out []Signal) []Signal {
	voiced := t.voicedSum + t.now - t.stretch
	for t.nextMark < len(t.cfg.Marks) && voiced >= t.cfg.Marks[t.nextMark] {
		out = append(out, Signal{Kind: Sustained, Utterance: t.count, At: t.now, Voiced: t.cfg.Marks[t.nextMark]})
		t.nextMark++
	}
	return out
}
