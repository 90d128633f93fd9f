package overlaps

import (
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Outcome is what became of an answer that somebody spoke over.
type Outcome struct {
	// Silent is when nothing was heard of it for the first time; 0 where it never was.
	Silent time.Duration
	// Stopped is true where it did not go on.
	Stopped bool
	// Away is how long it was not heard, where it went on.
	Away time.Duration
	// Asked is true where a turn began.
	Asked bool
}

// Silenced tells whether the answer fell silent.
func (o Outcome) Silenced() bool { return o.Silent > 0 }

// before is how long the answer has been heard when an overlap begins; after is how long it goes
// on.
const (
	before = 10 * time.Second
	after  = 20 * time.Second
)

// player carries a table's effects out.
type player struct {
	table   *turn.Table
	reply   turn.Reply
	out     Outcome
	wake    time.Duration
	held    time.Duration // since when; 0 while it is heard
	stopped bool
}

// Play has a table with a policy take an overlap. The error is that of turn.New.
func Play(c Case, p turn.Policy) (Outcome, error) {
	table, err := turn.New(p)
	if err != nil {
		return Outcome{}, err
	}
	x := &player{table: table}
	for _, e := range []turn.Event{
		turn.Seated{Seat: "iris"},
		turn.PersonJoined{Who: "ada", Name: "Ada"},
		turn.PersonJoined{Who: "bob", Name: "Bob"},
		turn.Typed{Who: "ada", Text: "Iris, tell me a long story."},
	} {
		x.step(0, e)
	}
	answer := x.reply
	x.step(0, turn.Ready{Reply: answer})
	x.step(0, turn.Audible{Reply: answer, Text: "Once upon a time"})
	for _, e := range c.Events {
		x.until(before + e.At)
		x.step(before+e.At, onClock(e.Event))
	}
	x.until(before + after)
	if x.out.Stopped = x.stopped; x.stopped {
		x.out.Away = 0
	}
	if x.out.Silenced() {
		x.out.Silent -= before
	}
	return x.out, nil
}

// onClock has an event's times on the table's clock.
func onClock(e turn.Event) turn.Event {
	if h, is := e.(turn.Heard); is {
		h.From, h.To = h.From+before, h.To+before
		return h
	}
	return e // the clock of a microphone is any
}

// until lets time pass.
func (x *player) until(at time.Duration) {
	for x.wake > 0 && x.wake <= at {
		now := x.wake
		x.wake = 0
		x.step(now, turn.Tick{})
	}
}

func (x *player) step(now time.Duration, e turn.Event) {
	for _, effect := range x.table.Step(now, e) {
		switch effect := effect.(type) {
		case turn.Start:
			if x.reply == (turn.Reply{}) {
				x.reply = effect.Reply
			} else {
				x.out.Asked = true
			}
		case turn.Hold:
			x.hold(now, effect.On)
		case turn.Flush:
			if x.out.Silent == 0 {
				x.out.Silent = now
			}
		case turn.Cancel:
			x.stopped = x.stopped || effect.Reply == x.reply
		case turn.WakeAt:
			x.wake = effect.At
		}
	}
}

func (x *player) hold(now time.Duration, on bool) {
	if on {
		if x.held = now; x.out.Silent == 0 {
			x.out.Silent = now
		}
		return
	}
	x.out.Away += now - x.held
	x.held = 0
}

// Tally counts overlaps of one kind.
type Tally struct {
	Kind            string
	Cases           int
	Silenced        int // the answer fell silent
	Stopped         int // and did not go on
	silence, paused []time.Duration
}

// Silence is how long after the first sound the answer fell silent in share of the cases in which
// it did; 0 where there are none.
func (t *Tally) Silence(share float64) time.Duration { return rank(t.silence, share) }

// Away is how long share of the answers that went on were not heard at most.
func (t *Tally) Away(share float64) time.Duration { return rank(t.paused, share) }

func rank(d []time.Duration, share float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(d))
	return sorted[int(share*float64(len(sorted)-1))]
}

// Wrong is an overlap that did not go as it should.
type Wrong struct {
	Case Case
	Outcome
}

// Score is what a table made of overlaps.
type Score struct {
	Kinds []Tally // in the order of the package's text
	Wrong []Wrong
}

// Rate plays overlaps with a policy. The error is that of turn.New.
func Rate(cases []Case, p turn.Policy) (Score, error) {
	var s Score
	for _, k := range kinds() {
		s.Kinds = append(s.Kinds, Tally{Kind: k})
	}
	for _, c := range cases {
		out, err := Play(c, p)
		if err != nil {
			return Score{}, err
		}
		t := &s.Kinds[slices.Index(kinds(), c.Kind)]
		t.Cases++
		if out.Silenced() {
			t.Silenced++
			t.silence = append(t.silence, out.Silent-c.Begins)
		}
		if out.Stopped {
			t.Stopped++
		} else if out.Silenced() {
			t.paused = append(t.paused, out.Away)
		}
		if out.Stopped != (c.Kind == Interruption) {
			s.Wrong = append(s.Wrong, Wrong{c, out})
		}
	}
	return s, nil
}

// Missed is how many interruptions did not stop the answer, and of how many.
func (s *Score) Missed() (missed, of int) {
	return s.Kinds[0].Cases - s.Kinds[0].Stopped, s.Kinds[0].Cases
}

// Stops is how many of all others stopped it, and of how many.
func (s *Score) Stops() (stopped, of int) {
	for _, t := range s.Kinds[1:] {
		stopped, of = stopped+t.Stopped, of+t.Cases
	}
	return stopped, of
}
