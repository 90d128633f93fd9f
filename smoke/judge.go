package smoke

import (
	"fmt"
	"strings"
	"time"
)

const (
	minSpeech = 300 * time.Millisecond // of recorded audio that a voice detector takes for speech
	minFacts  = 2                      // facts of a scene that the answer must state
)

// Observation is what a run saw, as far as it came.
type Observation struct {
	// Refused is why no model qualifies; Blockers names each.
	Refused  string
	Blockers []string
	// NotJoined is why the persona did not come into the room.
	NotJoined string

	// Spoke is when the question ended, FirstAudio when the first packet of the persona's voice
	// came, Transcribed when its final transcript did. Zero times did not happen.
	Spoke, FirstAudio, Transcribed time.Time
	// Speech is how much of the recorded audio is speech.
	Speech     time.Duration
	Transcript string
	// Facts are those of the picture that the transcript states; Wanted is how many it has to, 0
	// for two.
	Facts  []string
	Wanted int
	// Controlled tells whether the same was asked without a picture, ControlTranscribed when the
	// final transcript of an answer came, zero where none did, ControlFacts what facts that states.
	Controlled         bool
	ControlTranscribed time.Time
	ControlFacts       []string
}

// wanted is how many facts of the picture the answer must state.
func (o *Observation) wanted() int {
	if o.Wanted > 0 {
		return o.Wanted
	}
	return minFacts
}

// Judge gives the verdict on an observation: a bucket and one sentence with the observed numbers.
// It is pure.
func Judge(o Observation, b Budgets) (Bucket, string) {
	switch {
	case o.Refused != "":
		return NoQualifiedModel, o.Refused
	case o.NotJoined != "":
		return PersonaFailedToJoin, o.NotJoined
	case o.FirstAudio.IsZero():
		return NoAudioPublished, fmt.Sprintf("no packet of the persona's voice within %s of the question's end", b.FirstAudio)
	case o.Speech < minSpeech:
		return NoAudioPublished, fmt.Sprintf("the persona's audio holds %s of speech, at least %s are wanted", o.Speech, minSpeech)
	case o.Transcribed.IsZero():
		return NoTranscription, fmt.Sprintf("audio came after %s, but no final transcript of the persona within %s",
			since(o.FirstAudio, o.Spoke), b.Complete)
	case len(o.Facts) < o.wanted():
		return VisionBlind, fmt.Sprintf("the answer %q states %d facts of the picture (%s), %d are wanted",
			o.Transcript, len(o.Facts), strings.Join(o.Facts, "; "), o.wanted())
	case o.FirstAudio.Sub(o.Spoke) > b.FirstAudio:
		return BudgetExceeded, fmt.Sprintf("first audio after %s, the budget is %s", since(o.FirstAudio, o.Spoke), b.FirstAudio)
	case o.Transcribed.Sub(o.Spoke) > b.Complete:
		return BudgetExceeded, fmt.Sprintf("audio and transcript after %s, the budget is %s", since(o.Transcribed, o.Spoke), b.Complete)
	case o.Controlled && o.ControlTranscribed.IsZero():
		return HarnessError, "the control got no answer: what would be said without a picture is not known"
	case o.Controlled && len(o.ControlFacts) >= o.wanted():
		return HarnessError, fmt.Sprintf("without a picture the answer still states %d facts (%s): this question proves nothing",
			len(o.ControlFacts), strings.Join(o.ControlFacts, "; "))
	}
	return Passed, fmt.Sprintf("heard, seen and answered aloud: first audio after %s, %d facts", since(o.FirstAudio, o.Spoke), len(o.Facts))
}

func since(t, from time.Time) time.Duration { return t.Sub(from).Round(time.Millisecond) }
