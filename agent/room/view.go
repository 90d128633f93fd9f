package room

import (
	"context"

	"github.com/sensory-agent/sensory-agent/agent/lk"
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
	losses int                          // how often it was interrupted
	down   bool                         // it is interrupted
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
	case lk.AttributesChanged:
		if _, here := v.people[e.Participant.Identity]; here {
			v.people[e.Participant.Identity] = e.Participant
		}
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
	cfg.Transport = c.Transport
	cfg.Served, cfg.Methods = !cfg.Hidden, methods()
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
