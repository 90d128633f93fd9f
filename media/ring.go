package media

import "sync"

// Ring is a bounded first-in, first-out queue that drops its oldest entry when it is full: the
// policy for audio. Safe from any goroutine.
type Ring[T any] struct {
	mu    sync.Mutex
	buf   []T
	head  int
	n     int
	drops uint64
	ready chan struct{}
}

// NewRing returns a queue for at most capacity entries (at least one).
func NewRing[T any](capacity int) *Ring[T] {
	return &Ring[T]{buf: make([]T, max(capacity, 1)), ready: make(chan struct{}, 1)}
}

// Push appends v. When the queue is full the oldest entry is taken out, counted and returned with
// dropped true, so that its owner can release it. Push never blocks.
func (r *Ring[T]) Push(v T) (evicted T, dropped bool) {
	r.mu.Lock()
	if r.n == len(r.buf) {
		evicted, dropped = r.pop(), true
		r.drops++
	}
	r.buf[(r.head+r.n)%len(r.buf)] = v
	r.n++
	r.mu.Unlock()
	signal(r.ready)
	return evicted, dropped
}

// Pop takes the oldest entry; ok is false when the queue is empty. Pop never blocks.
func (r *Ring[T]) Pop() (v T, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n == 0 {
		return v, false
	}
	return r.pop(), true
}

func (r *Ring[T]) pop() T {
	var zero T
	v := r.buf[r.head]
	r.buf[r.head] = zero
	r.head = (r.head + 1) % len(r.buf)
	r.n--
	return v
}

// Ready returns a channel that holds a token after a Push. A token may outlive its entry: take it,
// then Pop until the queue is empty. One consumer only.
func (r *Ring[T]) Ready() <-chan struct{} { return r.ready }

// Len returns the number of entries waiting.
func (r *Ring[T]) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n
}

// Drops returns how many entries were dropped since the queue was made.
func (r *Ring[T]) Drops() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.drops
}

// signal leaves one token in a channel of capacity one.
func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
