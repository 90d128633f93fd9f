package tokenizer

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// model turns one pre-tokenized word into ids, appended to ids.
type model interface {
	encode(ids []int, word string) ([]int, error)
}

// Tokenizer encodes and decodes text. It is immutable and safe for any number of goroutines.
type Tokenizer struct {
	normalize func(string) string
	split     splitter
	model     model
	decode    decoder

	ids     map[string]int // every token by its content, added tokens included
	tokens  []string       // content by id; empty where an id is not used
	special []bool         // by id: left out by Decode

	verbatim   matcher // added tokens searched in the text as it is
	normalized matcher // added tokens searched after normalization
}

// index builds the tables by id and the added-token matchers.
func (t *Tokenizer) index(vocab map[string]int, added []addedToken) error {
	size := 0
	for _, id := range vocab {
		size = max(size, id+1)
	}
	if err := checkAdded(vocab, added); err != nil {
		return err
	}
	for _, a := range added {
		size = max(size, a.ID+1)
	}
	if limit := 4*(len(vocab)+len(added)) + 1024; size > limit {
		return badField("model.vocab", "largest id %d for %d tokens", size-1, len(vocab)+len(added))
	}
	t.ids = make(map[string]int, len(vocab)+len(added))
	t.tokens = make([]string, size)
	t.special = make([]bool, size)
	for word, id := range vocab {
		if t.tokens[id] != "" {
			return badField("model.vocab", "%q and %q have the same id %d", t.tokens[id], word, id)
		}
		t.ids[word], t.tokens[id] = id, word
	}
	for _, a := range added {
		if a.Content == "" {
			continue
		}
		t.ids[a.Content] = a.ID
		t.special[a.ID] = a.Special
		if a.Normalized {
			a.Content = t.normalize(a.Content)
			t.normalized.add(a)
		} else {
			t.verbatim.add(a)
		}
		t.tokens[a.ID] = a.Content
	}
	t.verbatim.finish()
	t.normalized.finish()
	return nil
}

// checkAdded refuses ids that the reference implementation would not use: it takes the vocabulary's
// id, or counts on from the highest one.
func checkAdded(vocab map[string]int, added []addedToken) error {
	next := len(vocab)
	for i, a := range added {
		want, ok := vocab[a.Content]
		if !ok {
			want = next
		}
		if a.ID != want {
			return badField(fmt.Sprintf("added_tokens[%d].id", i), "%d of %q, where %d belongs", a.ID, a.Content, want)
		}
		next = max(next, a.ID+1)
	}
	return nil
}

// Size is one more than the largest token id.
func (t *Tokenizer) Size() int { return len(t.tokens) }

// ID returns the id of a token by its exact content.
func (t *Tokenizer) ID(token string) (int, bool) {
	id, ok := t.ids[token]
	return id, ok
}

// Token returns the content of an id; ok is false where the id is not used.
func (t *Tokenizer) Token(id int) (content string, ok bool) {
	if id < 0 || id >= len(t.tokens) || t.tokens[id] == "" {
		return "", false
	}
	return t.tokens[id], true
}

// Special reports whether the id is a special token: one that Decode leaves out.
func (t *Tokenizer) Special(id int) bool { return id >= 0 && id < len(t.special) && t.special[id] }

// Specials returns the special tokens in the order of their ids.
func (t *Tokenizer) Specials() []string {
	var list []string
	for id, special := range t.special {
		if special && t.tokens[id] != "" {
			list = append(list, t.tokens[id])
		}
	}
	return list
}

// Encode returns the ids of text, special tokens included where text spells them. Nothing is added
// in front or behind. Invalid UTF-8 becomes U+FFFD. It returns [ErrUnknownWord] only for
// vocabularies without a token for unknown words.
func (t *Tokenizer) Encode(text string) ([]int, error) { return t.EncodeGuarded(text, nil) }

// EncodeGuarded is Encode, except that no added token may be found across any of the guards:
// ascending byte offsets into text. It lets a caller mark foreign text, so that a person who writes
// a special token's name gets its letters and not its function.
func (t *Tokenizer) EncodeGuarded(text string, guards []int) ([]int, error) {
	if !utf8.ValidString(text) {
		if len(guards) > 0 {
			return nil, fmt.Errorf("%w: guarded text must be valid UTF-8", ErrText)
		}
		text = Valid([]byte(text))
	}
	ids := make([]int, 0, len(text)/3+8)
	var err error
	t.verbatim.cut(text, guards, func(plain string, id int) bool {
		if id >= 0 {
			ids = append(ids, id)
			return true
		}
		ids, err = t.encodePlain(ids, plain)
		return err == nil
	})
	return ids, err
}

// encodePlain encodes text that holds no verbatim added token.
func (t *Tokenizer) encodePlain(ids []int, text string) ([]int, error) {
	var err error
	t.normalized.cut(t.normalize(text), nil, func(plain string, id int) bool {
		if id >= 0 {
			ids = append(ids, id)
			return true
		}
		err = t.split(plain, func(word string) error {
			ids, err = t.model.encode(ids, word)
			return err
		})
		return err == nil
	})
	return ids, err
}

// AddedIn reports where added tokens are found in text: ascending pairs of byte offsets.
func (t *Tokenizer) AddedIn(text string) [][2]int {
	var found [][2]int
	for _, m := range []*matcher{&t.verbatim, &t.normalized} {
		for at := 0; at < len(text); {
			start, end, _ := m.next(text, at, nil)
			if start < 0 {
				break
			}
			found = append(found, [2]int{start, end})
			at = end
		}
	}
	slices.SortFunc(found, func(a, b [2]int) int { return a[0] - b[0] })
	return found
}

// Decode returns the text of ids. Special tokens are left out unless keepSpecial is set. Bytes that
// are not UTF-8 become U+FFFD.
func (t *Tokenizer) Decode(ids []int, keepSpecial bool) (string, error) {
	var raw, run []byte
	first := true
	for _, id := range ids {
		if t.Special(id) && !keepSpecial {
			continue
		}
		token, ok := t.Token(id)
		if !ok {
			return "", t.noToken(id)
		}
		if b, ok := t.decode.byteOf(token); ok {
			run = append(run, b)
		} else {
			raw = t.decode.join(mend(raw, run), token, first)
			run = run[:0]
		}
		first = false
	}
	return Valid(mend(raw, run)), nil
}

// noToken is the error for an id that is not used.
func (t *Tokenizer) noToken(id int) error {
	return fmt.Errorf("%w: %d of %d", ErrTokenID, id, len(t.tokens))
}

// AppendBytes appends the bytes that the token stands for. The bytes of one token need not be valid
// UTF-8 by themselves; first says that no token stands before it.
func (t *Tokenizer) AppendBytes(dst []byte, id int, first bool) ([]byte, error) {
	token, ok := t.Token(id)
	if !ok {
		return dst, t.noToken(id)
	}
	return t.decode.join(dst, token, first), nil
}
