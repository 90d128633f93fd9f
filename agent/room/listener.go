package room

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Delays between attempts to have a hidden connection: doubled from the first to the last.
const (
	firstHiding = time.Second
	lastHiding  = time.Minute
)

// whoListens sees to it that somebody does: one persona by its own connection, several by a hidden
// one, where the key pair allows it.
func (a *actor) whoListens() {
	if a.cfg.APIKey != "" && (a.cfg.Shared || len(a.sitting) > 1) && a.unseen == nil && !a.hiding {
		a.hide(0)
	}
	if a.listener == nil && !a.hiding && len(a.sitting) > 0 {
		a.listen(a.views[a.sitting[0]])
	}
}

// hide opens a hidden connection after a while. Joining waits for the server, so it has a goroutine
// of its own; there is one at a time.
func (a *actor) hide(after time.Duration) {
	a.hiding = true
	a.work.Go(func() {
		if after > 0 && within(after, a.life.Done()) {
			return
		}
		conn, err := a.connect(a.life, lk.Config{Hidden: true, Identity: "listener-" + uuid.NewString()})
		if err == nil && a.life.Err() != nil || !a.post(hidden{conn, err}) && err == nil {
			_ = a.hangUp(conn) // the room has ended, and perhaps hung up what there was before
		}
	})
}

// hidden takes the hidden connection, or that there is none: then a persona's own one listens.
func (a *actor) hidden(m hidden) {
	a.hiding = false
	if m.err != nil {
		a.hidings++
		delay := min(lastHiding, firstHiding<<min(a.hidings, 6))
		a.problem(nil, StageRoom, "", &ListenerError{Err: m.err, Next: delay})
		a.hide(delay)
		if a.listener == nil && len(a.sitting) > 0 {
			a.listen(a.views[a.sitting[0]])
		}
		return
	}
	v := newView(m.conn, nil)
	a.unseen, a.hidings = v, 0
	var early []lk.Event // who is there is told before anything else
	for len(m.conn.Events()) > 0 {
		e := <-m.conn.Events()
		v.note(e)
		early = append(early, e)
	}
	a.listen(v)
	for _, e := range early {
		switch e.(type) {
		case lk.ParticipantJoined, lk.TrackPublished: // have been told
		default:
			a.connection(v, e)
		}
	}
	a.work.Go(func() { a.forward(v) })
}

// listen has the room perceived by a connection, in the place of the one before: what is open is
// opened anew, and what was heard until then is finalised and kept.
func (a *actor) listen(v *view) {
	old := a.listener
	a.listener = v
	a.mu.Lock()
	a.hears = v.conn
	a.mu.Unlock()
	before := map[string]lk.Participant{}
	if old != nil {
		before = old.people
		for _, sid := range slices.Sorted(maps.Keys(old.offers)) {
			a.lose(sid)
			if !old.gone {
				a.want(old.offers[sid], false)
			}
		}
	}
	for _, who := range slices.Sorted(maps.Keys(before)) {
		if _, still := v.people[who]; !still && !a.own(who) {
			delete(a.busy, who)
			a.step(turn.PersonLeft{Who: who}, cause{})
		}
	}
	for _, who := range slices.Sorted(maps.Keys(v.people)) {
		a.present(v.people[who])
	}
	for _, sid := range slices.Sorted(maps.Keys(v.offers)) {
		a.published(v.offers[sid])
	}
}

// succeed has another connection listen where the one that did is gone.
func (a *actor) succeed() {
	if a.unseen != nil {
		a.listen(a.unseen)
		return
	}
	for _, up := range []bool{true, false} { // one that is up, if there is any
		for _, s := range a.sitting {
			if s.up == up {
				a.listen(a.views[s])
				return
			}
		}
	}
	a.listener = nil
}

// present tells the table of somebody who is here.
func (a *actor) present(p lk.Participant) {
	if !a.own(p.Identity) {
		if !p.Agent {
			a.newcomers()
		}
		a.meets(a.sitting, p)
		a.step(turn.PersonJoined{Who: p.Identity, Name: p.Name, Agent: p.Agent}, cause{})
		a.otherSpeaks(p)
	}
}

// otherSpeaks tells the table whether another program is audible, as it says of itself: a server
// tells who speaks of those alone that one hears, and other programs are not heard.
func (a *actor) otherSpeaks(p lk.Participant) {
	on := p.Agent && p.Attributes[lk.AttrState] == lk.StateSpeaking
	if a.own(p.Identity) || on == a.busy[p.Identity] {
		return
	}
	if on {
		a.busy[p.Identity] = true
	} else {
		delete(a.busy, p.Identity)
	}
	a.step(turn.OtherAgentSpeaks{Who: p.Identity, On: on}, cause{})
}
