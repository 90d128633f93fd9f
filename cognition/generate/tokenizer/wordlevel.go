package tokenizer

import "fmt"

// wordLevel looks whole words up.
type wordLevel struct {
	vocab map[string]int
	unk   int // -1 where the vocabulary has no token for unknown words
}

// newWordLevel checks the fields.
func newWordLevel(m modelFile) (*wordLevel, error) {
	w := &wordLevel{vocab: m.Vocab, unk: -1}
	if m.UnkToken != nil {
		if id, ok := m.Vocab[*m.UnkToken]; ok {
			w.unk = id
		}
	}
	return w, nil
}

// encode appends the id of one word.
func (w *wordLevel) encode(ids []int, word string) ([]int, error) {
	if id, ok := w.vocab[word]; ok {
		return append(ids, id), nil
	}
	if w.unk < 0 {
		return ids, fmt.Errorf("%w: %q", ErrUnknownWord, word)
	}
	return append(ids, w.unk), nil
}
