package hearing

import "time"

// need is the silence that ends the utterance, for what is known of it: how its transcript reads,
// how its speaker pauses, and what the TurnDetector hears.
func (t *Endpointer) need() (time.Duration, EndReason) {
	cfg := &t.cfg
	glimpsed := t.glimpse()
	verdict := t.verdict
	if verdict == Unknown && (glimpsed == Whole || glimpsed == Asked) {
		verdict = glimpsed
	}
	need, reason := t.base(verdict)
	if verdict == Unfinished {
		return need, reason
	}
	if !t.pace.Met {
		need = max(need, cfg.StrangeSilence)
	}
	if glimpsed == Leading || glimpsed == Unfinished {
		need = max(need, cfg.DoubtfulSilence)
	}
	need = max(need, t.pace.wait(cfg.PatientSilence))
	if t.blank {
		need = max(need, cfg.CompleteSilence)
	}
	switch {
	case !t.asked:
	case t.over >= cfg.Sure && glimpsed != Unfinished:
		if need > cfg.SureSilence {
			need, reason = cfg.SureSilence, EndSure
		}
	case t.over < cfg.Doubtful:
		need = max(need, cfg.DoubtfulSilence)
	}
	return need, reason
}

// base is the silence that ends an utterance whose transcript reads so, whoever speaks.
func (t *Endpointer) base(v Verdict) (time.Duration, EndReason) {
	cfg := &t.cfg
	switch v {
	case Whole:
		if t.pace.Flowing >= flowing {
			return cfg.AskedSilence, EndComplete
		}
		return cfg.CompleteSilence, EndComplete
	case Complete:
		return cfg.CompleteSilence, EndComplete
	case Asked:
		return cfg.AskedSilence, EndComplete
	case Unfinished:
		return cfg.MaxSilence, EndMaxSilence
	case Leading:
		return max(cfg.EndSilence, cfg.DoubtfulSilence), EndSilence
	case Unknown:
	}
	return cfg.EndSilence, EndSilence
}

// quiet begins a silence.
func (t *Endpointer) quiet(at time.Duration) {
	t.silent, t.silentAt = true, at
	t.nextProbe, t.asked, t.blank = 0, false, false
}

// Blank takes note that a window had no sound of its track: silence was put in. It may hide speech
// that is late, so that a silence with such a window ends no turn before CompleteSilence. It is
// called before that window, for the silence that goes on, and behind it, for one that it begins.
func (t *Endpointer) Blank() { t.blank = t.silent }

// probe signals the marks that the present silence has reached.
func (t *Endpointer) probe(out []Signal) []Signal {
	silence := t.now - t.silentAt
	for t.nextProbe < len(t.cfg.Probes) && silence >= t.cfg.Probes[t.nextProbe] {
		t.nextProbe++
		out = append(out, Signal{Kind: Probed, Utterance: t.count, At: t.silentAt, Silence: silence})
	}
	return out
}

// Judged takes what a TurnDetector makes of the silence that began at silentAt, as Probed said it:
// how likely the turn is over. It counts while that silence lasts, or until the next judgement.
func (t *Endpointer) Judged(silentAt time.Duration, over float32, out []Signal) []Signal {
	if t.phase == phaseIdle || !t.silent || silentAt != t.silentAt {
		return out
	}
	t.over, t.asked = over, true
	if t.phase == phaseSpeaking {
		if over < t.cfg.Sure {
			return out
		}
		out = t.stop(out) // the final transcript begins at once
	}
	return t.endIfSilent(out)
}

// aWord is how long one word lasts at most, by itself. Who says "yeah" and soon "okay" has paused
// between two things; nothing was cut off.
const aWord = 500 * time.Millisecond

// began takes note that an utterance begins. Soon after the end of another one it is the same turn
// that goes on: the end was decided too early.
func (t *Endpointer) began() {
	cut := false
	switch gap := t.started - t.silentAt; {
	case t.count == 0 || !t.decided:
	case gap <= t.cfg.Afterthought:
		t.pace.paused(gap)
		cut = true
	default:
		t.pace.Met = true
		if !t.halted {
			t.pace.flowed()
		}
	}
	t.decided, t.halted = false, cut
}

// resumed takes note that an utterance goes on behind a silence.
func (t *Endpointer) resumed() {
	if gap := t.onset - t.silentAt; gap >= t.cfg.Pause {
		t.pace.paused(gap)
		t.halted = true
	}
}

// fluent reports whether the speaker's pauses of late ask for no longer wait than a whole sentence.
func (t *Endpointer) fluent() bool { return t.pace.wait(t.cfg.PatientSilence) <= t.cfg.CompleteSilence }
