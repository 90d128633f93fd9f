package context

import (
	"container/list"
	"time"
)

// of is what an element of the order holds.
func of[K comparable, V any](e *list.Element) *item[K, V] { return e.Value.(*item[K, V]) }

// stays says that an entry may not be evicted now.
func (i *item[K, V]) stays(now time.Time) bool { return i.holds > 0 || now.Before(i.pinned) }

// fits compares an entry with what is left beside the others that stay.
func (s *Store[K, V]) fits(now time.Time, key K, bytes int64) error {
	held := int64(0)
	for e := s.order.Front(); e != nil; e = e.Next() {
		if it := of[K, V](e); it.Key != key && it.stays(now) {
			held += it.Bytes
		}
	}
	if bytes > s.budget-held {
		return &BudgetError{Need: bytes, Held: held, Budget: s.budget}
	}
	return nil
}

// shrink evicts what was used longest ago until the budget is kept, sparing one and those that
// stay.
func (s *Store[K, V]) shrink(now time.Time, spare *list.Element) []Entry[K, V] {
	var out []Entry[K, V]
	for e := s.order.Back(); e != nil && s.bytes > s.budget; {
		it, before := of[K, V](e), e.Prev()
		if e != spare && !it.stays(now) {
			out = append(out, s.take(e))
			s.stats.Evicted++
			s.remember(it.Key, now)
		}
		e = before
	}
	return out
}

// take removes an entry.
func (s *Store[K, V]) take(e *list.Element) Entry[K, V] {
	it := of[K, V](e)
	s.order.Remove(e)
	delete(s.items, it.Key)
	s.bytes -= it.Bytes
	return it.Entry
}

// Remove takes a value out, held or not, and returns it. ok is false where it is not there.
func (s *Store[K, V]) Remove(key K) (entry Entry[K, V], ok bool) {
	e, ok := s.items[key]
	if !ok {
		return entry, false
	}
	return s.take(e), true
}

// Drain takes everything out, used longest ago first.
func (s *Store[K, V]) Drain() []Entry[K, V] {
	var out []Entry[K, V]
	for e := s.order.Back(); e != nil; e = s.order.Back() {
		out = append(out, s.take(e))
	}
	return out
}

// SetBudget changes the budget and returns what had to go. What is held and pinned stays, even
// beyond the budget, until it is not any more and something else comes.
func (s *Store[K, V]) SetBudget(now time.Time, budget int64) ([]Entry[K, V], error) {
	if budget < 0 {
		return nil, ErrSize
	}
	s.budget = budget
	return s.shrink(now, nil), nil
}

// EvictedAt says when a key was evicted; ok is false where it was not, or came again since, or so
// many others were evicted that it is forgotten.
func (s *Store[K, V]) EvictedAt(key K) (at time.Time, ok bool) {
	at, ok = s.gone[key]
	return at, ok
}

// Stats are the counts at a time, which says what is still pinned.
func (s *Store[K, V]) Stats(now time.Time) Stats {
	out := s.stats
	out.Entries, out.Bytes, out.Budget = len(s.items), s.bytes, s.budget
	for e := s.order.Front(); e != nil; e = e.Next() {
		if of[K, V](e).stays(now) {
			out.Pinned++
		}
	}
	return out
}

// remember keeps in mind that a key was evicted.
func (s *Store[K, V]) remember(key K, now time.Time) {
	s.gone[key] = now
	s.goneOrder = append(s.goneOrder, key)
	if len(s.goneOrder) > maxGone {
		delete(s.gone, s.goneOrder[0])
		s.goneOrder = append([]K(nil), s.goneOrder[1:]...)
	}
}

// forget ends that.
func (s *Store[K, V]) forget(key K) {
	if _, ok := s.gone[key]; !ok {
		return
	}
	delete(s.gone, key)
	for i, k := range s.goneOrder {
		if k == key {
			s.goneOrder = append(s.goneOrder[:i], s.goneOrder[i+1:]...)
			return
		}
	}
}
