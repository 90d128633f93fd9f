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

// Hangups has SIGHUP arrive on the channel, as the wish to read files again, and not end the
// program, until stop is called. ctx is Watch's or stands below it; under any other nothing ever
// arrives. After the first signal of another kind SIGHUP ends the program at once, as any second
// signal does.
func Hangups(ctx context.Context) (hangups <-chan struct{}, stop func()) {
	to := make(chan struct{}, 1)
	d, ok := ctx.Value(diverted{}).(*diversion)
	if !ok {
		return to, func() {}
	}
	d.divert(to)
	return to, func() { d.divert(nil) }
}
