package room

import (
	"cmp"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// arrived has a persona take its seat.
func (a *actor) arrived(s *Seat) {
	if a.listener != nil {
		if p, known := a.listener.people[s.holder.Persona]; known { // the table took it for somebody else
			delete(a.busy, p.Identity)
			a.step(turn.PersonLeft{Who: p.Identity}, cause{})
		}
	}
	a.newcomers()
	v := newView(s.conn, s)
	a.views[s] = v
	a.seated(append(a.sitting, s))
	if a.senses == nil {
		a.hearer = s.ears
		a.senses = senses.New(a.life, senses.Deps{
			Ears: a.hearer, Endpoint: a.endpoint, Broker: a.hearer.Machine().Broker(), Room: s.holder.Room, Sound: a.soundWanted, Names: a.names, Likely: a.speculates.Load,
			Speaking: func() bool { return a.speaking.Load() > 0 }, KeepFrames: a.cfg.KeepFrames, KeepSights: a.cfg.KeepSights, Frames: a.cfg.Frames, Metering: &a.metering,
			Log: a.noting(nil, 0), Sink: a.perceive,
		})
	}
	a.senses.Look(s.models.Eyes())
	a.observe(s, Joined{
		At: time.Now(), Room: s.holder.Room, Identity: s.holder.Persona, Track: s.line.sid(), ServerVersion: s.conn.ServerVersion(),
		Took: time.Since(s.begin), Canned: s.models.Canned(),
	})
	if !s.allowed.CanUpdateOwnMetadata {
		a.problem(s, StageRoom, "", errNoState)
	}
	s.stand()
	a.step(turn.Seated{
		Seat: s.holder.Persona, Aliases: s.who.names(), Specialty: s.who.Specialty, Lane: cmp.Or(s.who.Lane, s.models.Provider()),
		Greeting: s.who.Greeting, Idle: s.who.Idle, Sees: s.models.Sees(), Remembers: s.mayRemember(), VoiceOnly: s.who.VoiceOnly, Muted: s.who.Muted,
	}, cause{})
	a.step(rightsOf(s), cause{})
	a.work.Go(func() { a.forward(v) })
	a.whoListens()
	a.offerAgain(s)
	a.recalls(s)
	a.belongs(s)
	close(s.seated)
}

// soundWanted tells whether anybody here is given the sound of questions.
func (r *Room) soundWanted() bool {
	return slices.ContainsFunc(r.Seats(), func(s *Seat) bool { return s.models.HearsSound() })
}

// names are those of the personas here, for the ear to know them by; none where nobody is called by
// name, since only one sits here. It is safe from any goroutine.
func (r *Room) names() []string {
	seats := r.Seats()
	if len(seats) < 2 {
		return nil
	}
	out := make([]string, len(seats))
	for i, s := range seats {
		out[i] = s.who.Name
	}
	return out
}

// offerAgain offers what is shown in the room once more to a persona with eyes: before it came
// nobody may have wanted it.
func (a *actor) offerAgain(s *Seat) {
	if a.listener == nil || !s.models.Sees() || len(a.sitting) == 1 {
		return
	}
	for sid, e := range a.listener.offers {
		if e.Publication.Video() && a.eyes[sid] == nil && a.soon[sid] == nil {
			a.published(e)
		}
	}
}
