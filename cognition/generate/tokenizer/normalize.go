package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// newNormalizer reads one normalizer.
func newNormalizer(field string, raw json.RawMessage) (func(string) string, error) {
	name, ok, err := typed(field, raw)
	if err != nil || !ok {
		return func(s string) string { return s }, err
	}
	switch name {
	case "NFC":
		return norm.NFC.String, nil
	case "NFD":
		return norm.NFD.String, nil
	case "NFKC":
		return norm.NFKC.String, nil
	case "NFKD":
		return norm.NFKD.String, nil
	case "Lowercase":
		return strings.ToLower, nil
	case "Sequence":
		return newNormalizers(field, raw)
	}
	return nil, unsupported(field+".type", "%q", name)
}

// newNormalizers runs normalizers one after another.
func newNormalizers(field string, raw json.RawMessage) (func(string) string, error) {
	var f struct {
		Parts []json.RawMessage `json:"normalizers"`
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, badField(field, "%v", err)
	}
	all := make([]func(string) string, len(f.Parts))
	for i, part := range f.Parts {
		n, err := newNormalizer(fmt.Sprintf("%s.normalizers[%d]", field, i), part)
		if err != nil {
			return nil, err
		}
		all[i] = n
	}
	return func(s string) string {
		for _, n := range all {
			s = n(s)
		}
		return s
	}, nil
}

// decoder appends the bytes of one token; first says that no token stands before it.
type decoder func(dst []byte, token string, first bool) []byte

// newDecoder reads the decoder. Without one, tokens are words with a space between them.
func newDecoder(raw json.RawMessage) (decoder, error) {
	name, ok, err := typed("decoder", raw)
	if err != nil {
		return nil, err
	}
	if !ok {
		return func(dst []byte, token string, first bool) []byte {
			if !first {
				dst = append(dst, ' ')
			}
			return append(dst, token...)
		}, nil
	}
	switch name {
	case "ByteLevel":
		return newByteTable().read, nil
	case "Fuse":
		return func(dst []byte, token string, _ bool) []byte { return append(dst, token...) }, nil
	}
	return nil, unsupported("decoder.type", "%q", name)
}
