package store

import (
	"context"
	"time"
)

const (
	// eraseTime bounds one attempt to erase, whoever waits for it; eraseBusy is how long it waits
	// for those who read, where something is known to be left.
	eraseTime = 10 * time.Second
	eraseBusy = time.Second
	// eraseAgain is the time after which a write tries again what could not be erased.
	eraseAgain = time.Minute
)

// erase removes what was deleted from where its text is still to be found, also where who had it
// deleted has gone meanwhile. What fails is noted (Health.Unerased) and tried again: by a later
// write, by each run of a retention, and by whoever opens the store for writing when this process
// has ended.
func (d *DB) erase(ctx context.Context) error {
	d.erasing.Lock() // so that what is noted last is what was done last
	defer d.erasing.Unlock()
	return d.scrubbed(ctx, eraseBusy, true)
}

// takeOver erases what a process may have left that forgot something and ended before it was
// erased. It waits for nobody: what fails is tried again as by erase. Nobody is told, since nobody
// knows whether there is anything.
func (d *DB) takeOver(ctx context.Context) {
	d.trouble.owe(d.on.lingers())
	_ = d.eraseLeft(ctx, 0, 0)
}

// eraseAll erases what is left, also where nobody here knows of anything: another process may have
// forgotten it, and ended. Errors as those of eraseLeft.
func (d *DB) eraseAll(ctx context.Context) error {
	d.trouble.owe(d.on.lingers())
	return d.eraseLeft(ctx, 0, eraseBusy)
}

// eraseLeft tries again what is left to be erased since a while ago, and waits so long for those
// who read. Errors: *Error with ErrUnerased, of what was forgotten here.
func (d *DB) eraseLeft(ctx context.Context, since, patience time.Duration) error {
	left, known := d.trouble.left(time.Now(), since)
	if !left || !d.erasing.TryLock() {
		return nil
	}
	defer d.erasing.Unlock()
	if known {
		patience = eraseBusy
	}
	return d.scrubbed(ctx, patience, known)
}

// scrubbed is one attempt; known tells whether something was forgotten here.
func (d *DB) scrubbed(ctx context.Context, patience time.Duration, known bool) error {
	own, stop := context.WithTimeout(context.WithoutCancel(ctx), eraseTime)
	defer stop()
	err := d.on.scrub(own, d.db, patience)
	if err != nil {
		err = &Error{Kind: ErrUnerased, Op: "erase in", Path: d.path, Err: fail("erase in", d.path, 0, err)}
	}
	d.trouble.erased(err, known, time.Now())
	if !known {
		return nil
	}
	return err
}

// owe notes that something may be left to be erased, of which nobody here knows.
func (t *trouble) owe(may bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.owed = t.owed || may
}

// erased notes what erasing came to.
func (t *trouble) erased(err error, known bool, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tried = now
	if err == nil {
		t.owed, t.h.UnerasedErr, t.h.Unerased = false, nil, time.Time{}
		return
	}
	if !known {
		return
	}
	if t.h.UnerasedErr = err; t.h.Unerased.IsZero() {
		t.h.Unerased = now
	}
}

// left tells whether there may be something to be erased that was tried so long ago, and whether it
// is known that there is.
func (t *trouble) left(now time.Time, since time.Duration) (left, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known = t.h.UnerasedErr != nil
	return (known || t.owed) && now.Sub(t.tried) >= since, known
}
