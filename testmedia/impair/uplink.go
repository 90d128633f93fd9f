package impair

import (
	"slices"
	"sync"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtp"
)

// uplink is a stream that leaves. A packet that is lost or late counts as sent for whoever sends
// it. One goroutine writes what was late, begun by the first such packet.
type uplink struct {
	link *Link
	next interceptor.RTPWriter

	mu    sync.Mutex
	held  held
	runs  bool
	over  bool
	wake  chan struct{}
	done  chan struct{}
	ended chan struct{}
}

func newUplink(l *Link, next interceptor.RTPWriter) *uplink {
	return &uplink{link: l, next: next, wake: make(chan struct{}, 1), done: make(chan struct{}), ended: make(chan struct{})}
}

// Write implements interceptor.RTPWriter.
func (u *uplink) Write(h *rtp.Header, payload []byte, a interceptor.Attributes) (int, error) {
	v := u.link.pass(&u.link.up, len(payload))
	if v.times == 1 && u.free(v.at[0]) {
		return u.next.Write(h, payload, a)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.over || v.times == 0 {
		return len(payload), nil
	}
	for _, at := range v.at[:v.times] {
		u.held.put(parcel{at: at, header: h.Clone(), payload: slices.Clone(payload), attributes: a})
	}
	if !u.runs {
		u.runs = true
		go u.run()
	}
	select {
	case u.wake <- struct{}{}:
	default: // it has been told
	}
	return len(payload), nil
}

// free tells whether a packet may be written at once: it is on time, and nothing waits before it.
func (u *uplink) free(at time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, waits := u.held.next()
	return !waits && !at.After(time.Now())
}

func (u *uplink) run() {
	defer close(u.ended)
	timer := time.NewTimer(time.Hour) // set when something waits
	defer timer.Stop()
	for {
		select {
		case <-u.wake:
		case <-timer.C:
		case <-u.done:
			return
		}
		for {
			u.mu.Lock()
			p, ok := u.held.due(time.Now())
			at, more := u.held.next()
			u.mu.Unlock()
			if !ok {
				if more {
					timer.Reset(time.Until(at))
				}
				break
			}
			_, _ = u.next.Write(&p.header, p.payload, p.attributes) // who sent it has gone on
		}
	}
}

// close ends the stream and waits for its goroutine. It is idempotent.
func (u *uplink) close() {
	u.mu.Lock()
	first, runs := !u.over, u.runs
	u.over = true
	u.mu.Unlock()
	if first {
		close(u.done)
	}
	if runs {
		<-u.ended
	}
}
