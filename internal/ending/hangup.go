package ending

import (
	"context"
	"sync"
)

// diverted is the key of a Watch's diversion in its context.
type diverted struct{}

// diversion is where SIGHUP goes instead of ending the program.
type diversion struct {
	mu sync.Mutex
	to chan struct{}
}

// take passes a SIGHUP on, and tells whether somebody wants it. One that has not been taken yet
// stands for all that come meanwhile.
func (d *diversion) take() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.to == nil {
		return false
	}
	select {
	case d.to <- struct{}{}:
	default:
	}
	return true
}

func (d *diversion) divert(to chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to = to
}

// OnHangup calls do after each SIGHUP, as the wish to read files again, until ctx ends; the program
// is not ended by one meanwhile. One that comes while do runs is another call after it, and several
// are one. ctx is Watch's or stands below it; under any other do is never called. After the first
// signal of another kind SIGHUP ends the program at once, as any second signal does.
func OnHangup(ctx context.Context, do func()) {
	hangups := make(chan struct{}, 1)
	if d, ok := ctx.Value(diverted{}).(*diversion); ok {
		d.divert(hangups)
		defer d.divert(nil)
	}
	for {
		select {
		case <-hangups:
			if ctx.Err() != nil {
				return
			}
			do()
		case <-ctx.Done():
			return
		}
	}
}
