package models

import "sync"

// emitter passes events on one at a time.
type emitter struct {
	mu   sync.Mutex
	sink func(Event)
}

func (e *emitter) emit(ev Event) {
	if e.sink == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sink(ev)
}

// step is how many bytes pass between two events of one file.
const step = 256 << 10

// meter reports the bytes of one file as they come.
type meter struct {
	events *emitter
	event  Event
	last   int64
}

// add counts n more bytes.
func (m *meter) add(n int64) { m.set(m.event.Done + n) }

// set sets the count of bytes that are here.
func (m *meter) set(done int64) {
	m.event.Done = done
	if d := done - m.last; d >= step || d < 0 || done == m.event.Total {
		m.last = done
		m.events.emit(m.event)
	}
}

// Write counts bytes; it never fails.
func (m *meter) Write(p []byte) (int, error) {
	m.add(int64(len(p)))
	return len(p), nil
}
