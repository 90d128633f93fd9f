package reconcile

import (
	"slices"
	"time"
)

// needs tells whether the participants of a room have to be known to judge its dispatches.
func (m *machine) needs(dispatches []Dispatch) bool {
	return slices.ContainsFunc(dispatches, func(d Dispatch) bool {
		return m.wants(d.Agent) && (len(d.Identities) == 0 || m.cfg.lost > 0)
	})
}

// look takes what was seen of all rooms and says what to do, in one go: what it says has been done,
// or has failed, before it looks again.
func (m *machine) look(now time.Time, rooms []roomView) []action {
	var out []action
	var waiting []wish
	ids := map[string]bool{}
	m.waiting, m.claims, m.young, m.due = 0, 0, 0, time.Time{}
	for i := range rooms {
		for _, w := range wishes(&rooms[i]) {
			m.note(now, w, ids)
			a, waits := m.judge(now, w)
			out = append(out, a...)
			if waits {
				waiting = append(waiting, w)
			}
		}
	}
	m.forget(ids)
	m.settle(now, rooms)
	return append(out, m.release(waiting)...)
}

// note remembers when what was seen first.
func (m *machine) note(now time.Time, w wish, ids map[string]bool) {
	for _, list := range [][]Dispatch{w.live, w.claims} {
		for _, d := range list {
			ids[d.ID] = true
			if _, known := m.seen[d.ID]; !known {
				m.seen[d.ID] = now
			}
		}
	}
}

// forget drops what is not there any more.
func (m *machine) forget(ids map[string]bool) {
	for id := range m.seen {
		if !ids[id] {
			delete(m.seen, id)
			delete(m.absent, id)
		}
	}
}

// judge says what to do about a wish at once, and whether it waits for a worker.
func (m *machine) judge(now time.Time, w wish) (do []action, waits bool) {
	if !m.wants(w.agent()) {
		return nil, false
	}
	expired := m.expired(now, w.claims)
	switch {
	case len(w.live) == 0 && len(expired) == len(w.claims):
		return []action{{kind: adopt, reason: ReasonOrphaned, room: w.room, root: w.root, target: w.claims[0], rest: w.claims[1:]}}, false
	case len(w.live) == 0:
		m.claims++
		return nil, false // somebody is at work on it
	case len(w.live) > 1:
		return []action{{kind: sweep, reason: ReasonTwice, room: w.room, root: w.root, target: surplus(w.live)}}, false
	case len(expired) > 0:
		return []action{{kind: sweep, reason: ReasonFinished, room: w.room, root: w.root, target: expired[0]}}, false
	case len(w.claims) > 0:
		return nil, false
	}
	waits = m.unserved(now, w.live[0], w.view)
	if waits {
		m.waiting++
	}
	return nil, waits
}

// unserved tells whether a dispatch has no agent, and the server is not going to find one.
func (m *machine) unserved(now time.Time, d Dispatch, view *roomView) bool {
	switch {
	case len(d.Identities) > 0:
		return m.lost(now, d, view)
	case !view.known || m.served(d, view):
		return false
	case d.Age >= m.cfg.grace+clocks:
		return true // by the server's own clock, however late it is seen here
	case now.Sub(m.seen[d.ID]) < m.cfg.grace:
		m.young++
		if due := m.seen[d.ID].Add(m.cfg.grace); m.due.IsZero() || due.Before(m.due) {
			m.due = due
		}
		return false // the server may still be asking
	}
	return true
}

// clocks is by how much a dispatch must be older than the grace where its age is the server's word:
// of a cluster, one node makes it and another one tells the time.
const clocks = 2 * time.Second

// expired are the claims that nobody is at work on any more. That goes for this reconciler's own:
// of a request that timed out nobody knows whether the server is still at it.
func (m *machine) expired(now time.Time, claims []Dispatch) []Dispatch {
	return slices.DeleteFunc(slices.Clone(claims), func(c Dispatch) bool { return now.Sub(m.seen[c.ID]) < m.cfg.lease })
}

// surplus is the dispatch that is too much: not the oldest that has an agent, and not the oldest
// where none has.
func surplus(live []Dispatch) Dispatch {
	keep := max(0, slices.IndexFunc(live, func(d Dispatch) bool { return len(d.Identities) > 0 }))
	for i := len(live) - 1; ; i-- {
		if i != keep {
			return live[i]
		}
	}
}

// lost tells whether the agent of a dispatch has been gone for long enough, while a human is there.
func (m *machine) lost(now time.Time, d Dispatch, view *roomView) bool {
	if m.cfg.lost == 0 || d.Never || !view.known || slices.Contains(d.Identities, "") {
		return false
	}
	human, here := false, false
	for _, p := range view.participants {
		human = human || p.Human
		here = here || slices.Contains(d.Identities, p.Identity)
	}
	if here || !human {
		delete(m.absent, d.ID)
		return false
	}
	since, known := m.absent[d.ID]
	if !known {
		m.absent[d.ID] = now
		return false
	}
	return now.Sub(since) >= m.cfg.lost
}
