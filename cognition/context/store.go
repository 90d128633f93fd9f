package context

import "container/list"

// Store counts what is kept under keys, in bytes and within a budget: what was used longest ago
// goes first, and what is in use never does. It holds no values. Who is told that keys had to go
// gives back what they stand for.
//
// A store belongs to one goroutine, or to who holds its lock.
type Store[K comparable] struct {
	budget, bytes int64
	items         map[K]*list.Element // of *item[K]
	order         *list.List          // used last, first
	stats         Stats
}

// item is a key with what is kept under it.
type item[K comparable] struct {
	key   K
	bytes int64
	holds int
}

// Stats are a store's counts.
type Stats struct {
	// Entries are the keys under which something is kept, Held those in use.
	Entries int `json:"entries"`
	Held    int `json:"held"`
	// Bytes are kept, of Budget.
	Bytes  int64 `json:"bytes"`
	Budget int64 `json:"budget_bytes"`
	// Evicted and Refused are how often something had to go, and how often there was no room even
	// so.
	Evicted uint64 `json:"evicted"`
	Refused uint64 `json:"refused"`
}

// NewStore makes an empty store. It returns [ErrSize] for a budget below 0.
func NewStore[K comparable](budget int64) (*Store[K], error) {
	if budget < 0 {
		return nil, ErrSize
	}
	return &Store[K]{budget: budget, items: map[K]*list.Element{}, order: list.New()}, nil
}

// of is what an element of the order holds.
func of[K comparable](e *list.Element) *item[K] { return e.Value.(*item[K]) }

// use finds or makes the item of a key, which is now the one used last.
func (s *Store[K]) use(key K) *item[K] {
	e, found := s.items[key]
	if !found {
		e = s.order.PushFront(&item[K]{key: key})
		s.items[key] = e
	}
	s.order.MoveToFront(e)
	return of[K](e)
}

// Hold says that a key is in use, whether or not something is kept under it yet: it stays until as
// many calls of Release have followed.
func (s *Store[K]) Hold(key K) { s.use(key).holds++ }

// Release ends one Hold.
func (s *Store[K]) Release(key K) {
	e, found := s.items[key]
	if !found {
		return
	}
	it := of[K](e)
	it.holds = max(it.holds-1, 0)
	s.tidy(it)
}

// Put says how many bytes are kept under a key, which counts as used, and returns the keys that had
// to go for it, used longest ago first. Where it does not fit beside what is in use, nothing
// changes and the error is a [*BudgetError].
func (s *Store[K]) Put(key K, bytes int64) ([]K, error) {
	if bytes < 0 {
		return nil, ErrSize
	}
	held, before := int64(0), int64(0)
	for k, e := range s.items {
		switch it := of[K](e); {
		case k == key:
			before = it.bytes
		case it.holds > 0:
			held += it.bytes
		}
	}
	if bytes > before && bytes > s.budget-held {
		s.stats.Refused++
		return nil, &BudgetError{Need: bytes, Held: held, Budget: s.budget}
	}
	it := s.use(key)
	s.bytes += bytes - it.bytes
	it.bytes = bytes
	gone := s.shrink(it)
	s.tidy(it)
	return gone, nil
}

// shrink evicts until the budget is kept, sparing one and what is in use.
func (s *Store[K]) shrink(spare *item[K]) (gone []K) {
	for e := s.order.Back(); e != nil && s.bytes > s.budget; {
		it, next := of[K](e), e.Prev()
		if it != spare && it.holds == 0 {
			gone = append(gone, it.key)
			s.Remove(it.key)
			s.stats.Evicted++
		}
		e = next
	}
	return gone
}

// tidy forgets an item under which nothing is kept and that nobody uses.
func (s *Store[K]) tidy(it *item[K]) {
	if it.bytes == 0 && it.holds == 0 {
		s.Remove(it.key)
	}
}

// Remove forgets a key, in use or not, and returns how many bytes were kept under it.
func (s *Store[K]) Remove(key K) int64 {
	e, found := s.items[key]
	if !found {
		return 0
	}
	it := of[K](e)
	s.order.Remove(e)
	delete(s.items, key)
	s.bytes -= it.bytes
	return it.bytes
}

// Stats are the counts.
func (s *Store[K]) Stats() Stats {
	out := s.stats
	out.Bytes, out.Budget = s.bytes, s.budget
	for _, e := range s.items {
		it := of[K](e)
		if it.bytes > 0 {
			out.Entries++
		}
		if it.holds > 0 {
			out.Held++
		}
	}
	return out
}
