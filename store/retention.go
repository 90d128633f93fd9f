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

// Defaults of RetentionConfig. A piece is deleted in milliseconds, so that a writer never waits
// long for it.
const (
	defaultEvery = time.Hour
	defaultPiece = 500
)

// What deleting takes, in percent, and how little urgent it is.
const (
	unitsRetention    = 50
	priorityRetention = -500
)

// RetentionConfig says what is deleted, and when. DB and Broker are needed; with neither Keep nor
// Rows everything is kept, and what was deleted otherwise is erased.
type RetentionConfig struct {
	DB     *DB
	Broker *compute.Broker
	// Keep is how long after its end an utterance, a message or a turn is kept; 0 is for ever.
	Keep time.Duration
	// Rows is how many utterances, messages and turns are kept of each, the newest; 0 is all.
	Rows int
	// Every is the time between two runs.
	Every time.Duration
	// Piece is how many rows one transaction deletes at most.
	Piece int
	// Report is called for each run that failed, on the goroutine of Run. Nil reports to the log
	// only.
	Report func(error)
	Logger *slog.Logger
}

// RetentionStats are totals since the retention was made.
type RetentionStats struct {
	Deleted uint64 `json:"deleted"`
	// Runs were completed, Revoked gave way to pressure, Failed could not be done.
	Runs    uint64 `json:"runs"`
	Revoked uint64 `json:"revoked"`
	Failed  uint64 `json:"failed"`
}

// Retention deletes what is older than it is to be kept, and sees to it that what was deleted is
// erased from the disk: background work that anybody may stop at once. What a run did not get to,
// the next one does.
type Retention struct {
	cfg    RetentionConfig
	remove func(ctx context.Context, what Old, limit int, guard func() error) (int, error)
	fence  compute.Fence
	serial uint64

	mu    sync.Mutex
	stats RetentionStats
}

// NewRetention returns a retention that does nothing before Run or Once.
func NewRetention(cfg RetentionConfig) *Retention {
	if cfg.Every <= 0 {
		cfg.Every = defaultEvery
	}
	if cfg.Piece <= 0 {
		cfg.Piece = defaultPiece
	}
	if cfg.Report == nil {
		cfg.Report = func(error) {}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Retention{cfg: cfg, remove: cfg.DB.DeleteOld}
}

// Stats returns what was counted.
func (r *Retention) Stats() RetentionStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}

// Run deletes now and then every so often, until ctx ends.
func (r *Retention) Run(ctx context.Context) {
	tick := time.NewTicker(r.cfg.Every)
	defer tick.Stop()
	for {
		deleted, err := r.Once(ctx, time.Now())
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, compute.ErrRevoked):
			r.cfg.Logger.Info("retention gave way", "deleted", deleted, "error", err)
		case err != nil:
			r.cfg.Logger.Error("retention failed", "deleted", deleted, "error", err)
			r.cfg.Report(fmt.Errorf("retention: %w", err))
		case deleted > 0:
			r.cfg.Logger.Info("old transcripts deleted", "rows", deleted)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Once deletes everything that is too old at a time and returns how many rows that were. What is
// still on the disk of what was deleted before is erased, whoever deleted it. It must not be called
// twice at once. Errors: ErrInvalid where Keep or Rows is negative; those of the broker; one that
// wraps compute.ErrRevoked where it had to give way; those of DeleteOld; *Error with ErrUnerased.
func (r *Retention) Once(ctx context.Context, now time.Time) (deleted int, err error) {
	defer func() {
		if left := r.cfg.DB.eraseAll(ctx); left != nil && err == nil {
			err = left
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.stats.Deleted += uint64(deleted) // a number of rows
		switch {
		case err == nil:
			r.stats.Runs++
		case errors.Is(err, compute.ErrRevoked):
			r.stats.Revoked++
		case ctx.Err() == nil:
			r.stats.Failed++
		}
	}()
	old := Old{Rows: r.cfg.Rows}
	if r.cfg.Keep > 0 {
		old.Before = now.Add(-r.cfg.Keep)
	}
	if r.cfg.Keep < 0 || r.cfg.Rows < 0 {
		return 0, fmt.Errorf("%w: %d rows kept for %v, which would delete everything", ErrInvalid, r.cfg.Rows, r.cfg.Keep)
	}
	if old.empty() {
		return 0, nil
	}
	r.serial++
	lease, err := r.cfg.Broker.Acquire(ctx, r.demand(compute.Background, compute.SiliconBackground, unitsRetention))
	if err != nil {
		return 0, err
	}
	defer lease.Release()
	run, cancel := lease.Context(ctx)
	defer cancel()
	for {
		n, err := r.piece(run, lease, old)
		deleted += n
		if err == nil {
			err = lease.Renew(leaseTTL)
		}
		if cause := context.Cause(run); err != nil && cause != nil && ctx.Err() == nil {
			err = fmt.Errorf("delete: %w", cause)
		}
		if err != nil || n < r.cfg.Piece {
			return deleted, err
		}
	}
}

// piece deletes a few rows under a lease of the disk. Both leases must be live when it commits.
func (r *Retention) piece(ctx context.Context, background *compute.Lease, old Old) (int, error) {
	disk, err := r.cfg.Broker.Acquire(ctx, r.demand(compute.Data, compute.SiliconDisk, unitsBatch))
	if err != nil {
		return 0, err
	}
	defer disk.Release()
	run, cancel := disk.Context(ctx)
	defer cancel()
	n, err := r.remove(run, old, r.cfg.Piece, func() error {
		if err := background.Err(); err != nil {
			return err
		}
		return r.fence.Accept(disk)
	})
	if cause := context.Cause(run); err != nil && cause != nil && ctx.Err() == nil {
		return n, fmt.Errorf("delete: %w", cause)
	}
	return n, err
}

func (r *Retention) demand(class compute.Class, silicon compute.Silicon, units int64) compute.Demand {
	return compute.Demand{
		Artifact: fmt.Sprintf("store.retention/%d", r.serial), Class: class, Silicon: silicon, Holder: "store",
		Priority: priorityRetention, Cost: compute.Cost{Units: units}, TTL: leaseTTL, Revocation: compute.Hard,
	}
}
