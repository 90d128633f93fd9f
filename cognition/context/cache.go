package context

import (
	"errors"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

var (
	// ErrEvicted means that a context is not kept under its key any more, or never was: give it
	// again. The error is an [*EvictedError].
	ErrEvicted = errors.New("context_evicted")
	// ErrKey means that a context does not hash to the key that it was given with.
	ErrKey = errors.New("the context is not that of its key")
)

// EvictedError says which contexts are not there.
type EvictedError struct{ Keys []Key }

// Error names them.
func (e *EvictedError) Error() string {
	return fmt.Sprintf("%v: %q: ask what is missing, and give it again", ErrEvicted, e.Keys)
}

// Unwrap returns [ErrEvicted].
func (e *EvictedError) Unwrap() error { return ErrEvicted }

// KeyError says which key a context was given with, and what its own is.
type KeyError struct{ Given, Own Key }

// Error gives both.
func (e *KeyError) Error() string {
	given := e.Given
	if len(given) > 2*keyBytes {
		given = given[:2*keyBytes] + "…"
	}
	return fmt.Sprintf("%v: given as %q, its own key is %s", ErrKey, given, e.Own)
}

// Unwrap returns [ErrKey].
func (e *KeyError) Unwrap() error { return ErrKey }

// PinFor is how long what was asked for, or given, is not evicted: time to send what is missing,
// and to plan and begin the turn that it is for.
const PinFor = 30 * time.Second

// overhead is what a segment counts beside its bytes, so that empty ones are not free.
const overhead = 64

// Cache keeps contexts that came from another process, under their keys and within a budget of
// bytes: what was used longest ago goes first, and what is pinned does not. It belongs to one
// goroutine, or to who holds its lock, and its times come from the caller.
type Cache struct {
	store *Store[Key]
	kept  map[Key][]prompt.Segment
	pins  map[Key]time.Time // until when
}

// CacheStats are a cache's counts.
type CacheStats struct {
	Stats
	// Pinned are the contexts that are not evicted now.
	Pinned int `json:"pinned"`
}

// NewCache makes an empty cache. It returns [ErrSize] for a budget below 0.
func NewCache(budget int64) (*Cache, error) {
	s, err := NewStore[Key](budget)
	if err != nil {
		return nil, err
	}
	return &Cache{store: s, kept: map[Key][]prompt.Segment{}, pins: map[Key]time.Time{}}, nil
}

// Missing pins those of the keys that are there until PinFor from now, and returns the others in
// their order, each once.
func (c *Cache) Missing(now time.Time, keys []Key) (missing []Key) {
	c.unpin(now)
	seen := map[Key]bool{}
	for _, k := range keys {
		switch {
		case seen[k]:
		case c.kept[k] == nil:
			missing = append(missing, k)
		default:
			c.pin(now, k)
		}
		seen[k] = true
	}
	return missing
}

// Put keeps a context and pins it. want is the key that it was given with; empty asks for its key
// only. The segments are the cache's from now on. Errors: those of prompt.CheckGiven, a
// [*KeyError], and a [*BudgetError] where it does not fit beside what is pinned; nothing has
// changed then.
func (c *Cache) Put(now time.Time, want Key, segments []prompt.Segment) (Key, error) {
	c.unpin(now)
	if len(segments) == 0 {
		return "", fmt.Errorf("%w: it has no segments", prompt.ErrGiven)
	}
	if err := prompt.CheckGiven(segments); err != nil {
		return "", err
	}
	key := KeyOf(segments)
	if want != "" && want != key {
		return "", &KeyError{Given: want, Own: key}
	}
	if c.kept[key] == nil {
		gone, err := c.store.Put(key, Bytes(segments))
		if err != nil {
			return "", err
		}
		for _, k := range gone {
			delete(c.kept, k)
		}
		c.kept[key] = segments
	}
	c.pin(now, key)
	return key, nil
}

// Take returns what is kept under a key, which counts as used; it is not to be changed, and stays
// as it is whatever the cache does. The error is an [*EvictedError].
func (c *Cache) Take(now time.Time, key Key) ([]prompt.Segment, error) {
	c.unpin(now)
	segments := c.kept[key]
	if segments == nil {
		return nil, &EvictedError{Keys: []Key{key}}
	}
	c.store.Hold(key) // used now
	c.store.Release(key)
	return segments, nil
}

// Stats are the counts.
func (c *Cache) Stats(now time.Time) CacheStats {
	c.unpin(now)
	return CacheStats{Stats: c.store.Stats(), Pinned: len(c.pins)}
}

func (c *Cache) pin(now time.Time, key Key) {
	if c.pins[key].IsZero() {
		c.store.Hold(key)
	}
	c.pins[key] = now.Add(PinFor)
}

// unpin ends the pins whose time is over.
func (c *Cache) unpin(now time.Time) {
	for key, until := range c.pins {
		if !now.Before(until) {
			delete(c.pins, key)
			c.store.Release(key)
		}
	}
}

// KeyOf is the key of a context: the one behind its last segment.
func KeyOf(segments []prompt.Segment) Key {
	key := Key("")
	for _, s := range segments {
		key = Next(key, s.Kind, s.Bytes())
	}
	return key
}

// Bytes are what a context counts in a cache.
func Bytes(segments []prompt.Segment) int64 {
	n := int64(0)
	for _, s := range segments {
		n += overhead + int64(len(s.Kind)) + int64(len(s.Role)) + int64(len(s.Text)) + int64(len(s.Note))
	}
	return n
}
