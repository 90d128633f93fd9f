package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// Defaults of WriterConfig: a room of nine that all talk says less than ten things a second.
const (
	defaultQueue  = 1024
	defaultBytes  = 8 << 20
	defaultBatch  = 128
	defaultLinger = 200 * time.Millisecond
	defaultRetry  = 5 * time.Second
	defaultFlush  = 10 * time.Second
	longestRetry  = time.Minute
)

// What writing takes of the disk, a percentage, and how urgent it is.
const (
	unitsBatch    = 25
	priorityBatch = 10
	leaseTTL      = 30 * time.Second
)

// WriterConfig says where a Writer writes, and how patiently. DB and Broker are needed, the rest has defaults.
type WriterConfig struct {
	DB     *DB
	Broker *compute.Broker
	// Queue bounds the utterances that wait to be written, QueueBytes what they take together; Batch
	// those of one transaction.
	Queue, QueueBytes, Batch int
	// Linger is how long an utterance waits for others to share a transaction with.
	Linger time.Duration
	// Retry is the time after which a batch that could not be written is tried again; it doubles up to a minute.
	Retry time.Duration
	// Flush bounds Close.
	Flush time.Duration
	// Report is called for each batch that could not be written, and for the first utterance that was lost since the last success, on the
	// writer's or the caller's goroutine: it must not block. Nil reports to the log only.
	Report func(error)
	Logger *slog.Logger
}

func (c *WriterConfig) complete() {
	for _, d := range []struct{ value, initial *time.Duration }{
		{&c.Linger, ptr(defaultLinger)}, {&c.Retry, ptr(defaultRetry)}, {&c.Flush, ptr(defaultFlush)},
	} {
		if *d.value <= 0 {
			*d.value = *d.initial
		}
	}
	if c.Queue <= 0 {
		c.Queue = defaultQueue
	}
	if c.QueueBytes <= 0 {
		c.QueueBytes = defaultBytes
	}
	if c.Batch <= 0 {
		c.Batch = defaultBatch
	}
	if c.Report == nil {
		c.Report = func(error) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

func ptr(d time.Duration) *time.Duration { return &d }

// WriterStats are totals since the writer was made.
type WriterStats struct {
	// Written and Lost utterances; Waiting are in the queue or in a batch that is tried again.
	Written uint64 `json:"written"`
	Lost    uint64 `json:"lost"`
	Waiting int    `json:"waiting"`
	// WaitingBytes is what those that wait take.
	WaitingBytes int `json:"waiting_bytes"`
	// Batches were written, Failures are attempts that failed.
	Batches  uint64 `json:"batches"`
	Failures uint64 `json:"failures"`
}

// Writer queues utterances and writes them in batches, each under a lease. A batch that cannot be written is kept and tried again; what
// does not fit into the queue meanwhile is lost, and counted.
type Writer struct {
	cfg    WriterConfig
	write  func(context.Context, []Utterance, func() error) error
	items  chan Utterance
	ending chan struct{} // closed by Close: a batch that waits for its next attempt has it now
	stop   context.CancelFunc
	done   chan struct{}
	fence  compute.Fence
	serial uint64

	mu     sync.Mutex
	stats  WriterStats
	losing bool // and has said so
	closed bool
}

// NewWriter starts a writer. The caller closes it before DB and Broker.
func NewWriter(cfg WriterConfig) *Writer {
	w := newWriter(cfg, cfg.DB.Append)
	w.start()
	return w
}

func newWriter(cfg WriterConfig, write func(context.Context, []Utterance, func() error) error) *Writer {
	cfg.complete()
	return &Writer{cfg: cfg, write: write, items: make(chan Utterance, cfg.Queue), ending: make(chan struct{}), done: make(chan struct{})}
}

func (w *Writer) start() {
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	go func() {
		defer close(w.done)
		defer stop()
		w.run(ctx)
	}()
}

// Put hands an utterance over; it never waits. Errors: ErrInvalid, ErrQueueFull, ErrClosed; the utterance is lost then.
func (w *Writer) Put(u Utterance) error {
	if err := u.validate(); err != nil {
		return err
	}
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return ErrClosed
	}
	if size := u.size(); w.stats.WaitingBytes+size <= w.cfg.QueueBytes {
		select {
		case w.items <- u:
			w.stats.Waiting++
			w.stats.WaitingBytes += size
			w.mu.Unlock()
			return nil
		default:
		}
	}
	w.stats.Lost++
	first, waiting, bytes := !w.losing, w.stats.Waiting, w.stats.WaitingBytes
	w.losing = true
	w.mu.Unlock()
	err := fmt.Errorf("%w: %d of %d bytes", ErrQueueFull, waiting, bytes)
	if first {
		w.report(err)
	}
	return err
}

// Stats returns what was counted.
func (w *Writer) Stats() WriterStats {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stats
}

// Close writes what waits, for as long as Flush says, and ends the goroutine. It is idempotent. The error says how many utterances were lost at
// the end, if any.
func (w *Writer) Close() error {
	w.mu.Lock()
	first := !w.closed
	w.closed = true
	w.mu.Unlock()
	if !first {
		<-w.done
		return nil
	}
	close(w.items) // nobody sends any more
	close(w.ending)
	limit := time.AfterFunc(w.cfg.Flush, w.stop)
	<-w.done
	limit.Stop()
	if left := w.Stats().Waiting; left > 0 {
		return &Error{Kind: ErrClosed, Op: "flush", Path: w.cfg.DB.Path(), Rows: left, Err: errors.New("they could not be written in time")}
	}
	return nil
}

// run writes batch after batch until the queue is closed and empty, or ctx ends.
func (w *Writer) run(ctx context.Context) {
	for {
		batch := w.collect(ctx)
		if len(batch) == 0 {
			return
		}
		if !w.persist(ctx, batch) {
			return
		}
	}
}

// collect waits for an utterance and takes along those that come soon after; none means that the writer ends.
func (w *Writer) collect(ctx context.Context) []Utterance {
	var batch []Utterance
	select {
	case u, open := <-w.items:
		if !open {
			return nil
		}
		batch = append(batch, u)
	case <-ctx.Done():
		return nil
	}
	linger := time.NewTimer(w.cfg.Linger)
	defer linger.Stop()
	for len(batch) < w.cfg.Batch {
		select {
		case u, open := <-w.items:
			if !open {
				return batch
			}
			batch = append(batch, u)
		case <-linger.C:
			return batch
		}
	}
	return batch
}

// persist tries until the batch is written; false means that the writer ends before.
func (w *Writer) persist(ctx context.Context, batch []Utterance) bool {
	ending, wait := w.ending, w.cfg.Retry
	for {
		err := w.attempt(ctx, batch)
		if err == nil {
			w.wrote(batch)
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		w.mu.Lock()
		w.stats.Failures++
		w.mu.Unlock()
		w.report(err)
		select {
		case <-time.After(wait):
			wait = min(2*wait, longestRetry)
		case <-ending:
			ending, wait = nil, w.cfg.Flush/8 // the last chances come soon
		case <-ctx.Done():
			return false
		}
	}
}

func (w *Writer) wrote(batch []Utterance) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Written += uint64(len(batch))
	w.stats.Waiting -= len(batch)
	for i := range batch {
		w.stats.WaitingBytes -= batch[i].size()
	}
	w.stats.Batches++
	w.losing = false
}

// attempt writes a batch under a lease that is live until the commit.
func (w *Writer) attempt(ctx context.Context, batch []Utterance) error {
	w.serial++
	lease, err := w.cfg.Broker.Acquire(ctx, compute.Demand{
		Artifact: fmt.Sprintf("store.transcript/%d", w.serial), Class: compute.Data, Silicon: compute.SiliconDisk, Holder: "store",
		Priority: priorityBatch, Cost: compute.Cost{Units: unitsBatch}, TTL: leaseTTL,
	})
	if err != nil {
		return err
	}
	defer lease.Release()
	run, cancel := lease.Context(ctx)
	defer cancel()
	if err := w.write(run, batch, func() error { return w.fence.Accept(lease) }); err != nil {
		if cause := context.Cause(run); cause != nil && ctx.Err() == nil {
			return fmt.Errorf("write: %w", cause) // why the lease ended says more than that the statement was stopped
		}
		return err
	}
	return nil
}

func (w *Writer) report(err error) {
	w.cfg.Logger.Error("transcripts are not being written", "error", err)
	w.cfg.Report(err)
}
