package answer

import (
	"strings"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// Limits of what a filter holds.
const (
	// HoldLimit is how many bytes of an answer's beginning are held back where it may be a thought.
	// Thoughts of published models are mostly shorter; an answer of 512 tokens has some 2 KiB.
	HoldLimit = 64 << 10
	// maxMaybe bounds a thought that opens in the middle of a sentence and may be a person's word
	// for it.
	maxMaybe = 4 << 10
	// maxHeader bounds the name of a speaker or channel.
	maxHeader = 128
	// maxStep is how much text is looked at at once, since every mark has the rest of it searched.
	maxStep = 1 << 10
	// maxTail bounds the tokens behind code that are text where more text follows.
	maxTail = 1 << 10
)

// mode is what the text at hand is part of.
type mode int

const (
	inText mode = iota
	inThought
	inHeader
	inChannel
)

// Filter takes the pieces of one answer and returns what can be shown of them. It belongs to one
// goroutine.
type Filter struct {
	marks *Markup
	begin Beginning

	pending string // not decided yet: the beginning of a mark, of a character, of a run of backticks
	mode    mode
	ends    []string         // marks that end the thought, tool call or message under way; none: the end of the answer
	maybe   *strings.Builder // what the thought under way looks like as text; nil where it is certainly none
	before  taken            // what was taken out before it
	honest  bool             // marks of thoughts are text
	muted   bool             // somebody else's turn
	code    int              // backticks that opened the code under way; 0 outside
	sample  bool             // code held an opening mark
	tail    string           // tokens behind code, and white space between them
	framed  bool             // an <answer> is open
	out     screen

	began  Beginning
	taken  taken
	leaked bool
}

// taken says what was taken out.
type taken struct{ thought, tool bool }

// NewFilter returns a filter for one answer of a model whose answers begin as b says; see [Habit].
func (m *Markup) NewFilter(b Beginning) *Filter {
	f := &Filter{marks: m, begin: b}
	f.out.holding = b == Unsure || b == Suspected
	if b == Thinking {
		f.mode, f.ends = inThought, m.closes
	}
	return f
}

// Push takes a piece and returns the visible text that is ready, which may be empty. Pieces may be
// cut anywhere; visible text has no white space at the very start, and none at its end that nothing
// follows.
func (f *Filter) Push(piece string) string {
	for piece != "" {
		n := min(len(piece), maxStep)
		f.pending += piece[:n]
		piece = piece[n:]
		whole := len(f.pending) - cutRune(f.pending)
		rest := f.pending[whole:]
		f.pending = f.pending[:whole]
		f.run(false)
		f.pending += rest
	}
	return f.out.take()
}

// End takes the reason why the answer ended and returns the rest of the visible text. Nothing may
// be pushed afterwards.
func (f *Filter) End(why prompt.Finish) string {
	f.run(true)
	if f.mode == inThought && f.maybe != nil && f.maybe.Len() <= maxMaybe && why != prompt.FinishLimit {
		// A person's word for the mark: nothing closed it, and the model ended the answer by
		// itself.
		f.pending, f.maybe, f.mode, f.honest, f.taken, f.out.seam = f.maybe.String(), nil, inText, true, f.before, false
		f.run(true)
	}
	ended := why == prompt.FinishEnd || why == prompt.FinishOther
	if f.out.holding {
		if f.begin == Suspected && !ended {
			f.taken.thought = true
			f.out.discard()
		}
		f.out.release()
	}
	if f.began == Unsure && ended && f.begin != Thinking {
		f.began = Plain
	}
	return f.out.take()
}

// cutRune is the number of bytes at the end of text that begin a character and do not complete it.
func cutRune(text string) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if c := text[len(text)-n]; utf8.RuneStart(c) {
			if !utf8.FullRuneInString(text[len(text)-n:]) {
				return n
			}
			break
		}
	}
	return 0
}

// Visible says that something was shown.
func (f *Filter) Visible() bool { return f.out.shown }

// Thought says that a thought was taken out.
func (f *Filter) Thought() bool { return f.taken.thought }

// Tool says that a tool call was taken out.
func (f *Filter) Tool() bool { return f.taken.tool }

// Leaked says that text was shown that turned out to be a thought: its closing mark came without an
// opening one, behind what was held back. [Habit.Learn] keeps the next answer from it.
func (f *Filter) Leaked() bool { return f.leaked }

// Outcome sums up after End: reason is the word for why the answer ended, limit its limit in
// tokens, 0 where there is none. A caller whose server tells thoughts or tool calls apart itself
// adds those.
func (f *Filter) Outcome(reason string, limit int) Outcome {
	return Outcome{Visible: f.Visible(), Thought: f.taken.thought, Tool: f.taken.tool, Finish: prompt.FinishOf(reason), Reason: reason, Limit: limit}
}

// run decides what can be decided; final says that nothing follows.
func (f *Filter) run(final bool) {
	for len(f.pending) > 0 {
		var wait bool
		switch f.mode {
		case inText:
			wait = f.text(final)
		case inThought:
			wait = f.within(final)
		case inHeader:
			wait = f.header(final)
		case inChannel:
			wait = f.channel(final)
		}
		if wait {
			return
		}
	}
}
