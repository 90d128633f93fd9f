package whisper

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// Vocabulary maps token ids to bytes and back. It is read-only after ParseVocabulary.
type Vocabulary struct {
	pieces  [][]byte // nil for ids that write nothing: special tokens and gaps
	lexicon lexicon  // of the tokens that text is cut into
}

// ParseVocabulary reads tokenizer.json, or vocab.json (a plain map from pieces to ids), of a
// byte-level tokenizer. The error is ErrTokenizer.
func ParseVocabulary(data []byte) (*Vocabulary, error) {
	var file struct {
		Model struct {
			Vocab map[string]int `json:"vocab"`
		} `json:"model"`
		Added []struct {
			ID      int    `json:"id"`
			Content string `json:"content"`
			Special bool   `json:"special"`
		} `json:"added_tokens"`
	}
	pieces := map[string]int{}
	if err := json.Unmarshal(data, &file); err == nil && len(file.Model.Vocab) > 0 {
		pieces = file.Model.Vocab
	} else if err := json.Unmarshal(data, &pieces); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTokenizer, err)
	}
	v := &Vocabulary{}
	alphabet := byteAlphabet()
	for piece, id := range pieces {
		text, err := decodePiece(piece, alphabet)
		if err != nil {
			return nil, err
		}
		if err := v.set(id, text); err != nil {
			return nil, err
		}
	}
	v.lexicon = newLexicon(v.pieces)
	for _, added := range file.Added {
		text := []byte(added.Content)
		if added.Special || strings.HasPrefix(added.Content, "<|") {
			text = nil
		}
		if err := v.set(added.ID, text); err != nil {
			return nil, err
		}
	}
	if len(v.pieces) == 0 {
		return nil, fmt.Errorf("%w: no tokens", ErrTokenizer)
	}
	return v, nil
}

// set stores the bytes of a token.
func (v *Vocabulary) set(id int, text []byte) error {
	if id < 0 || id >= maxTokenID {
		return fmt.Errorf("%w: token id %d", ErrTokenizer, id)
	}
	if id >= len(v.pieces) {
		v.pieces = append(v.pieces, make([][]byte, id+1-len(v.pieces))...)
	}
	v.pieces[id] = text
	return nil
}

// Size returns one more than the highest id.
func (v *Vocabulary) Size() int { return len(v.pieces) }

// Text returns the text of tokens, without special tokens and outer space. Ids outside the
// vocabulary are hearing.ErrModel.
func (v *Vocabulary) Text(tokens []int) (string, error) {
	var b []byte
	for _, id := range tokens {
		if id < 0 || id >= len(v.pieces) {
			return "", fmt.Errorf("%w: whisper: token %d of a vocabulary of %d", hearing.ErrModel, id, len(v.pieces))
		}
		b = append(b, v.pieces[id]...)
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(b), "�")), nil
}

// byteAlphabet maps the characters that byte-level tokenizers write for bytes back to them:
// printable Latin-1 characters stand for themselves, all other bytes, in order, for the characters
// from U+0100 on.
func byteAlphabet() map[rune]byte {
	alphabet := make(map[rune]byte, 256)
	next := rune(0x100)
	for b := range 256 {
		r := rune(b)
		if (r >= '!' && r <= '~') || (r >= 0xA1 && r <= 0xAC) || (r >= 0xAE && r <= 0xFF) {
			alphabet[r] = byte(b)
			continue
		}
		alphabet[next] = byte(b)
		next++
	}
	return alphabet
}

// decodePiece returns the bytes of a piece. Pieces like <|endoftext|> write nothing.
func decodePiece(piece string, alphabet map[rune]byte) ([]byte, error) {
	if strings.HasPrefix(piece, "<|") && strings.HasSuffix(piece, "|>") {
		return nil, nil
	}
	out := make([]byte, 0, utf8.RuneCountInString(piece))
	for _, r := range piece {
		b, ok := alphabet[r]
		if !ok {
			return nil, fmt.Errorf("%w: piece %q is not byte-level", ErrTokenizer, piece)
		}
		out = append(out, b)
	}
	return out, nil
}
