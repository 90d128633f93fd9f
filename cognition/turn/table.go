package turn

import (
	"slices"
	"time"
)

// Table holds a room's conversation. It is used by one goroutine; see the package's text.
type Table struct {
	policy Policy
	now    time.Duration

	people people
	seats  []*seat
	tracks []*track
	mics   []*mic

	order   order
	turn    *current // under way; nil while nobody is answered
	turns   uint64
	floor   floor
	invites bool          // what a persona said last asks something
	invited time.Duration // when it said it
	closing bool
	follow  follow
	wakes   wakes
	away    away
	guess   *guess // what is thought of before it is asked; nil where nothing is
	guesses uint64

	wake, told time.Duration // when a Tick is due, and was said to be
	out        []Effect
	stats      Stats
}

// Stats count what became of questions, and what was not taken.
type Stats struct {
	Asked      uint64 `json:"asked"`
	Answered   uint64 `json:"answered"`             // turns begun
	Waited     uint64 `json:"waited,omitempty"`     // for the answer to somebody else
	Superseded uint64 `json:"superseded,omitempty"` // by a newer question of the same person
	Crowded    uint64 `json:"crowded,omitempty"`    // given up: too many people waited
	Late       uint64 `json:"late,omitempty"`       // given up: they had waited too long
	Yielded    uint64 `json:"yielded,omitempty"`    // gave way to somebody who had spoken first
	// Waiting is how many people wait now.
	Waiting int `json:"waiting,omitempty"`
	// Agents counts chat of agents, which is not answered.
	Agents uint64 `json:"agents,omitempty"`
	// Held counts answers that paused because somebody spoke, Resumed those that went on after it,
	// and Interrupted those that were stopped.
	Held        uint64 `json:"held,omitempty"`
	Resumed     uint64 `json:"resumed,omitempty"`
	Interrupted uint64 `json:"interrupted,omitempty"`
	// Stalled counts answers that were given up because no sound of them left.
	Stalled uint64 `json:"stalled,omitempty"`
	// Guessed counts answers that were thought of before their question was certain, Confirmed
	// those that were taken up, and Discarded the others.
	Guessed   uint64 `json:"guessed,omitempty"`
	Confirmed uint64 `json:"confirmed,omitempty"`
	Discarded uint64 `json:"discarded,omitempty"`
	// Stray counts reports of replies that are not under way: cancelled ones still say how they
	// ended.
	Stray uint64 `json:"stray,omitempty"`
	// Dropped counts people, tracks, microphones and seats beyond those that are followed, and
	// policies that are not valid.
	Dropped uint64 `json:"dropped,omitempty"`
}

// New returns the table of an empty room. The policy must be valid: the error is a *PolicyError.
func New(p Policy) (*Table, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	t := &Table{policy: p, people: people{here: map[string]participant{}}}
	t.own()
	t.order.shut = true
	return t, nil
}

// Stats returns the counts so far.
func (t *Table) Stats() Stats {
	out := t.order.stats
	out.Waiting = len(t.order.waiting)
	out.Agents, out.Stray, out.Dropped = t.stats.Agents, t.stats.Stray, t.stats.Dropped+t.people.dropped
	out.Held, out.Resumed, out.Interrupted = t.stats.Held, t.stats.Resumed, t.stats.Interrupted
	out.Stalled = t.stats.Stalled
	out.Guessed, out.Confirmed, out.Discarded = t.stats.Guessed, t.stats.Confirmed, t.stats.Discarded
	return out
}

// Step takes an event and returns what is to be done, in order. now is the time since the room
// opened; where it runs backwards, it stands still. The slice is valid until the next Step.
func (t *Table) Step(now time.Duration, e Event) []Effect {
	t.now = max(t.now, now)
	clear(t.out)
	t.out = t.out[:0]
	for _, x := range t.order.expire(t.now, &t.policy.Waiting) {
		t.lose(x)
	}
	t.away.note(t, e)
	t.take(e)
	t.settle()
	return t.out
}

// take does what follows from an event.
func (t *Table) take(e Event) {
	switch e := e.(type) {
	case PersonJoined:
		t.people.joined(e.Who, e.Name, e.Agent)
	case PersonLeft:
		t.left(e)
	case Offered:
		t.offered(e)
	case Opened:
		t.opened(e)
	case Shown:
		t.shown(e)
	case Hidden:
		t.hidden(e)
	case Voiced:
		t.voiced(e)
	case Interim:
		t.interim(e)
	case Paused:
		m := t.mic(e.Who, e.Track)
		t.overlapped(m, m.overlap.Paused(e.At))
	case Likely:
		t.likely(e)
	case Resumed:
		m := t.mic(e.Who, e.Track)
		t.dropOf(m, ReasonResumed)
		t.overlapped(m, m.overlap.Resumed())
	case Ended:
		t.endedUtterance(e)
	case Heard:
		t.heard(e)
	case Unclear:
		t.unclear(e)
	case Typed:
		t.typed(e)
	case Asked:
		t.asked(e)
	case Withdrawn:
		t.withdraw(e.Turn)
	case OtherAgentSpeaks:
		t.otherAgent(e)
	case Reconfigured:
		t.reconfigured(e)
	case Leaving:
		t.leave(e)
	case Closing:
		t.close()
	case Tick:
	default:
		t.takeReport(e)
	}
}

// takeReport does what follows from what seats and replies report.
func (t *Table) takeReport(e Event) {
	switch e := e.(type) {
	case Seated:
		t.seated(e)
	case Unseated:
		t.unseated(e)
	case SeatMuted:
		t.muteSeat(e)
	case SpeakNext:
		t.speakNext(e)
	case StopSpeaking:
		t.stopSpeaking(e)
	case Connection:
		t.connection(e)
	case Rights:
		t.stand(e.Seat, func(s *seat) { s.subscribe, s.publish, s.data = e.Subscribe, e.Publish, e.Data })
	case VoicePublished:
		t.stand(e.Seat, func(s *seat) {
			if s.publishing && s.silenced() { // not taken away again meanwhile
				s.voice, s.publishing = true, false
			}
		})
	case Ready:
		t.prepared(e)
	case Thought:
		t.thoughtOut(e)
	case Audible:
		t.audible(e)
	case Sounded:
		t.sounds(e)
	case Unheard:
		t.unheard(e)
	case Done:
		t.done(e)
	}
}

// settle does what follows from time and from all that happened in this step.
func (t *Table) settle() {
	t.wake = 0
	t.greet()
	t.nudge()
	t.grant()
	t.watchSound()
	t.writeOut()
	t.watchGuess()
	if at, ok := t.order.due(&t.policy.Waiting); ok {
		t.wakeBy(at)
	}
	away := t.away.is(t)
	for _, s := range t.seats {
		state := s.state
		if away && state == Listening {
			state = IdleState
		}
		if state != s.told {
			s.told = state
			t.emit(State{Seat: s.name, State: state})
		}
	}
	if t.wake != t.told {
		t.told = t.wake
		t.emit(WakeAt{At: t.wake})
	}
}

// wakeBy asks for a Tick at a time, or earlier.
func (t *Table) wakeBy(at time.Duration) {
	if t.wake == 0 || at < t.wake {
		t.wake = at
	}
}

func (t *Table) emit(e Effect) { t.out = append(t.out, e) }

func (t *Table) reconfigured(e Reconfigured) {
	if e.Policy.Validate() != nil {
		t.stats.Dropped++
		return
	}
	t.policy = e.Policy
	t.own()
}

// own copies what the policy shares with whoever made it.
func (t *Table) own() {
	t.policy.Looking.Screen = slices.Clone(t.policy.Looking.Screen)
	t.policy.Lanes = slices.Clone(t.policy.Lanes)
}

// giveUp lets those go who wait, and has nothing begin any more.
func (t *Table) giveUp() {
	t.closing, t.order.shut = true, true
	waiting := t.order.waiting
	t.order.waiting, t.wakes.calls = nil, nil
	for _, a := range waiting {
		t.lose(lost{a, ReasonClosed})
	}
}

// close gives up what is under way and what waits.
func (t *Table) close() {
	t.giveUp()
	if t.turn != nil {
		t.decide(decision{stop: true, why: ReasonClosed})
	}
	t.order.answering = nil
}
