package tokenizer

import (
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// decoder turns tokens back into bytes.
type decoder struct {
	// join appends the bytes of one token; first says that no token stands before it.
	join func(dst []byte, token string, first bool) []byte
	// bytes says that a token <0xNN> is a byte of a character that its neighbours complete.
	bytes bool
}

// newDecoder reads the decoder. Without one, tokens are words with a space between them.
func newDecoder(raw json.RawMessage) (decoder, error) {
	name, ok, err := typed("decoder", raw)
	if err != nil {
		return decoder{}, err
	}
	if !ok {
		return decoder{join: func(dst []byte, token string, first bool) []byte {
			if !first {
				dst = append(dst, ' ')
			}
			return append(dst, token...)
		}}, nil
	}
	switch name {
	case "ByteLevel":
		return decoder{join: newByteTable().read}, nil
	case "Fuse":
		return decoder{join: fuse}, nil
	case "Sequence":
		return newDecoders(raw)
	}
	return decoder{}, unsupported("decoder.type", "%q", name)
}

// fuse writes tokens as they are, one behind the other.
func fuse(dst []byte, token string, _ bool) []byte { return append(dst, token...) }

// newDecoders reads the sequence of SentencePiece vocabularies: Replace, any number of times, then
// ByteFallback, then Fuse, each of which may be absent. In another order they would mean something
// else, so that is refused.
func newDecoders(raw json.RawMessage) (decoder, error) {
	var f struct {
		Parts []json.RawMessage `json:"decoders"`
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return decoder{}, badField("decoder", "%v", err)
	}
	order := map[string]int{"Replace": 0, "ByteFallback": 1, "Fuse": 2}
	var replace []func(string) string
	d, before := decoder{}, 0
	for i, part := range f.Parts {
		field := fmt.Sprintf("decoder.decoders[%d]", i)
		name, ok, err := typed(field, part)
		if err != nil {
			return decoder{}, err
		}
		if !ok {
			return decoder{}, badField(field, "missing")
		}
		at, known := order[name]
		if !known || at < before {
			return decoder{}, unsupported(field+".type", "%q in this place", name)
		}
		before = at
		switch name {
		case "Replace":
			r, err := newReplace(field, part)
			if err != nil {
				return decoder{}, err
			}
			replace = append(replace, r)
		case "ByteFallback":
			d.bytes = true
		}
	}
	d.join = func(dst []byte, token string, _ bool) []byte {
		for _, r := range replace {
			token = r(token)
		}
		if b, ok := d.byteOf(token); ok {
			return append(dst, b)
		}
		return append(dst, token...)
	}
	return d, nil
}

// byteOf is the byte that a token <0xNN> stands for.
func (d decoder) byteOf(token string) (byte, bool) {
	if !d.bytes || len(token) != 6 || token[:3] != "<0x" || token[5] != '>' {
		return 0, false
	}
	value, err := strconv.ParseUint(token[3:5], 16, 8)
	return byte(value), err == nil
}

// mend appends bytes that tokens <0xNN> in a row stand for: the characters that they are, or where
// they are not UTF-8 as a whole one U+FFFD for each, as the reference implementation does.
func mend(dst, run []byte) []byte {
	if utf8.Valid(run) {
		return append(dst, run...)
	}
	for range run {
		dst = utf8.AppendRune(dst, utf8.RuneError)
	}
	return dst
}
