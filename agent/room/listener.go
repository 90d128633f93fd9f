package room

import (
	"context"
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

// view is what one connection has told of the room. The room is perceived by one of them, so that
// people are heard, seen and written down once, however many personas sit there; the others' views
// are kept, so that any of them can take over at once.
type view struct {
	conn   *lk.Connection
	seat   *Seat // whose connection it is; nil for the hidden one
	people map[string]lk.Participant
	offers map[string]lk.TrackPublished // by track SID, of those that may be subscribed to
	failed map[string]bool              // topics whose failure to send was reported since the connection last changed
	gone   bool                         // it has ended
}

func newView(conn *lk.Connection, seat *Seat) *view {
	return &view{conn: conn, seat: seat, people: map[string]lk.Participant{}, offers: map[string]lk.TrackPublished{}, failed: map[string]bool{}}
}

// note takes note of who is there and what they offer.
func (v *view) note(e lk.Event) {
	switch e := e.(type) {
	case lk.ParticipantJoined:
		v.people[e.Participant.Identity] = e.Participant
	case lk.ParticipantLeft:
		if v.people[e.Participant.Identity].SID == e.Participant.SID {
			delete(v.people, e.Participant.Identity)
		}
	case lk.TrackPublished:
		v.offers[e.Publication.SID()] = e
	case lk.TrackGone:
		delete(v.offers, e.SID)
	}
}

// connect opens a connection to the room.
func (r *Room) connect(ctx context.Context, cfg lk.Config) (*lk.Connection, error) {
	c := &r.cfg
	cfg.URL, cfg.APIKey, cfg.APISecret, cfg.Room = c.URL, c.APIKey, c.APISecret, c.Room
	cfg.Agent, cfg.Logger, cfg.Limits, cfg.Topics = true, c.Logger, c.Limits, []string{lk.TopicChat}
	conn, err := lk.Join(ctx, cfg)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.conns[conn], r.name = true, conn.Name()
	r.mu.Unlock()
	return conn, nil
}

// hangUp ends a connection.
func (r *Room) hangUp(conn *lk.Connection) error {
	r.mu.Lock()
	delete(r.conns, conn)
	r.mu.Unlock()
	return conn.Close()
}

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
		if !a.post(hidden{conn, err}) && err == nil {
			_ = a.hangUp(conn) // the room has ended
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

// own tells whether somebody is one of the personas that sit here.
func (a *actor) own(identity string) bool { return a.seat(identity) != nil }

// seat is that of an identity; nil where there is none.
func (a *actor) seat(identity string) *Seat {
	for _, s := range a.sitting {
		if s.holder.Persona == identity {
			return s
		}
	}
	return nil
}

// present tells the table of somebody who is here.
func (a *actor) present(p lk.Participant) {
	if !a.own(p.Identity) {
		a.meets(a.sitting, p)
		a.step(turn.PersonJoined{Who: p.Identity, Name: p.Name, Agent: p.Agent}, cause{})
	}
}
