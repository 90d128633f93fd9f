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
	case "Replace":
		return newReplace(field, raw)
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

// newReplace puts one string in the place of another, every time it occurs.
func newReplace(field string, raw json.RawMessage) (func(string) string, error) {
	var f struct {
		Pattern textPattern `json:"pattern"`
		Content *string     `json:"content"`
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, badField(field, "%v", err)
	}
	switch {
	case f.Pattern.Regex != nil:
		return nil, unsupported(field+".pattern.Regex", "%q", *f.Pattern.Regex)
	case f.Pattern.Text == nil || *f.Pattern.Text == "":
		return nil, badField(field+".pattern", "missing")
	case f.Content == nil:
		return nil, badField(field+".content", "missing")
	}
	old, fresh := *f.Pattern.Text, *f.Content
	return func(s string) string { return strings.ReplaceAll(s, old, fresh) }, nil
}
