package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/compute"
)

// Defaults of RememberConfig, and what its work takes in percent.
const (
	defaultEvents = 256
	defaultLook   = 2 * time.Second
	// unitsConsolidation leave room for retention beside it.
	unitsConsolidation    = 25
	priorityConsolidation = -500
)

// RememberConfig says what a persona remembers, and where. DB, Broker and Keeper are needed.
type RememberConfig struct {
	DB     *DB
	Broker *compute.Broker
	// Keeper belongs to the Remember from now on.
	Keeper *memory.Keeper
	// Queue bounds what waits to be looked at.
	Queue int
	// Look is the time after the last look after which it is looked again whether another program
	// has forgotten something that the prompts say. It doubles, up to 30 s, with every look that
	// comes to nothing. Of all who remember in one DB one at a time looks so: where another one
	// does, this one waits for its next time.
	Look time.Duration
	// Flush bounds Close.
	Flush time.Duration
	// Report is called on the goroutine of the Remember with what came of each event that changed
	// something or failed: it must not block. Nil reports to the log only.
	Report func(Remembered)
	Logger *slog.Logger
}

// Remembered is what came of an event.
type Remembered struct {
	// Decisions are those of the gate, in order.
	Decisions []memory.Decision
	// Forgotten are the memories that went.
	Forgotten []memory.Forgotten
	// Block is what the prompts say from now on; nil where it stays as it was.
	Block *memory.Block
	// Err says why nothing became of it. It wraps compute.ErrRevoked where tidying gave way.
	Err error
	// Unsure says why it is not known whether something in the prompts was forgotten elsewhere. It
	// is said once, until it is known again; where the store answers and others have all its
	// connections, only when the time between looks has become the longest.
	Unsure error
}

// RememberStats are totals since the Remember was made.
type RememberStats struct {
	// Admitted, Dropped and Quarantined are candidates, Forgotten memories.
	Admitted    uint64 `json:"admitted"`
	Dropped     uint64 `json:"dropped"`
	Quarantined uint64 `json:"quarantined"`
	Forgotten   uint64 `json:"forgotten"`
	// Consolidated are the times that memories were tidied, Revoked those that gave way.
	Consolidated uint64 `json:"consolidated"`
	Revoked      uint64 `json:"revoked"`
	// Lost are events that did not fit into the queue, Failures those that could not be written.
	Lost     uint64 `json:"lost"`
	Failures uint64 `json:"failures"`
	Waiting  int    `json:"waiting"`
}

// Remember is what one persona remembers of one room, at work: it takes what is said, decides on it
// by what the store has at that time, writes it under a lease, and tidies up when it is told that
// the room is idle. It has one goroutine, which Close waits for; no method but Close waits. What
// cannot be written is lost, reported and counted: a conversation does not wait for it.
type Remember struct {
	cfg    RememberConfig
	events chan event
	stop   context.CancelFunc
	done   chan struct{}
	fence  compute.Fence
	serial uint64
	before func() // called before a commit
	gone   func(context.Context) (gone bool, known []memory.Memory, err error)

	// Of the goroutine:
	inside  map[string]bool // ids in the block
	present []memory.Person
	unsure  bool          // whether something of inside was forgotten
	told    bool          // that it is unsure
	pause   time.Duration // to the next look
	next    *time.Timer   // of that

	mu     sync.Mutex
	stats  RememberStats
	closed bool
}

// event is what the goroutine is told; one of the fields is set.
type event struct {
	heard    *memory.Utterance
	answered *memory.Answer
	joined   *memory.Person
	idle     *idle
}

// idle is a moment at which nobody waits for anything.
type idle struct {
	present []memory.Person
	at      time.Time
	recall  string // why the block is written; memories are tidied where that is empty
}

// NewRemember starts what a persona remembers. The caller closes it before DB and Broker.
func NewRemember(cfg RememberConfig) *Remember {
	r := newRemember(cfg)
	r.start()
	return r
}

func newRemember(cfg RememberConfig) *Remember {
	if cfg.Queue <= 0 {
		cfg.Queue = defaultEvents
	}
	if cfg.Look <= 0 {
		cfg.Look = defaultLook
	}
	if cfg.Flush <= 0 {
		cfg.Flush = defaultFlush
	}
	if cfg.Report == nil {
		cfg.Report = func(Remembered) {}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	r := &Remember{cfg: cfg, events: make(chan event, cfg.Queue), done: make(chan struct{}), inside: map[string]bool{}, pause: cfg.Look, before: func() {}}
	r.gone = func(ctx context.Context) (bool, []memory.Memory, error) {
		return cfg.DB.gone(ctx, r.inside, cfg.Keeper.Persona())
	}
	return r
}

func (r *Remember) start() {
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() {
		defer close(r.done)
		defer stop()
		r.run(ctx)
	}()
}

// Joined tells of somebody who came into the room. Errors: ErrQueueFull, ErrClosed.
func (r *Remember) Joined(p memory.Person) error { return r.put(event{joined: &p}) }

// Heard tells what somebody said or wrote, the persona and other agents included. Errors as Joined.
func (r *Remember) Heard(u memory.Utterance) error { return r.put(event{heard: &u}) }

// Answered tells that one of the persona's replies has ended. Errors as Joined.
func (r *Remember) Answered(a memory.Answer) error { return r.put(event{answered: &a}) }

// Recall asks for the block as it is now, for those who are present: when a room begins, before
// anything was said. Errors as Joined.
func (r *Remember) Recall(present []memory.Person, now time.Time) error {
	return r.put(event{idle: &idle{present: present, at: now, recall: "recalled"}})
}

// Idle tells that nobody has spoken for a while: memories are tidied, under a lease of BACKGROUND
// that gives way to everything, and the block is written anew. Errors as Joined.
func (r *Remember) Idle(present []memory.Person, now time.Time) error {
	return r.put(event{idle: &idle{present: present, at: now}})
}

func (r *Remember) put(e event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return ErrClosed
	}
	select {
	case r.events <- e:
		r.stats.Waiting++
		return nil
	default:
		r.stats.Lost++
		return fmt.Errorf("%w: %d events of what a persona remembers", ErrQueueFull, r.stats.Waiting)
	}
}

// Stats returns what was counted.
func (r *Remember) Stats() RememberStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}

// Close looks at what waits, for as long as Flush says, and ends the goroutine. It is idempotent.
// The error says how many events were lost at the end, if any.
func (r *Remember) Close() error {
	r.mu.Lock()
	first := !r.closed
	r.closed = true
	r.mu.Unlock()
	if !first {
		<-r.done
		return nil
	}
	close(r.events) // nobody sends any more
	limit := time.AfterFunc(r.cfg.Flush, r.stop)
	<-r.done
	limit.Stop()
	if left := r.Stats().Waiting; left > 0 {
		return &Error{Kind: ErrClosed, Op: "flush", Path: r.cfg.DB.Path(), Rows: left, Err: errors.New("memories could not be written in time")}
	}
	return nil
}

func (r *Remember) run(ctx context.Context) {
	elsewhere, stop := r.cfg.DB.forgetting.watch()
	defer stop()
	r.next = time.NewTimer(r.pause)
	defer r.next.Stop()
	for {
		select {
		case e, more := <-r.events:
			if !more || ctx.Err() != nil {
				return
			}
			r.count(r.take(ctx, e), 1)
		case <-elsewhere:
			r.count(r.lookAgain(ctx), 0)
		case <-r.next.C:
			r.count(r.lookInTurn(ctx), 0)
		}
	}
}

// count counts what came of an event, if it was one, and reports it.
func (r *Remember) count(came Remembered, events int) {
	r.mu.Lock()
	r.stats.Waiting -= events
	for _, d := range came.Decisions {
		switch {
		case came.Err != nil:
		case d.Outcome == memory.Admit:
			r.stats.Admitted++
		case d.Outcome == memory.Quarantine:
			r.stats.Quarantined++
		default:
			r.stats.Dropped++
		}
	}
	r.stats.Forgotten += uint64(len(came.Forgotten))
	switch {
	case errors.Is(came.Err, compute.ErrRevoked):
		r.stats.Revoked++
	case came.Err != nil:
		r.stats.Failures++
	}
	r.mu.Unlock()
	switch {
	case errors.Is(came.Err, compute.ErrRevoked):
		r.cfg.Logger.Info("tidying memories gave way", "error", came.Err)
	case came.Err != nil:
		r.cfg.Logger.Error("a memory was not kept", "error", came.Err)
	}
	if came.Unsure != nil {
		r.cfg.Logger.Error("memories could not be looked at", "error", came.Unsure)
	}
	if came.Err != nil || came.Unsure != nil || len(came.Decisions) > 0 || len(came.Forgotten) > 0 || came.Block != nil {
		r.cfg.Report(came)
	}
}
