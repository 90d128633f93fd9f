package store

import (
	"log/slog"
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

// WriterConfig says where a Writer writes, and how patiently. DB and Broker are needed, the rest
// has defaults.
type WriterConfig struct {
	DB     *DB
	Broker *compute.Broker
	// Queue bounds the utterances, messages and turns that wait to be written, QueueBytes what they
	// take together; Batch those of one transaction.
	Queue, QueueBytes, Batch int
	// Linger is how long an utterance waits for others to share a transaction with.
	Linger time.Duration
	// Retry is the time after which a batch that could not be written is tried again; it doubles up
	// to a minute.
	Retry time.Duration
	// Flush bounds Close.
	Flush time.Duration
	// Report is called for each batch that could not be written, and for the first utterance that
	// was lost since the last success, on the writer's or the caller's goroutine: it must not
	// block. Nil reports to the log only.
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
	// Written are utterances, Messages and Turns what their names say. Lost are any of these;
	// Waiting are in the queue or in a batch that is tried again.
	Written  uint64 `json:"written"`
	Messages uint64 `json:"messages,omitempty"`
	Turns    uint64 `json:"turns,omitempty"`
	Lost     uint64 `json:"lost"`
	Waiting  int    `json:"waiting"`
	// WaitingBytes is what those that wait take.
	WaitingBytes int `json:"waiting_bytes"`
	// Batches were written, Failures are attempts that failed.
	Batches  uint64 `json:"batches"`
	Failures uint64 `json:"failures"`
}
