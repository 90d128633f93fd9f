package worker

import (
	"math"
	"slices"
	"time"
)

// step takes one event at a time that never goes back. What it returns is to be done in order.
func (m *machine) step(now time.Time, e event) []effect {
	m.out = nil
	switch e := e.(type) {
	case opened:
		m.opened(now, e)
	case lost:
		m.lost(now, e)
	case received:
		m.received(now, e)
	case bad:
		m.malformed(now, e)
	case reserved:
		m.reserved(now, e)
	case returned:
		m.returned(now, e)
	case loaded:
		m.load = e.load
		if math.IsNaN(e.load) { // nobody knows: as if full
			m.load = 1
		}
	case drain:
		m.drain(now, e.limit)
	case stop:
		m.stop(now)
	case tick:
	}
	m.due(now)
	m.report(now)
	m.finish()
	return m.out
}

// next is when something is due, and false where nothing is.
func (m *machine) next() (time.Time, bool) {
	var at []time.Time
	for _, l := range m.links {
		switch l.state {
		case linkDown, linkDialing, linkRegistering:
			at = append(at, l.due)
		case linkRegistered:
			at = append(at, l.ping, l.toldAt.Add(m.cfg.statusEvery))
		case linkClosed:
		}
	}
	for _, s := range m.slots {
		if s.state == slotReserving || s.state == slotOffered {
			at = append(at, s.due)
		}
	}
	if m.draining && !m.stopping {
		at = append(at, m.limit)
	}
	if m.ended || len(at) == 0 {
		return time.Time{}, false
	}
	return slices.MinFunc(at, time.Time.Compare), true
}

// due does what the time has come for.
func (m *machine) due(now time.Time) {
	for i, l := range m.links {
		switch l.state {
		case linkDown:
			if !now.Before(l.due) {
				m.dial(now, i)
			}
		case linkDialing, linkRegistering:
			if !now.Before(l.due) {
				m.drop(now, i, ErrSilent)
			}
		case linkRegistered:
			if !now.Before(l.ping) {
				l.ping = now.Add(pingEvery)
				m.send(i, ping(now))
			}
		case linkClosed:
		}
	}
	for _, s := range m.sorted() {
		switch {
		case s.state == slotReserving && !now.Before(s.due):
			m.decline(s, ReasonSlow, nil)
		case s.state == slotOffered && !now.Before(s.due):
			m.lapse(s)
		}
	}
	if m.draining && !m.stopping && !now.Before(m.limit) {
		m.cancelAll(now, ErrDrainLimit)
		m.stopping = true
	}
}
