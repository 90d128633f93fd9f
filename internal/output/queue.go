package output

import (
	"context"
	"fmt"
	"io"
	"sync"
)

// Config bounds a Queue.
type Config struct {
	// Lines and Bytes may wait; 0 means 4096 lines and 4 MiB.
	Lines, Bytes int
	// Notice makes the line that says how many were dropped. Nil writes a sentence.
	Notice func(dropped uint64) []byte
}

const (
	defaultLines = 4096
	defaultBytes = 4 << 20
)

// Stats are what a Queue counted. Waiting is at this moment, the others since its beginning.
type Stats struct {
	Written, Dropped uint64
	Waiting          int
}

// Queue is a writer that never waits. Its methods are safe from any goroutine.
type Queue struct {
	cfg   Config
	to    io.Writer
	wake  chan struct{} // at most one: there is something to do
	gone  chan struct{} // closed when to has failed
	ended chan struct{} // closed when the goroutine has ended

	mu       sync.Mutex
	waiting  [][]byte
	bytes    int    // of waiting
	missing  uint64 // dropped since the last notice
	dropping bool   // until half of the queue is free again, so that a slow reader gets no notice a line
	closed   bool
	err      error
	stats    Stats
}

// New starts a queue in front of to. It ends with Close, or when to fails.
func New(to io.Writer, cfg Config) *Queue {
	if cfg.Lines <= 0 {
		cfg.Lines = defaultLines
	}
	if cfg.Bytes <= 0 {
		cfg.Bytes = defaultBytes
	}
	if cfg.Notice == nil {
		cfg.Notice = func(n uint64) []byte { return fmt.Appendf(nil, "%d lines are missing here: nobody read them\n", n) }
	}
	q := &Queue{cfg: cfg, to: to, wake: make(chan struct{}, 1), gone: make(chan struct{}), ended: make(chan struct{})}
	go q.run()
	return q
}

// Write takes one or more whole lines; it copies them and returns at once. It counts what is
// dropped as written: the line is the notice's concern. Errors: ErrClosed; ErrGone with the cause.
func (q *Queue) Write(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.err != nil:
		return 0, q.err
	case q.closed:
		return 0, ErrClosed
	case len(p) == 0:
		return 0, nil
	}
	if q.dropping && 2*len(q.waiting) <= q.cfg.Lines && 2*q.bytes <= q.cfg.Bytes {
		q.dropping = false
	}
	if q.dropping || len(q.waiting) >= q.cfg.Lines || q.bytes+len(p) > q.cfg.Bytes {
		q.dropping = true
		q.missing++
		q.stats.Dropped++
		return len(p), nil
	}
	q.notice()
	q.add(append([]byte(nil), p...))
	return len(p), nil
}

// notice puts the line about what is missing behind what waits.
func (q *Queue) notice() {
	if q.missing > 0 {
		q.add(q.cfg.Notice(q.missing))
		q.missing = 0
	}
}

func (q *Queue) add(line []byte) {
	q.waiting = append(q.waiting, line)
	q.bytes += len(line)
	q.nudge()
}

func (q *Queue) nudge() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Gone is closed when the reader has gone away.
func (q *Queue) Gone() <-chan struct{} { return q.gone }

// Err is ErrGone with its cause once the reader has gone away, nil before.
func (q *Queue) Err() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.err
}

// Stats returns what was counted so far.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.stats
	s.Waiting = len(q.waiting)
	return s
}

// Close takes no more lines and waits until all that wait are written, until the reader has gone
// away, or until ctx ends. It may be called again. Errors: ErrGone; a *StuckError when ctx ended
// first.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	q.closed = true
	q.nudge()
	q.mu.Unlock()
	select {
	case <-q.ended:
		return q.Err()
	default:
	}
	select {
	case <-q.ended:
		return q.Err()
	case <-ctx.Done():
		q.mu.Lock()
		defer q.mu.Unlock()
		return &StuckError{Lines: uint64(len(q.waiting)) + q.missing}
	}
}

// run writes one line after the other.
func (q *Queue) run() {
	defer close(q.ended)
	for {
		line, open := q.next()
		if line == nil {
			if !open {
				return
			}
			<-q.wake
			continue
		}
		if _, err := q.to.Write(line); err != nil {
			q.fail(err)
			return
		}
		q.done(line)
	}
}

// next is the line to write, which stays in the queue until it is written: what is being written
// still takes room. It is nil when nothing waits; open tells whether something may come.
func (q *Queue) next() (line []byte, open bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.notice()
	}
	if len(q.waiting) == 0 {
		return nil, !q.closed
	}
	return q.waiting[0], true
}

func (q *Queue) done(line []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
	q.bytes -= len(line)
	q.stats.Written++
}

func (q *Queue) fail(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.err = fmt.Errorf("%w: %w", ErrGone, err)
	q.waiting, q.bytes = nil, 0
	close(q.gone)
}
