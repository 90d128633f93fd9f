package store

import (
	"errors"
	"maps"
	"sync"
	"time"
)

// Health is how writing goes.
type Health struct {
	// Failures are transactions that the database did not take since the store was opened.
	Failures uint64 `json:"failures"`
	// Since is when the first of those failed that nothing was written after; the zero time where
	// the last one was written. Reason is why the last one was not.
	Since  time.Time `json:"since,omitzero"`
	Reason string    `json:"reason,omitempty"`
	// Err is that reason, by kind; nil where the last one was written.
	Err error `json:"-"`
	// Unerased is since when memories are forgotten whose text may still be found on the disk,
	// because UnerasedErr (*Error with ErrUnerased) kept it from being erased; zero and nil where
	// there are none. It is tried again.
	Unerased    time.Time `json:"unerased,omitzero"`
	UnerasedErr error     `json:"-"`
}

// Problem is what stands in the way, and since when: of writing, or else of erasing. Nil where
// nothing does.
func (h Health) Problem() (since time.Time, err error) {
	if h.Err == nil {
		return h.Unerased, h.UnerasedErr
	}
	return h.Since, h.Err
}

// Degraded tells whether the last transaction failed.
func (h Health) Degraded() bool { return !h.Since.IsZero() }

// trouble counts how writing goes.
type trouble struct {
	mu   sync.Mutex
	h    Health
	kind map[Why]uint64

	tried time.Time // when something was to be erased last
	owed  bool      // something may have to be that nobody here knows of
}

// note takes what a transaction came to. What its caller ended or refused says nothing of the
// database.
func (t *trouble) note(path string, err error, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var typed *Error
	switch {
	case err == nil:
		t.h.Since, t.h.Reason, t.h.Err = time.Time{}, "", nil
	case !errors.As(guarded("write", path, 0, err), &typed) || errors.Is(typed, ErrCrowded):
	default:
		t.h.Failures++
		if t.kind == nil {
			t.kind = map[Why]uint64{}
		}
		t.kind[WhyOf(typed)]++
		t.h.Reason, t.h.Err = typed.Error(), typed
		if t.h.Since.IsZero() {
			t.h.Since = now
		}
	}
}

// Health returns how writing goes.
func (d *DB) Health() Health {
	d.trouble.mu.Lock()
	defer d.trouble.mu.Unlock()
	return d.trouble.h
}

// Failed counts the transactions that the database did not take since the store was opened, by why;
// all of Whys are there.
func (d *DB) Failed() map[Why]uint64 {
	out := map[Why]uint64{}
	for _, why := range Whys() {
		out[why] = 0
	}
	d.trouble.mu.Lock()
	defer d.trouble.mu.Unlock()
	maps.Copy(out, d.trouble.kind)
	return out
}
