package generate

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/generate/tokenizer"
)

// stream turns tokens into pieces of text: whole characters only, without white space at the very
// start and the very end.
type stream struct {
	tokens  *tokenizer.Tokenizer
	written map[int]bool // special tokens that have text
	emit    func(piece string) error
	pending []byte // bytes of a character that is not complete yet
	blank   string // white space held back until something follows it
	text    strings.Builder
	first   bool // no token was pushed yet
}

func newStream(tokens *tokenizer.Tokenizer, written map[int]bool, emit func(string) error) *stream {
	return &stream{tokens: tokens, written: written, emit: emit, first: true}
}

// structural are the special tokens that say what the text around them is: package answer needs
// them.
func structural(tokens *tokenizer.Tokenizer) map[int]bool {
	written := map[int]bool{}
	for _, token := range tokens.Specials() {
		if id, ok := tokens.ID(token); ok && answer.Structural(token) {
			written[id] = true
		}
	}
	return written
}

// push adds a token; special tokens but the structural ones, and ids that only pad the graph's
// vocabulary, have no text.
func (s *stream) push(id int) error {
	if _, ok := s.tokens.Token(id); !ok || s.tokens.Special(id) && !s.written[id] {
		return nil
	}
	var err error
	if s.pending, err = s.tokens.AppendBytes(s.pending, id, s.first); err != nil {
		return err
	}
	s.first = false
	var ready strings.Builder
	for len(s.pending) > 0 {
		if n := tokenizer.Complete(s.pending); n > 0 {
			ready.Write(s.pending[:n])
			s.pending = s.pending[n:]
			continue
		}
		n := tokenizer.Broken(s.pending)
		if n == 0 {
			break
		}
		ready.WriteRune(utf8.RuneError)
		s.pending = s.pending[n:]
	}
	s.pending = append([]byte(nil), s.pending...)
	return s.write(ready.String())
}

// finish writes what is left of an incomplete character.
func (s *stream) finish() error {
	rest := tokenizer.Valid(s.pending)
	s.pending = nil
	return s.write(rest)
}

// write passes text on and holds white space back.
func (s *stream) write(text string) error {
	text = s.blank + text
	if s.text.Len() == 0 {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
	}
	piece := strings.TrimRightFunc(text, unicode.IsSpace)
	s.blank = text[len(piece):]
	if piece == "" {
		return nil
	}
	s.text.WriteString(piece)
	if s.emit == nil {
		return nil
	}
	return s.emit(piece)
}
