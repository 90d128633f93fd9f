package room

import (
	"slices"
	"time"
)

// splitAfter is how long a persona may be out of sight of the connection by which its room is
// perceived. Servers tell of those who publish at once, and of others after some seconds.
const splitAfter = 20 * time.Second

// apart are personas that the connection that listens does not see: since when, by identity.
type apart map[string]time.Time

// look takes who is out of sight now. It returns who has been for too long, empty where nobody has,
// and when that will be so, zero where nobody is out of sight.
func (p apart) look(now time.Time, limit time.Duration, out []string) (who string, next time.Time) {
	for id := range p {
		if !slices.Contains(out, id) {
			delete(p, id)
		}
	}
	for _, id := range out {
		since, known := p[id]
		if !known {
			since, p[id] = now, now
		}
		due := since.Add(limit)
		if !due.After(now) {
			return id, time.Time{}
		}
		if next.IsZero() || due.Before(next) {
			next = due
		}
	}
	return "", next
}

// strandedAfter is how long a persona stays in another room than the one that it was sent to while
// no human is there: as long as people need to come back to a server that was away.
const strandedAfter = 20 * time.Second

// stranded says that a persona has been in another room than it was sent to for a while.
type stranded struct{ seat *Seat }

func (stranded) message() {}

// belongs looks whether a persona that was sent to a room is in that one. A server that was away,
// or that has closed the room meanwhile, makes another one of the same name for whoever comes
// first.
func (a *actor) belongs(s *Seat) {
	if s.strand != nil {
		s.strand.Stop()
	}
	if s.elsewhere() {
		s.strand = time.AfterFunc(a.alone, func() { a.post(stranded{s}) })
	}
}

// elsewhere tells whether the persona is in another room than it was sent to. A server that does
// not say which room it is has it be the right one.
func (s *Seat) elsewhere() bool {
	now := s.conn.RoomSID()
	return s.sent != "" && now != "" && now != s.sent
}
