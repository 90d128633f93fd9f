package tokenizer

import (
	"encoding/json"
	"fmt"
	"math"
)

// maxFile bounds what is read: the largest published vocabularies take about 20 MB.
const maxFile = 128 << 20

// file mirrors tokenizer.json. Parts that depend on a type name stay raw until that name is known.
type file struct {
	Added        []addedToken    `json:"added_tokens"`
	Normalizer   json.RawMessage `json:"normalizer"`
	PreTokenizer json.RawMessage `json:"pre_tokenizer"`
	Decoder      json.RawMessage `json:"decoder"`
	Model        json.RawMessage `json:"model"`
}

// addedToken is one entry of added_tokens.
type addedToken struct {
	ID         int    `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// modelFile mirrors the model of tokenizer.json, for both supported types.
type modelFile struct {
	Type                    string         `json:"type"`
	Vocab                   map[string]int `json:"vocab"`
	Merges                  []merge        `json:"merges"`
	UnkToken                *string        `json:"unk_token"`
	Dropout                 *float64       `json:"dropout"`
	ContinuingSubwordPrefix *string        `json:"continuing_subword_prefix"`
	EndOfWordSuffix         *string        `json:"end_of_word_suffix"`
	FuseUnk                 bool           `json:"fuse_unk"`
	ByteFallback            bool           `json:"byte_fallback"`
	IgnoreMerges            bool           `json:"ignore_merges"`
}

// merge is one merge rule; older files write "a b", newer ones ["a","b"].
type merge [2]string

// UnmarshalJSON accepts both forms.
func (m *merge) UnmarshalJSON(data []byte) error {
	var pair []string
	if len(data) > 0 && data[0] == '[' {
		if err := json.Unmarshal(data, &pair); err != nil {
			return err
		}
		if len(pair) != 2 {
			return fmt.Errorf("merge has %d parts instead of 2", len(pair))
		}
		m[0], m[1] = pair[0], pair[1]
		return nil
	}
	var line string
	if err := json.Unmarshal(data, &line); err != nil {
		return err
	}
	spaces := 0
	for i := range line {
		if line[i] == ' ' {
			m[0], m[1] = line[:i], line[i+1:]
			spaces++
		}
	}
	if spaces != 1 {
		return fmt.Errorf("merge %q has %d spaces instead of 1", line, spaces)
	}
	return nil
}

// Parse reads a tokenizer.json. It returns a [*FieldError].
func Parse(data []byte) (*Tokenizer, error) {
	if len(data) > maxFile {
		return nil, badField("file", "%d bytes are more than %d", len(data), maxFile)
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, badField("file", "%v", err)
	}
	if isNull(f.Model) {
		return nil, badField("model", "missing")
	}
	var m modelFile
	if err := json.Unmarshal(f.Model, &m); err != nil {
		return nil, badField("model", "%v", err)
	}
	t := &Tokenizer{}
	var err error
	if t.model, err = newModel(m); err != nil {
		return nil, err
	}
	if t.normalize, err = newNormalizer("normalizer", f.Normalizer); err != nil {
		return nil, err
	}
	if t.split, err = newSplitter("pre_tokenizer", f.PreTokenizer); err != nil {
		return nil, err
	}
	if t.decode, err = newDecoder(f.Decoder); err != nil {
		return nil, err
	}
	if err := t.index(m.Vocab, f.Added); err != nil {
		return nil, err
	}
	return t, nil
}

// newModel picks the model by its type; files written before the field existed are BPE.
func newModel(m modelFile) (model, error) {
	for word, id := range m.Vocab {
		if id < 0 || id > math.MaxInt32 {
			return nil, badField("model.vocab", "id %d of %q", id, word)
		}
	}
	if len(m.Vocab) == 0 {
		return nil, badField("model.vocab", "missing or empty")
	}
	switch m.Type {
	case "BPE", "":
		return newBPE(m)
	case "WordLevel":
		return newWordLevel(m)
	}
	return nil, unsupported("model.type", "%q", m.Type)
}

// typed reads the type name of a part; ok is false for an absent part.
func typed(field string, raw json.RawMessage) (name string, ok bool, err error) {
	if isNull(raw) {
		return "", false, nil
	}
	var part struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(raw, &part); err != nil {
		return "", false, badField(field, "%v", err)
	}
	if part.Type == "" {
		return "", false, badField(field+".type", "missing")
	}
	return part.Type, true, nil
}

// isNull reports whether a raw part is absent.
func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }
