package hearing

import "time"

// Event is what a Listener reports. The set is closed: the types of this file. Media times are on
// the clock of Write.
//
// One utterance reports SpeechStarted, then any of SpeechSustained, Interim, SpeechStopped and
// SpeechResumed, then EndOfTurn, then exactly one of Final, Dismissed and Failed with StageFinal.
// The final transcript of an utterance may arrive after the next utterance started; they are
// numbered.
type Event interface{ event() }

// SpeechStarted reports that somebody began to speak.
type SpeechStarted struct {
	Utterance uint64
	At        time.Duration // media time of the first window of speech
	Captured  time.Time     // when that window was captured
}

// SpeechSustained reports that the speech of this utterance reached one of EndpointConfig.Marks:
// what decides between ducking, stopping and ignoring when a persona is interrupted.
type SpeechSustained struct {
	Utterance uint64
	At        time.Duration // media time at which the mark was reached
	Voiced    time.Duration // the mark; pauses in between are not counted
}

// Interim is a transcript of the utterance so far, by the fast engine. Each replaces the one
// before; while Listener.Alert holds it may be the same, which tells that the engine keeps hearing
// it.
type Interim struct {
	Utterance  uint64
	Text       string
	At         time.Duration // media time up to which was heard
	AvgLogProb float32       // mean over the tokens of what was heard last, see Transcript
	Timing     Timing
}

// SpeechStopped reports a silence of EndpointConfig.Pause: the final transcript begins, the
// utterance may still go on.
type SpeechStopped struct {
	Utterance uint64
	At        time.Duration // media time at which speech fell silent
}

// Likely reports what an utterance that has stopped will probably be, before that is certain: an
// interim transcript that reads like a whole sentence, and the final one where the speaker is not
// done for certain when it is there. Final follows, or SpeechResumed. It comes where Config.Likely
// wants it.
type Likely struct {
	Utterance uint64
	Text      string
}

// SpeechResumed reports that speech went on within the utterance: the transcript begun at
// SpeechStopped is thrown away.
type SpeechResumed struct {
	Utterance uint64
	At        time.Duration // media time at which speech went on
}

// EndOfTurn reports that the speaker is done. The final transcript has arrived or is being made.
type EndOfTurn struct {
	Utterance uint64
	At        time.Duration // media time at which speech fell silent
	Silence   time.Duration // silence it took to decide
	Reason    EndReason
}

// Final is the transcript of a whole utterance, by the accurate engine. It is never empty and
// nothing speaks against it.
type Final struct {
	Utterance   uint64
	Text        string
	SpeechStart time.Duration // media time
	SpeechEnd   time.Duration // media time
	Evidence    Evidence
	Timing      Timing
	// PCM is the sound of the utterance, with what Config.Prefix took from before it: the reader's.
	// Nil unless Config.Sound asks for it.
	PCM []float32
}

// Dismissed reports an utterance in which nothing was said for certain: its transcript is empty, or
// Evidence.Doubt speaks against it. It takes the place of Final.
type Dismissed struct {
	Utterance   uint64
	Why         Doubt
	Evidence    Evidence
	SpeechStart time.Duration // media time
	SpeechEnd   time.Duration // media time
}

// Failed reports that a stage could not do its work. The listener goes on.
type Failed struct {
	Utterance uint64 // 0 outside an utterance
	Stage     Stage
	Err       error
}

// Stage names a part of hearing.
type Stage uint8

// Stages that can fail.
const (
	StageVoice   Stage = iota + 1 // voice detector; its windows count as silence
	StageInterim                  // one interim transcript is missing
	StageFinal                    // the utterance has no final transcript
	StageTurn                     // one judgement of Config.Turn is missing
)

// String returns the stage as one word.
func (s Stage) String() string {
	switch s {
	case StageVoice:
		return "voice"
	case StageInterim:
		return "interim"
	case StageFinal:
		return "final"
	case StageTurn:
		return "end_of_turn"
	}
	return "unknown"
}

// Timing says when things happened on the wall clock, for latency waterfalls. Times that do not
// apply are zero.
type Timing struct {
	SpeechStart time.Time     // first speech of the utterance was captured
	SpeechEnd   time.Time     // last speech of the utterance was captured
	Stopped     time.Time     // silence was noticed and the final transcript begun
	EndOfTurn   time.Time     // end of turn was decided
	STTBegin    time.Time     // the transcriber began with this text; in a long utterance: with its last part
	STTEnd      time.Time     // the transcriber was done
	Audio       time.Duration // audio that it took
}

func (SpeechStarted) event()   {}
func (SpeechSustained) event() {}
func (Interim) event()         {}
func (SpeechStopped) event()   {}
func (Likely) event()          {}
func (SpeechResumed) event()   {}
func (EndOfTurn) event()       {}
func (Final) event()           {}
func (Dismissed) event()       {}
func (Failed) event()          {}

// Stats counts what a listener did since it was made.
type Stats struct {
	Windows         uint64 // windows judged, with the quiet ones
	Quiet           uint64 // windows too quiet to need the voice detector
	Filled          uint64 // windows of silence put in where audio was missing
	DroppedSamples  uint64 // samples thrown away because the listener could not keep up
	DroppedInterims uint64 // interim transcripts that the sink had no room for
	SkippedInterims uint64 // interim transcripts not made because the one before was still running
	Discarded       uint64 // final transcripts begun and thrown away because speech resumed
	Dismissed       uint64 // utterances that ended without a transcript that can be relied on
	Probes          uint64 // judgements of Config.Turn
	SkippedProbes   uint64 // those not asked for because the one before was still running
	Failures        uint64 // failures of any stage, those not reported as events included
}
