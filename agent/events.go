package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/google/uuid"
)

// EventConfig bounds the log of what happens in a process. Zero fields mean the defaults.
type EventConfig struct {
	// Most is how many events are kept, Bytes about how much memory they take; the oldest go first.
	// The defaults, 8192 and 16 MiB, are some minutes of a lively room.
	Most  int
	Bytes int64
	// Watchers bounds who watches at once; default 128.
	Watchers int
}

const (
	eventsMost     = 8192
	eventsBytes    = 16 << 20
	eventsWatchers = 128
)

var (
	// ErrWatchers means that as many watch as may: close another one, or try again later.
	ErrWatchers = errors.New("too many watch the events")
	// ErrEventsClosed means that nothing more happens: the process ends.
	ErrEventsClosed = errors.New("the log of events is closed")
)

// GoneError says that events which are wanted are not kept any more.
type GoneError struct {
	// First to Oldest-1 are gone, Oldest to Newest are kept.
	First, Oldest, Newest uint64
	// Slow says that the watcher has seen what came before, and was too slow for these.
	Slow bool
}

// Error implements error.
func (e *GoneError) Error() string {
	text := fmt.Sprintf("events %d–%d are gone; the oldest is %d", e.First, e.Oldest-1, e.Oldest)
	if e.Slow {
		return text + ": the watcher was too slow; go on behind what is gone"
	}
	return text
}

// AheadError says that a sequence number is one of the future.
type AheadError struct{ After, Newest uint64 }

// Error implements error.
func (e *AheadError) Error() string {
	return fmt.Sprintf("event %d has not happened; the newest is %d: the number is not of this log", e.After, e.Newest)
}

// OtherLogError says that sequence numbers are of another process.
type OtherLogError struct{ Asked, Is string }

// Error implements error.
func (e *OtherLogError) Error() string {
	return fmt.Sprintf("log %q is not that of this process, which is %q: begin anew", e.Asked, e.Is)
}

// EventStats count what became of watchers.
type EventStats struct {
	// Newest is the sequence number of the latest event, Oldest that of the first one that is kept.
	Newest uint64 `json:"newest"`
	Oldest uint64 `json:"oldest"`
	Bytes  int64  `json:"bytes"`
	// Watchers are there now; Refused were too many, and Slow were too slow for what is kept.
	Watchers int    `json:"watchers"`
	Refused  uint64 `json:"refused"`
	Slow     uint64 `json:"slow"`
}

// Events are what happened in a process, numbered from 1 without gaps, the latest of them kept. Who
// writes never waits for who watches. Methods are safe from any goroutine.
type Events struct {
	cfg EventConfig
	id  string

	mu       sync.Mutex
	kept     []*Event // a ring of the latest ones
	head     int      // the oldest
	count    int
	newest   uint64
	bytes    int64
	watchers int
	waiting  bool          // somebody waits for changed
	changed  chan struct{} // closed and replaced when something happens
	closed   bool
	refused  uint64
	slow     uint64
}

// NewEvents returns an empty log.
func NewEvents(cfg EventConfig) *Events {
	cfg.Most, cfg.Bytes = cmp.Or(cfg.Most, eventsMost), cmp.Or(cfg.Bytes, eventsBytes)
	cfg.Watchers = cmp.Or(cfg.Watchers, eventsWatchers)
	return &Events{cfg: cfg, id: uuid.NewString(), kept: make([]*Event, cfg.Most), changed: make(chan struct{})}
}

// ID names the log: sequence numbers mean something within it only.
func (l *Events) ID() string { return l.id }

// Add logs an event and gives it its number. It must not be changed afterwards.
func (l *Events) Add(e *Event) {
	weight := e.weight()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	for l.count > 0 && (l.count == len(l.kept) || l.bytes+weight > l.cfg.Bytes) {
		l.bytes -= l.kept[l.head].weight()
		l.kept[l.head] = nil
		l.head = (l.head + 1) % len(l.kept)
		l.count--
	}
	l.newest++
	e.Sequence = l.newest
	l.kept[(l.head+l.count)%len(l.kept)] = e
	l.count++
	l.bytes += weight
	l.wake()
}

// wake tells who waits; l.mu is held.
func (l *Events) wake() {
	if l.waiting {
		close(l.changed)
		l.changed, l.waiting = make(chan struct{}), false
	}
}

// oldest is the number of the first event that is kept, of the next one where none is; l.mu is
// held.
func (l *Events) oldest() uint64 { return l.newest - uint64(l.count) + 1 }

// at is a kept event by its number; l.mu is held.
func (l *Events) at(n uint64) *Event {
	return l.kept[(l.head+int(n-l.oldest()))%len(l.kept)]
}

// Close ends the log: watchers get what is left of it, then ErrEventsClosed. It is idempotent.
func (l *Events) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed, l.waiting = true, true
	l.wake()
}

// Stats returns what was counted.
func (l *Events) Stats() EventStats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return EventStats{Newest: l.newest, Oldest: l.oldest(), Bytes: l.bytes, Watchers: l.watchers, Refused: l.refused, Slow: l.slow}
}

// Watching says what somebody wants to see.
type Watching struct {
	// After is the number behind which to begin; nil is the Recent latest events that match, of
	// those kept.
	After  *uint64
	Recent int
	// Log is the ID that After counts in; empty is any.
	Log string
	// Room is a room's name, empty for everything; Kinds are those that are wanted, none for all.
	Room  string
	Kinds []Kind
}

func (w *Watching) wants(e *Event) bool {
	return (w.Room == "" || w.Room == e.Room) && (len(w.Kinds) == 0 || slices.Contains(w.Kinds, e.Kind))
}

// Watcher is somebody's place in a log: a number, and nothing that grows. It belongs to one
// goroutine.
type Watcher struct {
	log  *Events
	want Watching
	told uint64 // everything up to here was returned, or is not wanted
	// newest is the number of the newest event when told was set.
	newest uint64
	done   bool
}

// Watch begins to watch; the caller closes the watcher. Errors: ErrWatchers, *GoneError,
// *AheadError, *OtherLogError, ErrEventsClosed.
func (l *Events) Watch(want Watching) (*Watcher, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := &Watcher{log: l, want: want, told: l.newest, newest: l.newest}
	switch {
	case l.closed:
		return nil, ErrEventsClosed
	case want.Log != "" && want.Log != l.id:
		return nil, &OtherLogError{want.Log, l.id}
	case want.After == nil:
		w.told = l.recent(&want)
	case *want.After > l.newest:
		return nil, &AheadError{*want.After, l.newest}
	case *want.After+1 < l.oldest():
		return nil, &GoneError{First: *want.After + 1, Oldest: l.oldest(), Newest: l.newest}
	default:
		w.told = *want.After
	}
	if l.watchers >= l.cfg.Watchers {
		l.refused++
		return nil, fmt.Errorf("%w: %d", ErrWatchers, l.watchers)
	}
	l.watchers++
	return w, nil
}

// recent is where the latest events that match begin; l.mu is held.
func (l *Events) recent(want *Watching) uint64 {
	from := l.newest
	for n, left := l.newest, want.Recent; left > 0 && n >= l.oldest() && n > 0; n-- {
		if want.wants(l.at(n)) {
			from, left = n-1, left-1
		}
	}
	return from
}

// Next returns the events behind those it returned before, at most most of them, and waits for one
// until ctx ends; then there are none, and the error is nil. Up to Told everything is returned. The
// errors are *GoneError for who was too slow, who may call again for what is left, and
// ErrEventsClosed.
func (w *Watcher) Next(ctx context.Context, most int) ([]*Event, error) {
	for {
		out, changed, err := w.take(most)
		if len(out) > 0 || err != nil {
			return out, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, nil // that nothing happens is no failure
		}
	}
}

// take returns what is there, or what is closed when something is.
func (w *Watcher) take(most int) ([]*Event, <-chan struct{}, error) {
	l := w.log
	l.mu.Lock()
	defer l.mu.Unlock()
	if oldest := l.oldest(); w.told+1 < oldest {
		gone := &GoneError{First: w.told + 1, Oldest: oldest, Newest: l.newest, Slow: true}
		w.told = oldest - 1
		l.slow++
		return nil, nil, gone
	}
	w.newest = l.newest
	var out []*Event
	for w.told < l.newest && len(out) < most {
		w.told++
		if e := l.at(w.told); w.want.wants(e) {
			out = append(out, e)
		}
	}
	if len(out) == 0 && l.closed {
		return nil, nil, ErrEventsClosed
	}
	if len(out) == 0 {
		l.waiting = true
	}
	return out, l.changed, nil
}

// Told is the number up to which everything was returned, or is not wanted.
func (w *Watcher) Told() uint64 { return w.told }

// Newest is the number of the newest event that there was then.
func (w *Watcher) Newest() uint64 { return w.newest }

// Close gives the watcher's place back. It is idempotent.
func (w *Watcher) Close() {
	w.log.mu.Lock()
	defer w.log.mu.Unlock()
	if !w.done {
		w.done = true
		w.log.watchers--
	}
}
