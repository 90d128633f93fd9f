package reconcile

import (
	"cmp"
	"slices"
	"time"
)

// windowMaximum bounds the dispatches of one name that are under way at once, in one reconciler:
// the server works on fifty at a time, for everybody.
const windowMaximum = 8

// pace of a key, made when it is first asked for.
func (m *machine) pace(k key) *pace {
	p := m.names[k]
	if p == nil {
		p = &pace{window: 1, pending: map[string]time.Time{}}
		m.names[k] = p
	}
	return p
}

// settle looks what became of attempts: one that has an agent doubles the window, one that the
// server has given up closes it to one, so that there is always one that finds out whether a worker
// is free, and never a storm of them.
func (m *machine) settle(now time.Time, rooms []roomView) {
	jobs := map[string]bool{}
	for _, r := range rooms {
		for _, d := range r.dispatches {
			if len(d.Identities) > 0 || m.served(d, &r) {
				jobs[d.ID] = true
			}
		}
	}
	for _, p := range m.names {
		for id, since := range p.pending {
			switch {
			case jobs[id]:
				delete(p.pending, id)
				p.window = min(2*p.window, windowMaximum)
			case now.Sub(since) >= m.cfg.grace:
				delete(p.pending, id)
				p.window, p.failed = 1, true
			}
		}
	}
}

// release chooses which of those that wait are dispatched again now: fewest attempts first, so that
// one that nobody takes holds up no other, then the oldest.
func (m *machine) release(waiting []wish) []action {
	slices.SortStableFunc(waiting, func(a, b wish) int {
		return cmp.Or(cmp.Compare(attempt(a.live[0]), attempt(b.live[0])), older(a.live[0], b.live[0]))
	})
	room := m.cfg.inFlight
	using := map[key]int{}
	var out []action
	for _, w := range waiting {
		d := w.live[0]
		k := key{d.Agent, d.Deployment}
		p := m.pace(k)
		if room <= 0 || len(p.pending)+using[k] >= p.window || m.cfg.free != nil && !m.cfg.free(d.Agent) {
			continue
		}
		if m.cfg.once {
			if m.tried[w.root] || p.failed {
				continue
			}
			m.tried[w.root] = true
		}
		why := ReasonDropped
		if len(d.Identities) > 0 {
			why = ReasonLost
		}
		using[k]++
		room--
		out = append(out, action{kind: replace, reason: why, room: w.room, root: w.root, target: d})
	}
	return out
}

// made is told of a dispatch that an action made.
func (m *machine) made(now time.Time, d Dispatch) {
	m.seen[d.ID] = now
	m.pace(key{d.Agent, d.Deployment}).pending[d.ID] = now
}

// busy tells whether something is under way that more looks will show the end of.
func (m *machine) busy() bool {
	for _, p := range m.names {
		if len(p.pending) > 0 {
			return true
		}
	}
	return m.young > 0 || m.claims > 0
}
