package interrupt

import (
	"cmp"
	"slices"
	"time"
)

// Times of speech, pauses left out. The ear reports when speech reaches them.
const (
	DuckAfter = 128 * time.Millisecond  // the persona lowers its voice, unless Overlap.Duck says when
	BlindStop = 500 * time.Millisecond  // it stops, where nobody tells what is said, unless Overlap.Stop says when
	VoiceStop = 1200 * time.Millisecond // it stops, whatever is said: backchannels are over by then
)

// behind is how far a transcript may be behind the end of speech and still tell all that was said:
// the fast ear reads every 60 ms or so, and the end of speech is known to a window.
const behind = 100 * time.Millisecond

// What transcripts of the fast ear weigh against the answer, set on what TestFiguresInterruptions
// prints. One alone never stops it: an ear is wrong about the first syllables of many words.
const (
	enough    = 320 * time.Millisecond // of words against the answer, in a row, stop it
	cueFactor = 3                      // how often words count that interruptions begin with
	shortStep = 60 * time.Millisecond  // what the first transcript of an utterance stands for
	longStep  = 90 * time.Millisecond  // and the most that one does, however long nothing was heard
)

// How sure the ear is: fully from an average log probability of -0.4 on, 0.7 at -1. What a
// transcript stands for is multiplied by it.
const (
	sureBase  = 1.2
	sureSlope = 0.5
	sureLeast = 0.1
)

// What a misheard backchannel looks like to the accurate ear.
const (
	asideWords = 2    // so many words beside backchannels at most
	sureWord   = -0.7 // and words that are likelier than that are no misheard ones
)

// asidesKept is how many turns can wait for their final transcript; the listener lets fewer wait.
const asidesKept = 16

// Evidence is what is known of an utterance when its final transcript is there.
type Evidence struct {
	Text       string        // by the accurate ear
	AvgLogProb float32       // how sure that ear is: mean over the tokens
	Voiced     time.Duration // speech without its pauses
	Interim    string        // what the fast ear understood last; empty where there is none
}

// Action is what to do with the persona's voice.
type Action uint8

// Actions.
const (
	Nothing Action = iota
	Duck           // lower the voice
	Restore        // it was nothing: back to full voice
	Stop           // stop speaking, give up the answer
)

// String returns the action as one word.
func (a Action) String() string {
	switch a {
	case Nothing:
		return "nothing"
	case Duck:
		return "duck"
	case Restore:
		return "restore"
	case Stop:
		return "stop"
	}
	return "unknown"
}

// Overlap follows one speaker. The zero value is ready; it is used by one goroutine.
type Overlap struct {
	Blind      bool          // no interim transcripts come
	Duck, Stop time.Duration // in the place of DuckAfter and BlindStop; 0 for those

	speaks                bool // the utterance has not ended
	ducked, stopped, over bool
	against               time.Duration // how long the ear has been hearing words against the answer
	last                  time.Duration // when the last transcript came
	heard                 bool          // there was one since the speaker began
	read                  kind          // what the latest says
	sure                  float32       // and how sure the ear is of it
	silent                bool          // the speaker has paused
	fell                  time.Duration // when speech fell silent
	let                   bool          // the voice was restored in that pause
	asides                []uint64      // turns whose speech was an aside to an answer and whose final transcript is still to come
}

// Started takes note that the speaker began. answering says whether the persona is answering, aloud
// or not yet.
func (o *Overlap) Started(answering bool) {
	o.over, o.stopped, o.against, o.heard = answering, false, 0, false
	o.read, o.silent, o.let, o.speaks = other, false, false, true
}

// Sustained takes note that speech has lasted a while.
func (o *Overlap) Sustained(voiced time.Duration) Action {
	switch {
	case voiced >= VoiceStop, o.Blind && voiced >= cmp.Or(o.Stop, BlindStop):
		return o.stop()
	case voiced >= cmp.Or(o.Duck, DuckAfter) && !o.ducked && !o.stopped:
		o.ducked = true
		return Duck
	}
	return Nothing
}

// Words takes note of what the fast ear has understood so far, at a time on a clock of the
// caller's, and how sure it is. The ear says so again and again, also where it understands the
// same.
func (o *Overlap) Words(at time.Duration, text string, avgLogProb float32) Action {
	step := shortStep
	if o.heard {
		step = max(0, min(longStep, at-o.last))
	}
	o.last, o.heard = at, true
	o.read, o.sure = read(text).kind, avgLogProb
	switch o.read {
	case agreement:
		o.against = 0
		return o.letGo()
	case cue:
		step *= cueFactor
	case other:
	}
	sure := max(sureLeast, min(1, sureBase+sureSlope*float64(avgLogProb)))
	o.against += time.Duration(sure * float64(step))
	if o.against < enough {
		return Nothing
	}
	return o.stop()
}

// Paused takes note that the speaker has fallen silent at a time on the clock of Words, and may go
// on: what only says "go on" need not be waited for any longer.
func (o *Overlap) Paused(at time.Duration) Action {
	o.silent, o.fell = true, at
	return o.letGo()
}

// Resumed takes note that the speaker goes on after a pause.
func (o *Overlap) Resumed() Action {
	again := o.let
	o.silent, o.let = false, false
	if !again || o.ducked || o.stopped {
		return Nothing
	}
	o.ducked = true
	return Duck
}

// letGo restores the voice in a pause, where all that was said until then says "go on".
func (o *Overlap) letGo() Action {
	if !o.ducked || !o.silent || !o.heard || o.read != agreement || o.last+behind < o.fell {
		return Nothing
	}
	o.ducked, o.let = false, true
	return Restore
}

// stop gives the answer up.
func (o *Overlap) stop() Action {
	o.ducked, o.stopped = false, true
	return Stop
}

// Ended takes note that the speaker's turn is over. answering is as in Started.
func (o *Overlap) Ended(turn uint64, answering bool) Action {
	o.speaks = false
	if o.over && (answering || o.stopped) {
		if len(o.asides) == asidesKept {
			o.asides = slices.Delete(o.asides, 0, 1)
		}
		o.asides = append(o.asides, turn)
	}
	if !o.ducked {
		return Nothing
	}
	o.ducked = false
	return Restore
}

// Asks takes the final transcript of a turn, with what is known of it, and reports whether it may
// want an answer. What was said over an answer, also one that it stopped, does not where it was a
// backchannel: where the words say so, or where it was as short as one, no interruption begins like
// it, and the fast ear heard nothing else, the accurate one is not sure, or there is one word more
// behind a backchannel. answering is as in Started.
func (o *Overlap) Asks(turn uint64, e Evidence, answering bool) bool {
	aside := answering
	if i := slices.Index(o.asides, turn); i >= 0 {
		o.asides = slices.Delete(o.asides, i, i+1)
		aside = true
	}
	if !aside {
		return true
	}
	said := read(e.Text)
	if said.kind != other {
		return said.kind == cue
	}
	if said.beside > asideWords || e.Voiced >= VoiceStop {
		return true
	}
	misheard := e.Interim != "" && read(e.Interim).kind == agreement
	return !misheard && e.AvgLogProb >= sureWord && (said.beside > 1 || !said.behind)
}

// Dismissed takes note that a turn has no final transcript.
func (o *Overlap) Dismissed(turn uint64) {
	o.asides = slices.DeleteFunc(o.asides, func(t uint64) bool { return t == turn })
}

// Insisted takes the text of an utterance that asks nothing for certain; empty where nothing was
// understood. It reports whether it was an interruption all the same: words stopped the answer, or
// would have, and to the end of them neither ear took them for a backchannel; or the fast one heard
// an interruption begin, and the accurate one nothing like a backchannel. Short words are more
// often missed by the accurate ear than made up by the fast one.
func (o *Overlap) Insisted(text string) bool {
	if !o.stopped || !o.heard || text != "" && Backchannel(text) {
		return false
	}
	if text == "" {
		return o.read == cue && o.sure >= sureWord
	}
	return o.read == cue || o.read == other && read(text).kind == other
}

// Speaks reports whether an utterance has begun and not ended.
func (o *Overlap) Speaks() bool { return o.speaks }

// Over reports whether the speaker speaks, for so long that an answer gives way to it.
func (o *Overlap) Over() bool { return o.speaks && (o.ducked || o.stopped) }

// Ducked reports whether the voice is lowered because of this speaker.
func (o *Overlap) Ducked() bool { return o.ducked }
