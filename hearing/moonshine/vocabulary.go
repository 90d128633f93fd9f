package moonshine

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sensory-agent/sensory-agent/hearing"
)

// maxTokens bounds a vocabulary: no tokenizer of this family comes near it.
const maxTokens = 1 << 20

// ErrTokenizer reports a tokenizer.bin that cannot be read.
var ErrTokenizer = errors.New("moonshine: bad tokenizer file")

// Vocabulary maps token ids to text.
type Vocabulary struct {
	pieces [][]byte
}

// ParseVocabulary reads tokenizer.bin: for each id a length (one byte, or two when the first is 128
// or more: first − 128 + 128 · second) and that many bytes. It keeps no reference to data. The
// error is ErrTokenizer.
func ParseVocabulary(data []byte) (*Vocabulary, error) {
	data = append([]byte(nil), data...)
	v := &Vocabulary{}
	for at := 0; at < len(data); {
		length := int(data[at])
		at++
		if length >= 128 {
			if at == len(data) {
				return nil, fmt.Errorf("%w: ends within the length of token %d", ErrTokenizer, len(v.pieces))
			}
			length = length - 128 + 128*int(data[at])
			at++
		}
		if length > len(data)-at {
			return nil, fmt.Errorf("%w: token %d has %d bytes, %d are left", ErrTokenizer, len(v.pieces), length, len(data)-at)
		}
		if len(v.pieces) == maxTokens {
			return nil, fmt.Errorf("%w: more than %d tokens", ErrTokenizer, maxTokens)
		}
		v.pieces = append(v.pieces, data[at:at+length])
		at += length
	}
	if len(v.pieces) <= endToken {
		return nil, fmt.Errorf("%w: %d tokens", ErrTokenizer, len(v.pieces))
	}
	return v, nil
}

// Size returns the number of tokens.
func (v *Vocabulary) Size() int { return len(v.pieces) }

// Text returns the text of tokens, without control tokens and outer space. Ids outside the
// vocabulary are hearing.ErrModel.
func (v *Vocabulary) Text(tokens []int) (string, error) {
	var b strings.Builder
	for _, id := range tokens {
		if id < 0 || id >= len(v.pieces) {
			return "", fmt.Errorf("%w: token %d of a vocabulary of %d", hearing.ErrModel, id, len(v.pieces))
		}
		piece := v.pieces[id]
		if len(piece) > 2 && piece[0] == '<' && piece[len(piece)-1] == '>' {
			if value, ok := byteToken(piece); ok {
				b.WriteByte(value)
			}
			continue
		}
		b.Write(piece)
	}
	text := strings.ReplaceAll(b.String(), "▁", " ")
	return strings.TrimSpace(strings.ToValidUTF8(text, "�")), nil
}

// byteToken reads <0xNN>, the form of a single byte that no other token covers.
func byteToken(piece []byte) (byte, bool) {
	var value byte
	if len(piece) != len("<0xNN>") || string(piece[:3]) != "<0x" {
		return 0, false
	}
	for _, c := range piece[3:5] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		value = value<<4 | c
	}
	return value, true
}
