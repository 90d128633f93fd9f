package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// splitter cuts text into words and calls each for every one in order.
type splitter func(text string, each func(word string) error) error

// whole passes text on as it is.
func whole(text string, each func(string) error) error {
	if text == "" {
		return nil
	}
	return each(text)
}

// splitterFile mirrors the fields of every pre-tokenizer.
type splitterFile struct {
	Individual  bool              `json:"individual_digits"`
	PrefixSpace *bool             `json:"add_prefix_space"`
	UseRegex    *bool             `json:"use_regex"`
	Parts       []json.RawMessage `json:"pretokenizers"`
	Behavior    string            `json:"behavior"`
	Invert      bool              `json:"invert"`
	Pattern     textPattern       `json:"pattern"`
}

// textPattern is what a part looks for: a plain string or a regular expression.
type textPattern struct {
	Text  *string `json:"String"`
	Regex *string `json:"Regex"`
}

// newSplitter reads one pre-tokenizer.
func newSplitter(field string, raw json.RawMessage) (splitter, error) {
	name, ok, err := typed(field, raw)
	if err != nil || !ok {
		return whole, err
	}
	var f splitterFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, badField(field, "%v", err)
	}
	switch name {
	case "Sequence":
		return newSequence(field, f.Parts)
	case "Digits":
		return byClass(unicode.IsNumber, f.Individual), nil
	case "ByteLevel":
		return newByteLevel(f), nil
	case "Whitespace":
		return byWhitespace, nil
	case "WhitespaceSplit":
		return func(text string, each func(string) error) error { return eachOf(strings.Fields(text), each) }, nil
	case "Split":
		return newSplit(field, f)
	}
	return nil, unsupported(field+".type", "%q", name)
}

// newSequence runs splitters one after another, each on the words of the one before.
func newSequence(field string, parts []json.RawMessage) (splitter, error) {
	all := make([]splitter, len(parts))
	for i, raw := range parts {
		s, err := newSplitter(fmt.Sprintf("%s.pretokenizers[%d]", field, i), raw)
		if err != nil {
			return nil, err
		}
		all[i] = s
	}
	return func(text string, each func(string) error) error { return chained(all, text, each) }, nil
}

func chained(all []splitter, text string, each func(string) error) error {
	if len(all) == 0 {
		return whole(text, each)
	}
	return all[0](text, func(word string) error { return chained(all[1:], word, each) })
}

// newByteLevel splits by the GPT-2 pattern and spells the bytes of every word as printable
// characters.
func newByteLevel(f splitterFile) splitter {
	table := newByteTable()
	prefix := f.PrefixSpace == nil || *f.PrefixSpace
	cut := scan(gpt2)
	if f.UseRegex != nil && !*f.UseRegex {
		cut = whole
	}
	return func(text string, each func(string) error) error {
		if prefix && text != "" && text[0] != ' ' {
			text = " " + text
		}
		return cut(text, func(word string) error { return each(table.write(word)) })
	}
}

// newSplit supports a plain string and the published GPT patterns, each cut out as words of their
// own, and a plain string that stays with what stands before it.
func newSplit(field string, f splitterFile) (splitter, error) {
	if f.Behavior == "MergedWithPrevious" && !f.Invert && f.Pattern.Text != nil && *f.Pattern.Text != "" {
		return behind(*f.Pattern.Text), nil
	}
	if f.Behavior != "Isolated" || f.Invert {
		return nil, unsupported(field+".behavior", "%q, invert %v", f.Behavior, f.Invert)
	}
	switch {
	case f.Pattern.Text != nil && *f.Pattern.Text != "":
		return byString(*f.Pattern.Text), nil
	case f.Pattern.Regex != nil && *f.Pattern.Regex == patternGPT2:
		return scan(gpt2), nil
	case f.Pattern.Regex != nil && *f.Pattern.Regex == patternQwen2:
		return scan(qwen2), nil
	case f.Pattern.Regex != nil:
		return nil, unsupported(field+".pattern.Regex", "%q", *f.Pattern.Regex)
	}
	return nil, badField(field+".pattern", "missing")
}

// byString cuts out every occurrence of sep.
func byString(sep string) splitter {
	return func(text string, each func(string) error) error {
		for {
			i := strings.Index(text, sep)
			if i < 0 {
				return whole(text, each)
			}
			if err := whole(text[:i], each); err != nil {
				return err
			}
			if err := each(sep); err != nil {
				return err
			}
			text = text[i+len(sep):]
		}
	}
}

// behind cuts after every occurrence of sep. One that follows another is a word of its own.
func behind(sep string) splitter {
	return func(text string, each func(string) error) error {
		for {
			i := strings.Index(text, sep)
			if i < 0 {
				return whole(text, each)
			}
			if err := each(text[:i+len(sep)]); err != nil {
				return err
			}
			text = text[i+len(sep):]
		}
	}
}

// byClass cuts out runs of a class, or each of its characters alone.
func byClass(in func(rune) bool, single bool) splitter {
	return func(text string, each func(string) error) error {
		from, inside := 0, false
		for i, r := range text {
			now := in(r)
			if i > from && (now != inside || (now && single)) {
				if err := each(text[from:i]); err != nil {
					return err
				}
				from = i
			}
			inside = now
		}
		return whole(text[from:], each)
	}
}

// byWhitespace is \w+|[^\w\s]+: words and runs of punctuation, white space dropped.
func byWhitespace(text string, each func(string) error) error {
	class := func(r rune) int {
		switch {
		case unicode.IsSpace(r):
			return 0
		case wordRune(r):
			return 1
		}
		return 2
	}
	for i := 0; i < len(text); {
		r, _ := utf8.DecodeRuneInString(text[i:])
		kind, start := class(r), i
		for i < len(text) {
			r, n := utf8.DecodeRuneInString(text[i:])
			if class(r) != kind {
				break
			}
			i += n
		}
		if kind == 0 {
			continue
		}
		if err := each(text[start:i]); err != nil {
			return err
		}
	}
	return nil
}

func eachOf(words []string, each func(string) error) error {
	for _, w := range words {
		if err := each(w); err != nil {
			return err
		}
	}
	return nil
}
