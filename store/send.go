package store

import (
	"context"
	"fmt"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// prioritySend is how urgent a message is that somebody waits for.
const prioritySend = 20

// Send writes a message, past what waits in the queue, and returns when it is durable: see
// DB.AddMessage. It waits for its lease of the disk until ctx ends. Errors: those of AddMessage, of
// the broker, and ErrClosed.
func (w *Writer) Send(ctx context.Context, m Message) (kept Message, fresh bool, err error) {
	if err := m.validate(); err != nil {
		return Message{}, false, err
	}
	err = w.leased(ctx, "store.chat", leaseTTL, func(run context.Context, guard func() error) error {
		kept, fresh, err = w.cfg.DB.AddMessage(run, m, guard)
		return err
	})
	if err == nil && fresh {
		w.mu.Lock()
		w.stats.Messages++
		w.mu.Unlock()
	}
	return kept, fresh, err
}

// Leased has somebody who waits for it write to DB, under a lease of the disk of its own for at
// most ttl, 0 for 30 s: write gets a context that ends with the lease, and the guard to write with.
// what names it in the ledger. Errors: those of write, of the broker, and ErrClosed.
func (w *Writer) Leased(ctx context.Context, what string, ttl time.Duration, write func(ctx context.Context, guard func() error) error) error {
	if ttl <= 0 {
		ttl = leaseTTL
	}
	return w.leased(ctx, "store."+what, ttl, write)
}

func (w *Writer) leased(ctx context.Context, what string, ttl time.Duration, write func(context.Context, func() error) error) error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return ErrClosed
	}
	w.sends.Add(1) // Close waits for it
	w.sent++
	demand := compute.Demand{
		Artifact: fmt.Sprintf("%s/%d", what, w.sent), Class: compute.Data, Silicon: compute.SiliconDisk, Holder: "store",
		Priority: prioritySend, Cost: compute.Cost{Units: unitsBatch}, TTL: ttl,
	}
	w.mu.Unlock()
	defer w.sends.Done()
	lease, err := w.cfg.Broker.Acquire(ctx, demand)
	if err != nil {
		return err
	}
	defer lease.Release()
	run, cancel := lease.Context(ctx)
	defer cancel()
	var fence compute.Fence // of this write alone: whoever writes something else is not in its way
	err = write(run, func() error { return fence.Accept(lease) })
	if cause := context.Cause(run); err != nil && cause != nil && ctx.Err() == nil {
		return fmt.Errorf("write: %w", cause)
	}
	return err
}

// PutMessage hands a message over, to be written soon, and returns the id that it has from now on;
// it never waits. One whose key is there already when it is written is left out. Errors:
// ErrInvalid, ErrQueueFull, ErrClosed; the message is lost then.
func (w *Writer) PutMessage(m Message) (id string, err error) {
	if err := m.validate(); err != nil {
		return "", err
	}
	m.ID = mint(messagePrefix)
	return m.ID, w.put(entry{message: &m})
}

// PutSpoken hands over how far a message of PutMessage has been spoken, and what people heard of it
// where that is not all: see Message. It never waits. Errors: ErrInvalid, ErrQueueFull, ErrClosed;
// it is lost then.
func (w *Writer) PutSpoken(id, how, heard string) error {
	if id == "" {
		return fmt.Errorf("%w: no id", ErrInvalid)
	}
	if err := validSpoken(how, heard); err != nil {
		return err
	}
	return w.put(entry{spoken: &spoken{id, how, heard}})
}

// PutTurn hands a turn over; it never waits. Errors: ErrInvalid, ErrQueueFull, ErrClosed; the turn
// is lost then.
func (w *Writer) PutTurn(t Turn) error {
	if _, err := t.encode(); err != nil {
		return err
	}
	return w.put(entry{turn: &t})
}
