package answer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxBlank bounds white space in a row, in bytes; more than that nobody writes.
const maxBlank = 256

// screen collects visible text and keeps white space in order where something was taken out.
type screen struct {
	ready   strings.Builder
	held    strings.Builder // ready, but the beginning may still be a thought
	holding bool
	shown   bool   // something other than white space was written
	blank   string // white space that something may follow
	seam    bool   // something was taken out here
	skip    bool   // white space behind the seam is left out, since some stands before it
	apart   bool   // what stands on both sides of the seam are words of their own
	last    rune   // the last character other than white space
}

// take returns what is ready.
func (s *screen) take() string {
	out := s.ready.String()
	s.ready.Reset()
	return out
}

// cut says that something was taken out here; apart puts a space between its neighbours where there
// is none.
func (s *screen) cut(apart bool) {
	if !s.seam {
		s.apart = false
	}
	s.seam, s.skip, s.apart = true, s.blank != "", s.apart || apart
}

// write adds text.
func (s *screen) write(text string) {
	for text != "" {
		word := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsSpace(r) })
		if word < 0 {
			word = len(text)
		}
		if word > 0 {
			s.space(text[:word])
			text = text[word:]
			continue
		}
		end := strings.IndexFunc(text, unicode.IsSpace)
		if end < 0 {
			end = len(text)
		}
		s.word(text[:end])
		text = text[end:]
	}
}

func (s *screen) space(text string) {
	if !s.shown || s.seam && s.skip {
		return
	}
	if s.blank += text; len(s.blank) > maxBlank {
		s.blank = s.blank[:maxBlank-cutRune(s.blank[:maxBlank])]
	}
}

func (s *screen) word(text string) {
	if s.seam && s.apart && s.blank == "" && s.shown {
		s.blank = " "
	}
	to := &s.ready
	if s.holding {
		to = &s.held
	}
	to.WriteString(s.blank)
	to.WriteString(text)
	s.last, _ = utf8.DecodeLastRuneInString(text)
	s.blank, s.seam, s.shown = "", false, true
	if s.holding && s.held.Len() > HoldLimit {
		s.release()
	}
}

// release shows what was held back.
func (s *screen) release() {
	s.ready.WriteString(s.held.String())
	s.held.Reset()
	s.holding = false
}

// discard throws away what was held back: the screen is as empty as at the beginning.
func (s *screen) discard() {
	*s = screen{}
}
