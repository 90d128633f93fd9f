package compute

import (
	"errors"
	"fmt"
)

var (
	// ErrInvalid says that a request, demand or configuration is malformed; the field is in a
	// *FieldError.
	ErrInvalid = errors.New("invalid compute request")

	// ErrNoBudget says that nobody configured a budget for the pool: a configuration error, waiting
	// cannot help.
	ErrNoBudget = errors.New("no budget for this silicon")
	// ErrNeverFits says that the cost exceeds the whole budget: a configuration error, waiting
	// cannot help.
	ErrNeverFits = errors.New("cost exceeds the whole budget")
	// ErrPressure says that the pool has no room now; trying again later may help.
	ErrPressure = errors.New("no capacity now")
	// ErrMissingDependency says that a needed artifact is not ready now.
	ErrMissingDependency = errors.New("needed artifact is not ready")
	// ErrStale says that the work grew too old while it waited.
	ErrStale = errors.New("work is stale")
	// ErrSuperseded says that a better job for the same artifact took the place.
	ErrSuperseded = errors.New("superseded by a better job")
	// ErrDependencyLost says that whatever would have made a needed artifact was dropped.
	ErrDependencyLost = errors.New("producer of a needed artifact was dropped")
	// ErrCycle says that the work waits for itself.
	ErrCycle = errors.New("work waits for itself")
	// ErrQueueFull says that as many demands wait as the queue holds.
	ErrQueueFull = errors.New("waiting queue is full")

	// ErrReleased says that the holder gave the lease back.
	ErrReleased = errors.New("lease was released")
	// ErrExpired says that the lease ran out before it was renewed.
	ErrExpired = errors.New("lease expired")
	// ErrRevoked says that the lease was taken back.
	ErrRevoked = errors.New("lease was revoked")
	// ErrFenced says that a result carries an older fencing token than one already seen, or that of
	// a lease that has ended.
	ErrFenced = errors.New("fencing token is too old")
	// ErrClosed says that the broker was closed.
	ErrClosed = errors.New("broker closed")
	// ErrTooManyArtifacts says that as many artifacts are marked ready as the broker keeps.
	ErrTooManyArtifacts = errors.New("too many artifacts marked ready")
)

// FieldError names the field that is wrong, as a JSON path such as jobs[3].cost.units. It unwraps
// to ErrInvalid.
type FieldError struct {
	Field   string
	Problem string
}

// Error returns field and problem in one line.
func (e *FieldError) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Problem) }

// Unwrap returns ErrInvalid.
func (e *FieldError) Unwrap() error { return ErrInvalid }

func invalid(field, problem string) error { return &FieldError{Field: field, Problem: problem} }
