package hearing

import "time"

// surely is the probability from which a window is speech for certain. Where somebody stops, the
// detector needs a window or two to say so, and is below it in the first: in the first set of
// scripts/bench-turns after 48 ms in the mean, while it falls below Stop a window later.
const surely = 0.9

// fade follows for how long no window has been speech for certain, behind one that was.
func (t *Endpointer) fade(start time.Duration, p float32) {
	switch {
	case p >= surely:
		t.sure, t.fades = true, false
	case t.sure && !t.fades:
		t.fades, t.fadeAt = true, start
	}
}

// Fading returns for how long no window has been speech for certain, behind one that was: somebody
// may be about to fall silent. 0 outside speech.
func (t *Endpointer) Fading() time.Duration {
	if t.phase != phaseSpeaking || !t.fades {
		return 0
	}
	return t.now - t.fadeAt
}

// Glimpsed takes the verdict about an interim transcript of speech up to heardTo. It counts, until
// Heard, for a silence that begins one window later at the latest, also where that is not known
// yet: one that is Leading or Unfinished prolongs the wait, and one that is Whole or Asked ends the
// turn as one of Heard does. After such a one speech has stopped at once, so that the final
// transcript begins sooner, unless its speaker is known to pause.
func (t *Endpointer) Glimpsed(v Verdict, heardTo time.Duration, out []Signal) []Signal {
	if t.phase == phaseIdle || t.phase == phaseStopped && t.verdict != Unknown { // Heard knows better
		return out
	}
	t.glimpsed, t.glimpseTo = v, heardTo
	if t.phase == phaseSpeaking && t.glimpsedEnd() {
		out = t.stop(out)
	}
	if t.phase == phaseStopped {
		return t.endIfSilent(out)
	}
	return out
}

// glimpse is the verdict about an interim transcript that heard all that was said before the
// present silence; Unknown where there is none.
func (t *Endpointer) glimpse() Verdict {
	if !t.silent || t.glimpseTo < t.silentAt-WindowLength {
		return Unknown
	}
	return t.glimpsed
}

// glimpsedEnd reports whether speech has stopped, as far as an interim transcript can tell.
func (t *Endpointer) glimpsedEnd() bool {
	v := t.glimpse()
	return (v == Asked || v == Whole) && t.fluent()
}
