package reply

import (
	"time"

	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Trace says when the stages of one turn happened. Times that do not apply are zero: a typed
// question has no speech.
type Trace struct {
	Turn             uint64
	Who              string
	Question, Answer string
	// Model and Provider are what answered; the provider of one on this machine is empty.
	Model, Provider string
	// Picture is true when the answer could use one.
	Picture bool
	// Sight is the key of that picture, as in TR_AB/42; empty for one of no track.
	Sight string
	// Squares is into how many squares the picture was made, 0 where the model takes none;
	// PictureTokens what all pictures are in the prompt, 0 where only a server knows; PictureAge
	// how old it was when the model was there for the answer, as that was told.
	Squares, PictureTokens int
	PictureAge             time.Duration
	// PictureTook is how long it took to bring that picture into the model's form and to look at
	// it.
	PictureTook time.Duration
	// Earlier are the pictures of the same track before that one, oldest first, with the ages that
	// the model was told. Pictures is how many there could have been in all; 0 without a picture.
	Earlier  []Looked
	Pictures int
	// Sound is true when the model was given the sound of the question beside its transcript.
	Sound bool

	SpeechEnd   time.Time // last speech of the question was captured
	Stopped     time.Time // silence was noticed, the final transcript begun
	STTBegin    time.Time
	STTEnd      time.Time
	EndOfTurn   time.Time // end of turn was decided
	Begin       time.Time // the turn started to think
	Features    time.Time // features were at hand
	FirstToken  time.Time
	ModelEnd    time.Time // the model had generated all, failed or was stopped
	FirstClause time.Time
	FirstPCM    time.Time
	FirstPacket time.Time // first packet of the answer was sent
	// The lease of the model was asked for and given, zero where it was refused; the floor was
	// asked for, with the first sound, and given.
	LeaseAsked, LeaseGiven, FloorAsked, FloorGiven time.Time
	Done                                           time.Time // last packet was sent, or the turn was stopped

	// Ahead is how long before its question was certain the answer began to be thought of; 0 where
	// it was not. Discarded are those that were thought of before it, for nothing.
	Ahead     time.Duration
	Discarded []Discard

	// PromptTokens and Tokens are the model's counts, 0 where a server gives none. Reused is how
	// many tokens of the prompt were held from the answer before.
	PromptTokens, Tokens, Reused int
	// Voiced is how many characters the voice was asked to speak: fewer than the answer has where
	// it was cut, more than people heard of it where it was stopped, only written, or refused.
	Voiced int
	// Break is what of the prompt changed since the answer before, besides what was added to it;
	// nil for nothing.
	Break *keys.Break
	// Lost says what became of the tokens that were held, where they were evicted or found no room;
	// empty where they are held.
	Lost string
	// Finish is why the model ended, in its own or its server's word.
	Finish string
	// Context is the key of what stood before the question in the prompt; empty where nothing did.
	Context string
	// Plan is the fingerprint of the plan that the turn carried out, Left how this reply left it,
	// as far as that was known at its end; empty where nobody planned the turn.
	Plan string
	Left []turn.Deviation
	// Err is nil for an answer that was spoken to its end.
	Err error
}

// Discard is an answer that was thought of before its question was certain, and that nobody asked
// for in the end.
type Discard struct {
	// Why is one of turn's reasons: differs, resumed, lease_refused and others.
	Why    string
	Took   time.Duration
	Tokens int // that were made
}

// Looked is a picture that an answer is made from.
type Looked struct {
	// Key is as Trace.Sight.
	Key string
	// Age is how old it was.
	Age time.Duration
}

// Step is one bar of a trace's waterfall.
type Step struct {
	Name string
	// Start is the offset from the end of speech, or from Begin for a typed question.
	Start time.Duration
	Took  time.Duration
}

// Origin is the time that the waterfall counts from.
func (t Trace) Origin() time.Time {
	if !t.SpeechEnd.IsZero() {
		return t.SpeechEnd
	}
	return t.Begin
}

// Waterfall lists the stages in order of their start. Stages overlap: transcription hides behind
// the wait for the end of turn.
func (t Trace) Waterfall() []Step {
	var steps []Step
	add := func(name string, from, to time.Time) {
		if from.IsZero() || to.IsZero() || to.Before(from) {
			return
		}
		steps = append(steps, Step{Name: name, Start: from.Sub(t.Origin()), Took: to.Sub(from)})
	}
	add("end of turn", t.SpeechEnd, t.EndOfTurn)
	add("transcript", t.STTBegin, t.STTEnd)
	add("features", t.Begin, t.Features)
	add("lease", t.LeaseAsked, t.LeaseGiven)
	add("first token", t.Features, t.FirstToken)
	add("first clause", t.FirstToken, t.FirstClause)
	add("first sound", t.FirstClause, t.FirstPCM)
	add("first packet", t.FirstPCM, t.FirstPacket)
	add("floor", t.FloorAsked, t.FloorGiven)
	return steps
}

// Latency is the time from the end of speech to the first packet of the answer, or zero when there
// was none.
func (t Trace) Latency() time.Duration {
	if t.FirstPacket.IsZero() {
		return 0
	}
	return t.FirstPacket.Sub(t.Origin())
}

// OwnLatency is the part of Latency that is no wait for others: neither for the turn to think, once
// the question was certain, nor for the floor. It is zero when there was none.
func (t Trace) OwnLatency() time.Duration {
	own := t.Latency()
	if own == 0 {
		return 0
	}
	certain := t.certain()
	if !certain.IsZero() && t.Begin.After(certain) {
		own -= t.Begin.Sub(certain)
	}
	asked := t.FloorAsked
	if certain.After(asked) {
		asked = certain // what was thought of before has waited for its question until then
	}
	if t.FloorGiven.After(asked) && !t.FloorAsked.IsZero() {
		own -= t.FloorGiven.Sub(asked)
	}
	return own
}

// Answering is the time from the moment at which the question was certain to the first packet of
// the answer: when its turn had ended and its transcript was there. Zero when there was none.
func (t Trace) Answering() time.Duration {
	if t.FirstPacket.IsZero() || t.EndOfTurn.IsZero() {
		return 0
	}
	return t.FirstPacket.Sub(t.certain())
}

// certain is when the question was.
func (t Trace) certain() time.Time {
	if t.STTEnd.After(t.EndOfTurn) {
		return t.STTEnd
	}
	return t.EndOfTurn
}

// Overhead is the part of Latency that is neither a model at work nor the silence that ends a turn:
// handing over, resampling, coding, pacing. The wait for the end of turn hides a transcript that is
// ready before it, and both hide what was thought and said of an answer before its question was
// certain.
func (t Trace) Overhead() time.Duration {
	if t.FirstPacket.IsZero() || t.EndOfTurn.IsZero() {
		return 0
	}
	ready := t.certain()
	if t.Ahead > 0 {
		if t.FirstPCM.After(ready) {
			ready = t.FirstPCM
		}
		return t.FirstPacket.Sub(ready)
	}
	models := t.FirstToken.Sub(t.Features) + t.FirstPCM.Sub(t.FirstClause) + t.FirstClause.Sub(t.FirstToken)
	return t.FirstPacket.Sub(ready) - models
}
