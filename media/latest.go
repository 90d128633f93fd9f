package media

import "sync"

// Latest is a slot for one value where a new one replaces the old: the policy for video. Safe from
// any goroutine.
type Latest[T any] struct {
	mu    sync.Mutex
	v     T
	full  bool
	drops uint64
	ready chan struct{}
}

// NewLatest returns an empty slot.
func NewLatest[T any]() *Latest[T] {
	return &Latest[T]{ready: make(chan struct{}, 1)}
}

// Put stores v. A value that nobody took is counted and returned with dropped true, so that its
// owner can release it. Put never blocks.
func (l *Latest[T]) Put(v T) (replaced T, dropped bool) {
	l.mu.Lock()
	if l.full {
		replaced, dropped = l.v, true
		l.drops++
	}
	l.v, l.full = v, true
	l.mu.Unlock()
	signal(l.ready)
	return replaced, dropped
}

// Take empties the slot; ok is false when it was empty. Take never blocks.
func (l *Latest[T]) Take() (v T, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.full {
		return v, false
	}
	var zero T
	v, l.v, l.full = l.v, zero, false
	return v, true
}

// Ready returns a channel that holds a token after a Put. A token may outlive its value. One
// consumer only.
func (l *Latest[T]) Ready() <-chan struct{} { return l.ready }

// Drops returns how many values were replaced before anybody took them.
func (l *Latest[T]) Drops() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.drops
}
