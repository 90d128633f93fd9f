package prompt

// Traits are what a model's prompts have to fit. For a model in this process they are read from its
// files (generate.Model.Traits); for one behind a server they are declared and estimated
// (remote.Traits).
type Traits struct {
	// Window is how many tokens prompt and answer have together.
	Window int
	// Instructions says that the model takes a message of the role [System].
	Instructions bool
	// History says that the model takes more than one message beside it: earlier questions and its
	// own answers. Without it every question stands alone.
	History bool
	// UserFirst says that the first message beside the instructions must not be the model's own.
	UserFirst bool
	// Count is how many tokens a text has, or an upper bound of it. It may be called by whoever
	// owns a [Conversation], and must be safe for that.
	Count func(text string) int
	// Frame is at most what the chat template writes around one message, Empty what it writes
	// around all of them: a beginning, and the head of the answer.
	Frame, Empty int
}

// Shares of the room that a window leaves to the transcript.
const (
	defaultHigh = 90 // percent; beyond that a turn may not fit any more
	defaultLow  = 50 // percent; compacting costs a whole prompt, so it should be rare
	tailShare   = 8  // the tail is given an eighth of the window
)

// Limits bound the prompts of a conversation. What is 0 takes the default.
type Limits struct {
	// Answer is kept free for the answer, in tokens.
	Answer int
	// Tail is kept free for the question and what goes with it, in tokens; an eighth of what the
	// answer leaves by default. A longer tail finds room as long as the window has it.
	Tail int
	// Transcript bounds the transcript in tokens, beside the window; 0 leaves that to the window.
	Transcript int
	// NoTranscript leaves the transcript out: every question stands alone.
	NoTranscript bool
	// High and Low are percentages of what the transcript may have: beyond the first, its oldest
	// lines are dropped until the second is reached. 90 and 50 by default.
	High, Low int
}

// complete fills in defaults.
func (l Limits) complete(window int) (Limits, error) {
	if l.High == 0 {
		l.High = defaultHigh
	}
	if l.Low == 0 {
		l.Low = min(defaultLow, l.High)
	}
	if l.Tail == 0 {
		l.Tail = max(window-l.Answer, 0) / tailShare
	}
	switch {
	case l.Answer < 1:
		return l, limitError("answer", l.Answer, "must leave room for an answer")
	case l.Tail < 0 || l.Transcript < 0:
		return l, limitError("tail or transcript", min(l.Tail, l.Transcript), "is below 0")
	case l.High < 1 || l.High > 100:
		return l, limitError("high", l.High, "is not within 1 and 100 percent")
	case l.Low < 1 || l.Low > l.High:
		return l, limitError("low", l.Low, "is not within 1 and the high watermark")
	}
	return l, nil
}
