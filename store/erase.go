package store

import (
	"context"
	"time"
)

const (
	// eraseTime bounds one attempt to erase, whoever waits for it; eraseBusy is how long it waits for
	// those who read.
	eraseTime = 10 * time.Second
	eraseBusy = time.Second
	// eraseAgain is the time after which a write tries again what could not be erased.
	eraseAgain = time.Minute
)

// erase removes what was deleted from where its text is still to be found, also where who had it
// deleted has gone meanwhile. What fails is noted (Health.Unerased) and tried again by a later write
// and by each run of a retention.
func (d *DB) erase(ctx context.Context) error {
	d.erasing.Lock() // so that what is noted last is what was done last
	defer d.erasing.Unlock()
	return d.scrubbed(ctx)
}

// eraseLeft tries again what is left to be erased since a while ago. Errors: *Error with ErrUnerased.
func (d *DB) eraseLeft(ctx context.Context, since time.Duration) error {
	if !d.trouble.left(time.Now(), since) || !d.erasing.TryLock() {
		return nil
	}
	defer d.erasing.Unlock()
	return d.scrubbed(ctx)
}

func (d *DB) scrubbed(ctx context.Context) error {
	own, stop := context.WithTimeout(context.WithoutCancel(ctx), eraseTime)
	defer stop()
	err := d.on.scrub(own, d.db)
	if err != nil {
		err = &Error{Kind: ErrUnerased, Op: "erase in", Path: d.path, Err: fail("erase in", d.path, 0, err)}
	}
	d.trouble.erased(err, time.Now())
	return err
}

// erased notes what erasing came to.
func (t *trouble) erased(err error, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tried, t.h.UnerasedErr = now, err
	switch {
	case err == nil:
		t.h.Unerased = time.Time{}
	case t.h.Unerased.IsZero():
		t.h.Unerased = now
	}
}

// left tells whether there is something to be erased that was tried so long ago.
func (t *trouble) left(now time.Time, since time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.h.UnerasedErr != nil && now.Sub(t.tried) >= since
}
