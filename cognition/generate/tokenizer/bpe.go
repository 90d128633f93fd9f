package tokenizer

import (
	"container/heap"
	"fmt"
	"sync"
	"unicode/utf8"
)

// cacheWords bounds the words remembered by one tokenizer, and cacheBytes the length of one of
// them.
const (
	cacheWords = 10_000
	cacheBytes = 64
)

// pair is two neighbouring token ids.
type pair struct{ left, right int }

// rule is what a pair becomes; a lower rank is applied first.
type rule struct{ rank, id int }

// bpe is byte pair encoding over the characters of a word.
type bpe struct {
	vocab        map[string]int
	rules        map[pair]rule
	unk          int // -1 where unknown characters are dropped
	fuseUnk      bool
	byteFallback bool
	ignoreMerges bool

	mu    sync.RWMutex
	cache map[string][]int
}

// newBPE checks the fields and indexes the merges.
func newBPE(m modelFile) (*bpe, error) {
	switch {
	case m.Dropout != nil && *m.Dropout != 0:
		return nil, unsupported("model.dropout", "%v", *m.Dropout)
	case m.ContinuingSubwordPrefix != nil && *m.ContinuingSubwordPrefix != "":
		return nil, unsupported("model.continuing_subword_prefix", "%q", *m.ContinuingSubwordPrefix)
	case m.EndOfWordSuffix != nil && *m.EndOfWordSuffix != "":
		return nil, unsupported("model.end_of_word_suffix", "%q", *m.EndOfWordSuffix)
	}
	b := &bpe{
		vocab: m.Vocab, rules: make(map[pair]rule, len(m.Merges)), unk: -1,
		fuseUnk: m.FuseUnk, byteFallback: m.ByteFallback, ignoreMerges: m.IgnoreMerges, cache: make(map[string][]int),
	}
	if m.UnkToken != nil {
		id, ok := m.Vocab[*m.UnkToken]
		if !ok {
			return nil, badField("model.unk_token", "%q is not in model.vocab", *m.UnkToken)
		}
		b.unk = id
	}
	for i, parts := range m.Merges {
		var ids [3]int
		for k, part := range []string{parts[0], parts[1], parts[0] + parts[1]} {
			id, ok := m.Vocab[part]
			if !ok {
				return nil, badField(fmt.Sprintf("model.merges[%d]", i), "%q is not in model.vocab", part)
			}
			ids[k] = id
		}
		b.rules[pair{ids[0], ids[1]}] = rule{rank: i, id: ids[2]}
	}
	return b, nil
}

// encode appends the ids of one word.
func (b *bpe) encode(ids []int, word string) ([]int, error) {
	b.mu.RLock()
	known, ok := b.cache[word]
	b.mu.RUnlock()
	if ok {
		return append(ids, known...), nil
	}
	made := b.merge(word)
	if len(word) <= cacheBytes {
		b.mu.Lock()
		if len(b.cache) >= cacheWords {
			clear(b.cache)
		}
		b.cache[word] = made
		b.mu.Unlock()
	}
	return append(ids, made...), nil
}

// merge applies the rules to one word: always the lowest rank, of equals the leftmost.
func (b *bpe) merge(word string) []int {
	if b.ignoreMerges {
		if id, ok := b.vocab[word]; ok {
			return []int{id}
		}
	}
	w := &chain{rules: b.rules, symbols: b.characters(word)}
	for i := range w.symbols {
		w.symbols[i].prev, w.symbols[i].next = i-1, i+1
		w.offer(i)
	}
	heap.Init(&w.queue)
	for len(w.queue) > 0 {
		w.apply(heap.Pop(&w.queue).(candidate))
	}
	ids := make([]int, 0, len(w.symbols))
	for i := 0; i < len(w.symbols); i = w.symbols[i].next {
		ids = append(ids, w.symbols[i].id)
	}
	return ids
}

// characters looks up every character of a word. A character without a token becomes its bytes'
// tokens, the unknown token, or nothing, as the file says. An unknown token is held until the next
// known character, and so comes behind the bytes of characters between: that is what the reference
// implementation does.
func (b *bpe) characters(word string) []symbol {
	symbols := make([]symbol, 0, len(word))
	held := false
	flush := func() {
		if held {
			symbols = append(symbols, symbol{id: b.unk})
		}
		held = false
	}
	for i := 0; i < len(word); {
		_, n := utf8.DecodeRuneInString(word[i:])
		char := word[i : i+n]
		i += n
		if id, ok := b.vocab[char]; ok {
			flush()
			symbols = append(symbols, symbol{id: id})
			continue
		}
		if bytes, ok := b.fallback(char); ok {
			symbols = append(symbols, bytes...)
			continue
		}
		if !b.fuseUnk {
			flush()
		}
		held = b.unk >= 0
	}
	flush()
	return symbols
}

// fallback returns the tokens <0xNN> of a character's bytes, where all exist.
func (b *bpe) fallback(char string) ([]symbol, bool) {
	if !b.byteFallback {
		return nil, false
	}
	list := make([]symbol, 0, len(char))
	for i := range len(char) {
		id, ok := b.vocab[fmt.Sprintf("<0x%02X>", char[i])]
		if !ok {
			return nil, false
		}
		list = append(list, symbol{id: id})
	}
	return list, true
}

// symbol is one token of a word that is being merged, linked to its neighbours; gone marks one
// merged into its left neighbour.
type symbol struct {
	id, prev, next int
	gone           bool
}

// candidate is a pair that may be merged: the symbol at pos and the one behind it, if they still
// make up this pair.
type candidate struct {
	rule rule
	pos  int
	pair pair
}

// chain is a word while it is being merged.
type chain struct {
	rules   map[pair]rule
	symbols []symbol
	queue   candidates
}

// offer adds the pair that starts at i, where a rule for it exists. The queue is a heap only after
// the first pass.
func (w *chain) offer(i int) {
	if i < 0 || w.symbols[i].next >= len(w.symbols) {
		return
	}
	p := pair{w.symbols[i].id, w.symbols[w.symbols[i].next].id}
	if r, ok := w.rules[p]; ok {
		w.queue = append(w.queue, candidate{rule: r, pos: i, pair: p})
	}
}

// apply merges a candidate unless its pair is gone.
func (w *chain) apply(c candidate) {
	left := &w.symbols[c.pos]
	if left.gone || left.next >= len(w.symbols) || left.id != c.pair.left || w.symbols[left.next].id != c.pair.right {
		return
	}
	right := &w.symbols[left.next]
	left.id, left.next, right.gone = c.rule.id, right.next, true
	if right.next < len(w.symbols) {
		w.symbols[right.next].prev = c.pos
	}
	for _, i := range []int{left.prev, c.pos} {
		before := len(w.queue)
		w.offer(i)
		if len(w.queue) > before {
			heap.Fix(&w.queue, before)
		}
	}
}

// candidates is a heap, lowest rank first and then leftmost.
type candidates []candidate

func (c candidates) Len() int { return len(c) }
func (c candidates) Less(i, j int) bool {
	if c[i].rule.rank != c[j].rule.rank {
		return c[i].rule.rank < c[j].rule.rank
	}
	return c[i].pos < c[j].pos
}
func (c candidates) Swap(i, j int) { c[i], c[j] = c[j], c[i] }
func (c *candidates) Push(x any)   { *c = append(*c, x.(candidate)) }
func (c *candidates) Pop() any {
	old := *c
	last := old[len(old)-1]
	*c = old[:len(old)-1]
	return last
}
