package answer

import (
	"strings"
	"unicode"
)

// text reads visible text up to the next mark. It returns true where more is needed.
func (f *Filter) text(final bool) (wait bool) {
	at := strings.IndexFunc(f.pending, func(r rune) bool { return r == '\n' || f.marks.begins(r) })
	if at != 0 {
		if at < 0 {
			at = len(f.pending)
		}
		f.plain(f.pending[:at])
		f.pending = f.pending[at:]
		return false
	}
	switch f.pending[0] {
	case '\n':
		if f.code < fence {
			f.code = 0 // a backtick that nothing answers is an apostrophe or a slip
		}
		f.one()
		return false
	case '`':
		return f.backticks(final)
	}
	found, length, more := f.marks.find(f.pending)
	if more && !final {
		return true
	}
	if found == nil || !f.obey(found, f.pending[:length]) {
		f.one()
	}
	return false
}

// begins tells whether a character may begin a mark.
func (m *Markup) begins(r rune) bool {
	var b [4]byte
	return m.starts[string(append(b[:0], string(r)...))[0]]
}

// one shows the next character.
func (f *Filter) one() {
	n := len(f.pending)
	for i := range f.pending {
		if i > 0 {
			n = i
			break
		}
	}
	f.plain(f.pending[:n])
	f.pending = f.pending[n:]
}

// plain shows text that holds no mark. Tokens that stand behind code are text where something
// follows them.
func (f *Filter) plain(text string) {
	if f.muted {
		return
	}
	if f.tail != "" {
		if strings.TrimFunc(text, unicode.IsSpace) == "" && len(f.tail)+len(text) <= maxTail {
			f.tail += text
			return
		}
		text, f.tail = f.tail+text, ""
	}
	f.out.write(text)
}

// fence is the number of backticks that open a block of code.
const fence = 3

// backticks reads a run of them: it opens code, or closes what a run of the same length, or for a
// block a shorter one, has opened.
func (f *Filter) backticks(final bool) (wait bool) {
	n := min(len(f.pending)-len(strings.TrimLeft(f.pending, "`")), MaxMark)
	if n == len(f.pending) && !final && n < MaxMark {
		return true
	}
	switch {
	case f.code == 0:
		f.code = n
	case n == f.code, f.code >= fence && n > f.code:
		f.code = 0
	}
	f.plain(f.pending[:n])
	f.pending = f.pending[n:]
	return false
}

// obey does what a mark says and takes it off the text; false says that it is text here.
func (f *Filter) obey(m *mark, raw string) bool {
	if f.code > 0 {
		return f.inCode(m, raw)
	}
	quoted := strings.ContainsRune("\"'“‘«„", f.out.last) && f.out.last != 0 && f.out.blank == ""
	switch m.kind {
	case markThought, markTool:
		if f.honest || quoted {
			return false
		}
		f.enter(m, raw)
	case markClose:
		if f.honest || quoted {
			return false
		}
		f.unopened()
	case markAnswer:
		if !f.taken.thought || (raw[1] == '/') != f.framed || !f.framed && f.out.shown {
			return false
		}
		f.framed = !f.framed
		f.out.cut(true)
	case markHeader:
		f.mode = inHeader
		f.out.cut(true)
	case markChannel:
		f.mode = inChannel
		f.out.cut(true)
	case markHidden, markShown:
		f.turn(m.kind == markHidden)
		f.out.cut(true)
	case markToken:
		f.out.cut(false)
	}
	f.pending = f.pending[len(raw):]
	return true
}

// inCode handles a mark among code: it is text, unless it is a token with nothing but tokens behind
// it. A thought that was opened in the prompt may end inside code that it has not closed: its mark
// stands on a line of its own then, and the code has no opening one.
func (f *Filter) inCode(m *mark, raw string) bool {
	f.sample = f.sample || m.kind == markThought
	switch {
	case m.kind == markClose && f.out.holding && !f.sample && strings.HasSuffix(f.out.blank, "\n"):
		f.unopened()
	case m.kind == markToken && !f.muted && len(f.tail)+len(raw) <= maxTail:
		f.tail += raw
	default:
		return false
	}
	f.pending = f.pending[len(raw):]
	return true
}

// enter begins a thought or a tool call. In the middle of a sentence it may be a person's word for
// the mark.
func (f *Filter) enter(m *mark, raw string) {
	f.maybe, f.before = nil, f.taken
	if f.out.shown && !f.muted && !strings.Contains(f.out.blank, "\n") && !strings.ContainsRune(".!?…:;。！？)]}", f.out.last) {
		f.maybe = &strings.Builder{}
		f.maybe.WriteString(raw)
	}
	if m.kind == markThought {
		f.taken.thought = true
		if f.maybe == nil && f.began == Unsure {
			f.began = Plain
		}
		if f.maybe == nil {
			f.out.release()
		}
	} else {
		f.taken.tool = true
	}
	f.mode, f.ends = inThought, m.close
	f.out.cut(true)
}

// unopened handles a closing mark without an opening one: what came before it was a thought.
func (f *Filter) unopened() {
	if f.began == Unsure {
		f.began = Suspected
	}
	f.code, f.taken.thought = 0, true
	if f.out.holding {
		f.out.discard()
		return
	}
	f.leaked = f.leaked || f.out.shown
	f.out.cut(true)
}
