package tokenizer

import (
	"unicode/utf8"
)

// byteRunes maps every byte to a printable character, as byte-level BPE writes it: printable
// Latin-1 stays, the rest moves to U+0100 and up in order (GPT-2, bytes_to_unicode).
func byteRunes() [256]rune {
	var table [256]rune
	moved := rune(256)
	for b := range table {
		r := rune(b)
		if (r >= '!' && r <= '~') || (r >= 0xA1 && r <= 0xAC) || (r >= 0xAE && r <= 0xFF) {
			table[b] = r
			continue
		}
		table[b] = moved
		moved++
	}
	return table
}

// byteTable maps both ways.
type byteTable struct {
	runes [256]rune
	bytes map[rune]byte
}

func newByteTable() *byteTable {
	t := &byteTable{runes: byteRunes(), bytes: make(map[rune]byte, 256)}
	for b, r := range t.runes {
		t.bytes[r] = byte(b)
	}
	return t
}

// write spells the bytes of text as printable characters.
func (t *byteTable) write(text string) string {
	out := make([]byte, 0, 2*len(text))
	for i := range len(text) {
		out = utf8.AppendRune(out, t.runes[text[i]])
	}
	return string(out)
}

// read appends the bytes that a token spells; a token with any other character stands for itself.
func (t *byteTable) read(dst []byte, token string, _ bool) []byte {
	from := len(dst)
	for _, r := range token {
		b, ok := t.bytes[r]
		if !ok {
			return append(dst[:from], token...)
		}
		dst = append(dst, b)
	}
	return dst
}

// Valid is raw as valid UTF-8: every longest part that cannot be a character becomes one U+FFFD.
func Valid(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	out := make([]byte, 0, len(raw)+8)
	for len(raw) > 0 {
		n := Complete(raw)
		if n > 0 {
			out = append(out, raw[:n]...)
			raw = raw[n:]
			continue
		}
		out = utf8.AppendRune(out, utf8.RuneError)
		raw = raw[broken(raw):]
	}
	return string(out)
}

// Complete is the length of the longest front part of raw that is valid UTF-8.
func Complete(raw []byte) int {
	n := 0
	for n < len(raw) {
		r, size := utf8.DecodeRune(raw[n:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	return n
}

// Broken reports how many bytes at the front of raw can never become a character, or 0 where more
// bytes may complete it.
func Broken(raw []byte) int {
	if !utf8.FullRune(raw) {
		return 0
	}
	return broken(raw)
}

// broken is the length of the longest part at the front of raw that starts a character without
// completing it.
func broken(raw []byte) int {
	length := 1
	for k := 2; k <= min(3, len(raw)); k++ {
		if utf8.FullRune(raw[:k]) {
			break
		}
		length = k
	}
	return length
}
