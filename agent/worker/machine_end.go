package worker

import (
	"time"
)

// drain takes no more jobs.
func (m *machine) drain(now time.Time, limit time.Duration) {
	if m.draining || m.stopping {
		return
	}
	m.draining, m.limit = true, now.Add(limit)
	m.emit(tell{Event{Kind: Draining}})
	m.closeUnregistered()
}

// stop ends everything.
func (m *machine) stop(now time.Time) {
	if m.stopping {
		return
	}
	m.stopping = true
	m.closeUnregistered()
	m.cancelAll(now, ErrStopped)
}

// closeUnregistered gives up the connections that were on their way: nothing would come of them.
func (m *machine) closeUnregistered() {
	for i, l := range m.links {
		if l.state == linkRegistered {
			continue
		}
		if l.conn != 0 {
			m.emit(hangUp{link: i, conn: l.conn})
		}
		l.state, l.conn = linkClosed, 0
	}
}

// finish ends the machine when nothing is left: the connections last, so that the server hears how
// the jobs ended.
func (m *machine) finish() {
	if m.ended || !m.draining && !m.stopping || len(m.slots) > 0 || m.asked > 0 {
		return
	}
	m.ended = true
	for i, l := range m.links {
		if l.conn != 0 {
			m.emit(hangUp{link: i, conn: l.conn})
		}
		l.state, l.conn = linkClosed, 0
	}
	m.emit(finish{m.failure})
}
