package memory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Bounds of the field.
const (
	MaxField = 4 << 10 // bytes
	MaxNotes = 8       // memories of one answer
)

// What a model is told, so that it writes the field. FieldAlways belongs to the instructions of a
// persona that remembers of its own accord, FieldAsked to a question that asks to remember
// something.
const (
	FieldAlways = "When somebody tells you something lasting about themselves, end your answer with one more line that nobody will hear: " +
		`{"remember": ["what they said, in one sentence"]}. Never mention that line, and leave it out where there is nothing to remember.`
	FieldAsked = "If you remember it, end your answer with one more line that nobody will hear: " +
		`{"remember": ["what they said, in one sentence"]}`
)

// Note is something that a model's answer asks to remember.
type Note struct {
	Text string
	// Kind may be empty.
	Kind Kind
	// About is whom it is about, a name; may be empty.
	About string
}

// ParseField reads the field of an answer: a JSON object that has "remember" and nothing else, a
// list of at most [MaxNotes] texts or objects of "text", "kind" and "about". It is strict: a key
// that it does not know, a key twice, another type, anything behind the object are [ErrField], and
// then nothing of it is taken.
func ParseField(data []byte) ([]Note, error) {
	if len(data) > MaxField {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrField, len(data), MaxField)
	}
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%w: not UTF-8", ErrField)
	}
	p := fieldReader{json.NewDecoder(bytes.NewReader(data))}
	notes, err := p.object()
	if err == nil {
		if _, more := p.dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something stands behind it")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrField, err)
	}
	return notes, nil
}

// fieldReader reads the field token by token: encoding/json takes keys in any case and the last of
// two.
type fieldReader struct{ dec *json.Decoder }

func (p fieldReader) object() ([]Note, error) {
	if err := p.delim('{'); err != nil {
		return nil, err
	}
	var notes []Note
	seen := false
	for p.dec.More() {
		key, err := p.text("a key")
		if err != nil {
			return nil, err
		}
		if key != "remember" || seen {
			return nil, errors.New(`a key other than one "remember"`)
		}
		seen = true
		if notes, err = p.list(); err != nil {
			return nil, err
		}
	}
	if !seen {
		return nil, errors.New(`no "remember"`)
	}
	return notes, p.delim('}')
}

func (p fieldReader) list() ([]Note, error) {
	if err := p.delim('['); err != nil {
		return nil, err
	}
	var notes []Note
	for p.dec.More() {
		if len(notes) == MaxNotes {
			return nil, fmt.Errorf("more than %d memories", MaxNotes)
		}
		note, err := p.note()
		if err != nil {
			return nil, err
		}
		notes = append(notes, note)
	}
	return notes, p.delim(']')
}

func (p fieldReader) note() (Note, error) {
	token, err := p.dec.Token()
	if err != nil {
		return Note{}, malformedJSON(err)
	}
	switch t := token.(type) {
	case string:
		return Note{Text: t}, nil
	case json.Delim:
		if t == '{' {
			return p.members()
		}
	}
	return Note{}, errors.New("a memory is neither a text nor an object")
}

func (p fieldReader) members() (Note, error) {
	var n Note
	seen := map[string]bool{}
	for p.dec.More() {
		key, err := p.text("a key")
		if err != nil {
			return Note{}, err
		}
		value, err := p.text("a value")
		if err != nil {
			return Note{}, err
		}
		if seen[key] {
			return Note{}, errors.New("a key twice in a memory")
		}
		seen[key] = true
		switch key {
		case "text":
			n.Text = value
		case "kind":
			if n.Kind = Kind(value); !known(Kinds(), n.Kind) {
				return Note{}, fmt.Errorf("a kind that is none of %v", Kinds())
			}
		case "about":
			if len(value) > MaxName {
				return Note{}, fmt.Errorf(`"about" of more than %d bytes`, MaxName)
			}
			n.About = value
		default:
			return Note{}, errors.New("an unknown key in a memory")
		}
	}
	if n.Text == "" {
		return Note{}, errors.New(`a memory without "text"`)
	}
	return n, p.delim('}')
}

func (p fieldReader) delim(want json.Delim) error {
	token, err := p.dec.Token()
	if err != nil {
		return malformedJSON(err)
	}
	if token != want {
		return fmt.Errorf("%v is missing", want)
	}
	return nil
}

func (p fieldReader) text(what string) (string, error) {
	token, err := p.dec.Token()
	if err != nil {
		return "", malformedJSON(err)
	}
	text, ok := token.(string)
	if !ok {
		return "", fmt.Errorf("%s is no text", what)
	}
	return text, nil
}

// malformedJSON says where reading ended; what stands there is not for logs.
func malformedJSON(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("no JSON at byte %d", syntax.Offset)
	}
	return errors.New("the JSON ends too early")
}
