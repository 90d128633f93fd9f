package room

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Presence is who is in a room at one moment, and what they are doing.
type Presence struct {
	// Participants are those who are none of the room's personas, by identity.
	Participants []Present
	// Seats are the personas, in the order in which they came.
	Seats []Sitting
	// Floor is who is audible, and who waits.
	Floor turn.FloorState
	// Sights are the newest pictures of all tracks that are seen, by track and encoder.
	Sights []Sighted
}

// Present is a participant who is none of the room's personas.
type Present struct {
	Identity, Name string
	// Agent is true for another program.
	Agent bool
	// Audio tells whether a microphone is published, Video what else is: camera, screen.
	Audio bool
	Video []string
	// Segments counts final transcripts, and messages of the chat, since the process entered.
	Segments int
	// State is speaking or listening; of an agent what it says of itself.
	State turn.AgentState
}

// Sitting is a persona in the room.
type Sitting struct {
	Identity, Name string
	State          turn.AgentState
	Ready, Muted   bool
	// Audio tells whether its voice is published.
	Audio bool
	// Segments counts answers of which something was heard, or read where there is no voice.
	Segments int
	// Silent is why it said nothing last, and Turn in which turn; empty while it answers, or was
	// never asked.
	Silent turn.Reason
	Turn   uint64
}

// looked asks the actor who is here.
type looked struct{ answer chan<- Presence }

func (looked) message() {}

// Presence returns who is here. Errors: ErrClosed where the room has ended; the cause of ctx.
func (r *Room) Presence(ctx context.Context) (Presence, error) {
	answer := make(chan Presence, 1)
	if !r.hand(ctx, looked{answer}, true) {
		return Presence{}, cmp.Or(context.Cause(ctx), ErrClosed)
	}
	select {
	case p := <-answer:
		return p, nil
	case <-r.life.Done():
		return Presence{}, ErrClosed
	case <-ctx.Done():
		return Presence{}, context.Cause(ctx)
	}
}

// presence is who is here.
func (a *actor) presence() Presence {
	out := Presence{Participants: []Present{}, Seats: []Sitting{}, Floor: a.table.Floor(a.since(time.Now())), Sights: a.seen()}
	for _, s := range a.sitting {
		out.Seats = append(out.Seats, a.sits(s))
	}
	if a.listener == nil {
		return out
	}
	people := map[string]*Present{}
	for who, p := range a.listener.people {
		if !a.own(who) {
			people[who] = &Present{
				Identity: who, Name: p.Name, Agent: p.Agent, Segments: a.segments[who].count,
				State: cmp.Or(turn.AgentState(p.Attributes[lk.AttrState]), turn.Listening),
			}
		}
	}
	for _, offer := range a.listener.offers {
		p := people[offer.Participant.Identity]
		if p == nil {
			continue
		}
		if source := sourceOf(offer.Publication.Source()); source == turn.Microphone {
			p.Audio = true
		} else {
			p.Video = append(p.Video, string(source))
		}
	}
	for _, mic := range a.ears {
		if p := people[mic.ear.Track().Who]; p != nil && mic.speaks {
			p.State = turn.Speaking
		}
	}
	for _, who := range slices.Sorted(maps.Keys(people)) {
		slices.Sort(people[who].Video)
		out.Participants = append(out.Participants, *people[who])
	}
	return out
}

// sits is a persona as it is now.
func (a *actor) sits(s *Seat) Sitting {
	number, why, _ := strings.Cut(s.explained, " ")
	n, _ := strconv.ParseUint(number, 10, 64) // none where it says nothing of itself
	return Sitting{
		Identity: s.holder.Persona, Name: s.who.Name, State: s.state, Ready: s.ready.Load(), Muted: s.Muted(), Audio: s.heard(),
		Segments: a.segments[s.holder.Persona].count, Silent: turn.Reason(why), Turn: n,
	}
}

// shownOf is how often somebody's words were shown, and the turn in which a persona's were last.
type shownOf struct {
	count int
	turn  uint64
}

// segmentsKept bounds of how many participants that is kept; who has left goes first.
const segmentsKept = 1024

// count takes note of what is shown of somebody.
func (a *actor) count(who string, n uint64) {
	s := a.segments[who]
	if n != 0 && s.turn == n {
		return
	}
	if s == (shownOf{}) && len(a.segments) >= segmentsKept {
		maps.DeleteFunc(a.segments, func(who string, _ shownOf) bool {
			return !a.own(who) && (a.listener == nil || a.listener.people[who].Identity == "")
		})
	}
	if s != (shownOf{}) || len(a.segments) < segmentsKept {
		a.segments[who] = shownOf{s.count + 1, n}
	}
}

// tally counts what an event shows of somebody.
func (a *actor) tally(from Origin, e Event) {
	switch e := e.(type) {
	case Heard:
		if e.Final && e.Text != "" {
			a.count(e.Who, 0)
		}
	case Said:
		a.count(from.Persona, e.Turn)
	case TurnDone:
		if e.Trace.Err == nil && e.Trace.Answer != "" {
			a.count(from.Persona, e.Trace.Turn)
		}
	}
}

func sourceOf(s lk.Source) turn.Source {
	switch s {
	case lk.Microphone:
		return turn.Microphone
	case lk.Camera:
		return turn.Camera
	case lk.ScreenShare:
		return turn.Screen
	default:
		return turn.Source(strings.ToLower(s.String()))
	}
}
