package context

import (
	"container/list"
	"time"
)

// Entry is what a store holds under a key.
type Entry[K comparable, V any] struct {
	Key   K
	Value V
	Bytes int64
}

// Store keeps values under keys, within a budget of bytes: what was used longest ago goes first.
// What somebody works with is held and stays ([Store.Hold]), and what somebody was promised is
// pinned until a time ([Store.Pin]). Values that go are handed to the caller, who gives back what
// they own.
//
// A store belongs to one goroutine. Time is passed in and must not run backwards.
type Store[K comparable, V any] struct {
	budget, bytes int64
	items         map[K]*list.Element // of *item[K, V]
	order         *list.List          // used last, first
	gone          map[K]time.Time     // evicted keys
	goneOrder     []K                 // the same, oldest first
	stats         Stats
}

// item is an entry with its rights to stay.
type item[K comparable, V any] struct {
	Entry[K, V]
	holds  int
	pinned time.Time // until then
}

// maxGone bounds the memory of what was evicted: enough to tell every persona of a large
// installation once, and small beside one prompt cache.
const maxGone = 1024

// Stats are a store's counts.
type Stats struct {
	Entries, Pinned       int // Pinned or held
	Bytes, Budget         int64
	Hits, Misses, Evicted uint64
}

// NewStore makes an empty store. It returns [ErrSize] for a budget below 0.
func NewStore[K comparable, V any](budget int64) (*Store[K, V], error) {
	if budget < 0 {
		return nil, ErrSize
	}
	return &Store[K, V]{
		budget: budget, items: map[K]*list.Element{}, order: list.New(), gone: map[K]time.Time{},
	}, nil
}

// Put adds a value, or puts it in the place of the one under its key, and returns what had to go
// for it, a replaced value included. Where it does not fit beside what is held and pinned, nothing
// changes and the error is a [*BudgetError].
func (s *Store[K, V]) Put(now time.Time, key K, value V, bytes int64) ([]Entry[K, V], error) {
	if bytes < 0 {
		return nil, ErrSize
	}
	old, found := s.items[key]
	if err := s.fits(now, key, bytes); err != nil {
		return nil, err
	}
	var out []Entry[K, V]
	if found {
		it := of[K, V](old)
		out = append(out, it.Entry)
		s.bytes += bytes - it.Bytes
		it.Value, it.Bytes = value, bytes
		s.order.MoveToFront(old)
	} else {
		s.items[key] = s.order.PushFront(&item[K, V]{Entry: Entry[K, V]{key, value, bytes}})
		s.bytes += bytes
		s.forget(key)
	}
	return append(out, s.shrink(now, s.items[key])...), nil
}

// Get returns a value and marks it as used. ok is false where it is not there.
func (s *Store[K, V]) Get(key K) (value V, ok bool) {
	e, ok := s.items[key]
	if !ok {
		s.stats.Misses++
		return value, false
	}
	s.stats.Hits++
	s.order.MoveToFront(e)
	return of[K, V](e).Value, true
}

// Resize says that a value has grown or shrunk, and returns what had to go for it. Where it does
// not fit, its size is recorded all the same, since the memory is taken, everything else that may
// go goes, and the error is a [*BudgetError]: the caller closes the value and removes it.
func (s *Store[K, V]) Resize(now time.Time, key K, bytes int64) ([]Entry[K, V], error) {
	e, found := s.items[key]
	switch {
	case bytes < 0:
		return nil, ErrSize
	case !found:
		return nil, &EvictedError[K]{Keys: []K{key}}
	}
	err := s.fits(now, key, bytes)
	s.bytes += bytes - of[K, V](e).Bytes
	of[K, V](e).Bytes = bytes
	s.order.MoveToFront(e)
	return s.shrink(now, e), err
}

// Hold keeps a value from being evicted until as many calls of Release have followed. ok is false
// where it is not there.
func (s *Store[K, V]) Hold(key K) (ok bool) {
	e, ok := s.items[key]
	if ok {
		of[K, V](e).holds++
	}
	return ok
}

// Release ends one Hold.
func (s *Store[K, V]) Release(key K) {
	if e, ok := s.items[key]; ok && of[K, V](e).holds > 0 {
		of[K, V](e).holds--
	}
}

// Pin keeps a value from being evicted until a time; the latest of several times counts. ok is
// false where the value is not there.
func (s *Store[K, V]) Pin(key K, until time.Time) (ok bool) {
	e, ok := s.items[key]
	if ok && until.After(of[K, V](e).pinned) {
		of[K, V](e).pinned = until
	}
	return ok
}

// Missing returns those of the keys that are not there, each once and in order, and pins the others
// until a time: who has sent what is missing finds all of them.
func (s *Store[K, V]) Missing(keys []K, until time.Time) []K {
	var missing []K
	seen := map[K]bool{}
	for _, key := range keys {
		if !s.Pin(key, until) && !seen[key] {
			missing = append(missing, key)
			seen[key] = true
		}
	}
	return missing
}

// All returns the values of keys, each marked as used, or an [*EvictedError] that names those which
// are not there.
func (s *Store[K, V]) All(keys []K) ([]V, error) {
	values := make([]V, 0, len(keys))
	var missing []K
	for _, key := range keys {
		value, ok := s.Get(key)
		if !ok {
			missing = append(missing, key)
		}
		values = append(values, value)
	}
	if missing != nil {
		return nil, &EvictedError[K]{Keys: missing}
	}
	return values, nil
}
