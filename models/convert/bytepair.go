package convert

import (
	"fmt"
	"unicode/utf8"
)

// bytePair is a byte-level BPE vocabulary in rank order: a lower id was merged earlier.
type bytePair struct {
	tokens [][]byte
	ids    map[string]int
}

// newBytePair takes a vocabulary whose ids are merge ranks, single bytes first, as GPT-2's is.
// Empty tokens, of which multilingual vocabularies have one, take an id and nothing else. Errors
// wrap ErrVocabulary: a token that occurs twice, or a byte that no token covers.
func newBytePair(tokens [][]byte) (*bytePair, error) {
	b := &bytePair{tokens: tokens, ids: make(map[string]int, len(tokens))}
	for id, token := range tokens {
		if len(token) == 0 {
			continue
		}
		if _, seen := b.ids[string(token)]; seen {
			return nil, fmt.Errorf("token %d %q occurs twice: %w", id, token, ErrVocabulary)
		}
		b.ids[string(token)] = id
	}
	for c := range 256 {
		if _, ok := b.ids[string([]byte{byte(c)})]; !ok {
			return nil, fmt.Errorf("no token for byte %#02x: %w", c, ErrVocabulary)
		}
	}
	return b, nil
}

// encode splits text by merging the pair of lowest rank until none is left, using ranks below limit
// only.
func (b *bytePair) encode(text []byte, limit int) [][]byte {
	parts := make([][]byte, len(text))
	for i := range text {
		parts[i] = text[i : i+1]
	}
	for len(parts) > 1 {
		best, at := limit, -1
		start := 0
		for i := range len(parts) - 1 {
			joined := text[start : start+len(parts[i])+len(parts[i+1])]
			if id, ok := b.ids[string(joined)]; ok && id < best {
				best, at = id, i
			}
			start += len(parts[i])
		}
		if at < 0 {
			break
		}
		parts[at] = parts[at][: len(parts[at])+len(parts[at+1]) : cap(parts[at])]
		parts = append(parts[:at+1], parts[at+2:]...)
	}
	return parts
}

// first returns the id of the first token of text.
func (b *bytePair) first(text string) (int, bool) {
	parts := b.encode([]byte(text), len(b.tokens))
	if len(parts) == 0 {
		return 0, false
	}
	id, ok := b.ids[string(parts[0])]
	return id, ok
}

// merges recovers the merge list: the pair behind each token is how lower ranks alone would split
// it. Errors wrap ErrVocabulary: a token of several bytes that is no merge of two others.
func (b *bytePair) merges() ([]string, error) {
	var list []string
	for id, token := range b.tokens {
		if len(token) <= 1 {
			continue
		}
		parts := b.encode(token, id)
		if len(parts) != 2 {
			return nil, fmt.Errorf("token %d %q is not a merge of two lower ones: %w", id, token, ErrVocabulary)
		}
		list = append(list, printable(parts[0])+" "+printable(parts[1]))
	}
	return list, nil
}

// vocabulary maps the printable form of each token to its id.
func (b *bytePair) vocabulary() map[string]int {
	vocab := make(map[string]int, len(b.tokens))
	for id, token := range b.tokens {
		vocab[printable(token)] = id
	}
	return vocab
}

// printable writes bytes as GPT-2's vocabulary files do: visible Latin-1 characters stand for
// themselves, the other 68 bytes for the characters from U+0100 on, in byte order.
func printable(token []byte) string {
	var out []byte
	for _, c := range token {
		out = utf8.AppendRune(out, printableByte(c))
	}
	return string(out)
}

func printableByte(c byte) rune {
	switch {
	case c <= ' ':
		return 0x100 + rune(c)
	case c < 0x7f:
		return rune(c)
	case c <= 0xa0:
		return 0x121 + rune(c-0x7f)
	case c == 0xad:
		return 0x143
	default:
		return rune(c)
	}
}

// tokenizerFile parts shared by both converters.

// addedToken is an entry of tokenizer.json that is matched before anything else.
func addedToken(id int, content string) map[string]any {
	return map[string]any{
		"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true,
	}
}

// byteLevel is the pre-tokenizer, post-processor or decoder of GPT-2's byte alphabet.
func byteLevel(regex bool) map[string]any {
	return map[string]any{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": regex}
}

// bpeTokenizer is tokenizer.json for a byte-level vocabulary.
func bpeTokenizer(vocab map[string]int, merges []string, added []map[string]any, pre any) map[string]any {
	return map[string]any{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": added, "normalizer": nil,
		"pre_tokenizer": pre, "post_processor": nil, "decoder": byteLevel(true),
		"model": map[string]any{
			"type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": "", "end_of_word_suffix": "",
			"fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": vocab, "merges": merges,
		},
	}
}

// tokenizer is tokenizer.json of a Whisper.
func (t *whisperTokens) tokenizer() (map[string]any, error) {
	merges, err := t.bpe.merges()
	if err != nil {
		return nil, err
	}
	var added []map[string]any
	for i, name := range t.special() {
		added = append(added, addedToken(t.end+i, name))
	}
	return bpeTokenizer(t.bpe.vocabulary(), merges, added, byteLevel(true)), nil
}
