package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// What writing takes of the disk, a percentage, and how urgent it is.
const (
	unitsBatch    = 25
	priorityBatch = 10
	leaseTTL      = 30 * time.Second
)

// Writer queues utterances, messages and turns and writes them in batches, each under a lease. A
// batch that cannot be written is kept and tried again; what does not fit into the queue meanwhile
// is lost, and counted.
type Writer struct {
	cfg    WriterConfig
	write  func(context.Context, []entry, func() error) error
	items  chan entry
	ending chan struct{} // closed by Close: a batch that waits for its next attempt has it now
	stop   context.CancelFunc
	done   chan struct{}
	fence  compute.Fence
	serial uint64

	mu     sync.Mutex
	stats  WriterStats
	losing bool // and has said so
	closed bool
	sends  sync.WaitGroup // calls of Send; begun under mu while it is not closed
	sent   uint64
}

// NewWriter starts a writer. The caller closes it before DB and Broker.
func NewWriter(cfg WriterConfig) *Writer {
	w := newWriter(cfg, cfg.DB.appendEntries)
	w.start()
	return w
}

func newWriter(cfg WriterConfig, write func(context.Context, []entry, func() error) error) *Writer {
	cfg.complete()
	return &Writer{cfg: cfg, write: write, items: make(chan entry, cfg.Queue), ending: make(chan struct{}), done: make(chan struct{})}
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

// Put hands an utterance over; it never waits. Errors: ErrInvalid, ErrQueueFull, ErrClosed; the
// utterance is lost then.
func (w *Writer) Put(u Utterance) error {
	if err := u.validate(); err != nil {
		return err
	}
	return w.put(entry{utterance: &u, key: mint(utterancePrefix)})
}

// put hands over what is valid.
func (w *Writer) put(e entry) error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return ErrClosed
	}
	if size := e.size(); w.stats.WaitingBytes+size <= w.cfg.QueueBytes {
		select {
		case w.items <- e:
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

// Close writes what waits, for as long as Flush says, and ends the goroutine. It is idempotent. The
// error says how many rows were lost at the end, if any.
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
	w.sends.Wait()
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

// collect waits for an entry and takes along those that come soon after; none means that the writer
// ends.
func (w *Writer) collect(ctx context.Context) []entry {
	var batch []entry
	select {
	case e, open := <-w.items:
		if !open {
			return nil
		}
		batch = append(batch, e)
	case <-ctx.Done():
		return nil
	}
	linger := time.NewTimer(w.cfg.Linger)
	defer linger.Stop()
	for len(batch) < w.cfg.Batch {
		select {
		case e, open := <-w.items:
			if !open {
				return batch
			}
			batch = append(batch, e)
		case <-linger.C:
			return batch
		}
	}
	return batch
}

// persist tries until the batch is written; false means that the writer ends before.
func (w *Writer) persist(ctx context.Context, batch []entry) bool {
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

func (w *Writer) wrote(batch []entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stats.Waiting -= len(batch)
	for i := range batch {
		w.stats.WaitingBytes -= batch[i].size()
		switch {
		case batch[i].utterance != nil:
			w.stats.Written++
		case batch[i].message != nil:
			w.stats.Messages++
		case batch[i].spoken != nil: // of a message that is counted already
		default:
			w.stats.Turns++
		}
	}
	w.stats.Batches++
	w.losing = false
}

// attempt writes a batch under a lease that is live until the commit.
func (w *Writer) attempt(ctx context.Context, batch []entry) error {
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
