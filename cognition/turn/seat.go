package turn

import (
	"slices"
	"time"
)

// Right is what a server lets a persona do, by its name in a token.
type Right string

// Rights that a persona needs.
const (
	RightSubscribe Right = "canSubscribe"   // to hear and see
	RightPublish   Right = "canPublish"     // to be heard
	RightData      Right = "canPublishData" // to write: chat and transcripts
)

// seatsKept bounds the personas of a room.
const seatsKept = 256

// seat is a persona in the room.
type seat struct {
	name      string
	aliases   []string
	specialty []string
	lane      string
	lastHeard time.Duration // or could have been; 0 for never
	sees      bool
	voiceOnly bool
	muted     bool
	leaving   bool
	greeting  string // empty where it has none, or has said it
	idle      Idle
	remembers bool

	// What it can do: connected, with its rights, its voice published.
	up, subscribe, publish, data, voice bool
	publishing                          bool // its voice is being published again

	gain        float32
	state, told AgentState
}

// missing are the rights that are needed and not there.
func (s *seat) missing() (out []Right) {
	if !s.subscribe {
		out = append(out, RightSubscribe)
	}
	if !s.publish {
		out = append(out, RightPublish)
	}
	if !s.data && !s.voiceOnly {
		out = append(out, RightData)
	}
	return out
}

// heard tells whether somebody can hear it, so that a reply may begin.
func (s *seat) heard() bool { return s.up && s.publish && s.voice }

// ready tells whether it can do its work.
func (s *seat) ready() bool { return s.heard() && s.subscribe && (s.data || s.voiceOnly) }

// silenced tells whether the voice is to be published again.
func (s *seat) silenced() bool { return s.up && s.publish && !s.voice }

func (t *Table) seat(name string) *seat {
	for _, s := range t.seats {
		if s.name == name {
			return s
		}
	}
	return nil
}

func (t *Table) seated(e Seated) {
	if e.Seat == "" || t.seat(e.Seat) != nil || len(t.seats) >= seatsKept {
		t.stats.Dropped++
		return
	}
	s := &seat{
		name: e.Seat, aliases: slices.Clone(e.Aliases), specialty: slices.Clone(e.Specialty), lane: e.Lane, greeting: e.Greeting, idle: e.Idle, sees: e.Sees, remembers: e.Remembers, voiceOnly: e.VoiceOnly, muted: e.Muted, gain: 1, state: Listening,
		up: true, subscribe: true, publish: true, data: true, voice: true,
	}
	t.seats = append(t.seats, s)
	t.emit(Standing{Seat: s.name, Ready: true})
	t.hearable()
}

func (t *Table) unseated(e Unseated) {
	i := slices.IndexFunc(t.seats, func(s *seat) bool { return s.name == e.Seat })
	if i < 0 {
		return
	}
	s := t.seats[i]
	if s.publishing {
		t.emit(Publish{Seat: s.name})
	}
	t.seats = slices.Delete(t.seats, i, i+1)
	if len(t.seats) == 0 {
		t.order.shut = true // before its reply ends: nothing may follow
	}
	t.stopSeat(s, ReasonRemoved)
	t.hearable()
}

func (t *Table) muteSeat(e SeatMuted) {
	s := t.seat(e.Seat)
	if s == nil {
		return
	}
	s.muted = e.On
	if e.On {
		t.stopSeat(s, ReasonMuted)
	}
}

// leave has a seat, or all, say no more than the clause that is heard.
func (t *Table) leave(e Leaving) {
	if e.Seat == "" {
		t.giveUp()
	} else if s := t.seat(e.Seat); s != nil {
		s.leaving = true
	}
	if t.turn == nil {
		return
	}
	for _, r := range t.turn.replies {
		switch {
		case !r.phase.live() || e.Seat != "" && r.id.Seat != e.Seat || r.finishing:
		case r.phase == speaking && !r.held:
			r.finishing = true
			t.emit(Finish{Reply: r.id})
		case e.Seat == "":
			t.stopReply(r, ReasonClosed)
		default:
			t.stopReply(r, ReasonRemoved)
		}
	}
	t.goOn()
}

// stand takes note of a change of what a seat can do, and does what follows: whoever watches is
// told, answers begin only while somebody can hear them, and the voice is published again when it
// may be.
func (t *Table) stand(name string, change func(*seat)) {
	s := t.seat(name)
	if s == nil {
		return
	}
	before := *s
	change(s)
	if !s.publish {
		s.voice = false // the server takes the track back with the right
	}
	changed := s.subscribe != before.subscribe || s.publish != before.publish || s.data != before.data
	if missing := s.missing(); s.ready() != before.ready() || changed && len(missing) > 0 {
		t.emit(Standing{Seat: s.name, Ready: s.ready(), Missing: missing})
	}
	if want := s.silenced(); want != s.publishing {
		s.publishing = want
		if want || !s.voice {
			t.emit(Publish{Seat: s.name, On: want})
		}
	}
	t.hearable()
	if !s.heard() && s.up {
		t.stopSeat(s, ReasonNoAudio)
	}
}

// hearable has questions wait while no persona can be heard.
func (t *Table) hearable() {
	can := slices.ContainsFunc(t.seats, (*seat).heard)
	if can == t.order.shut && !t.closing {
		t.decide(t.order.open(can))
	}
}
