package turn_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/script"
)

// room carries effects out as a room does, and holds a table to what it promises.
type room struct {
	table *turn.Table
	twin  *turn.Table // steps the same events
	now   time.Duration
	fail  func(format string, args ...any)

	seats   []string
	replies map[turn.Reply]*progress
	order   []turn.Reply // those that still report
	turns   map[uint64]*fate
	plans   map[uint64]turn.Planned
	floor   turn.Reply
	heard   string // the seat that is audible
	held    map[string]bool
	guess   uint64
	wake    time.Duration
	last    uint64 // turn
	watch   func(turn.Effect)
	taken   func(turn.Event, []turn.Effect)
}

// progress is how far a reply has come.
type progress struct{ ready, audible, cancelled bool }

// fate is what has become of a turn.
type fate struct {
	seats []string
	final map[string]bool
	over  bool
}

func newRoom(p turn.Policy, fail func(string, ...any)) *room {
	a, err := turn.New(p)
	if err != nil {
		fail("%v", err)
	}
	b, err := turn.New(p)
	if err != nil {
		fail("%v", err)
	}
	return &room{table: a, twin: b, fail: fail, replies: map[turn.Reply]*progress{}, held: map[string]bool{}, turns: map[uint64]*fate{}, plans: map[uint64]turn.Planned{}}
}

func (r *room) step(e turn.Event) {
	r.report(e)
	effects := slices.Clone(r.table.Step(r.now, e))
	twin := r.twin.Step(r.now, e)
	if a, b := fmt.Sprint(lines(effects)), fmt.Sprint(lines(twin)); a != b {
		r.fail("the same events have other effects: %s and %s", a, b)
	}
	if r.taken != nil {
		r.taken(e, effects)
	}
	for _, x := range effects {
		r.carryOut(x)
		if r.watch != nil {
			r.watch(x)
		}
	}
}

// report notes what an event says of replies.
func (r *room) report(e turn.Event) {
	switch e := e.(type) {
	case turn.Seated:
		if !slices.Contains(r.seats, e.Seat) {
			r.seats = append(r.seats, e.Seat)
		}
	case turn.Audible:
		r.heard = e.Reply.Seat
		r.replies[e.Reply].audible = true
	case turn.Ready:
		r.replies[e.Reply].ready = true
	case turn.Done:
		if p := r.replies[e.Reply]; !p.cancelled {
			r.end(e.Reply)
			r.final(e.Reply.Turn, e.Reply.Seat, e.Outcome != turn.Spoken && !p.audible || !p.audible && e.Text == "")
		}
		r.order = slices.DeleteFunc(r.order, func(x turn.Reply) bool { return x == e.Reply })
		delete(r.replies, e.Reply)
	}
}

// end takes note that a reply is not under way any more.
func (r *room) end(id turn.Reply) {
	if r.floor == id {
		r.floor = turn.Reply{}
		if r.heard == id.Seat {
			r.heard = ""
		}
	}
}

// final takes note that it is known what became of a persona in a turn.
func (r *room) final(number uint64, seat string, silenceFollows bool) {
	f := r.turns[number]
	if f == nil || f.over {
		r.fail("turn %d of %s is not under way", number, seat)
	}
	if silenceFollows {
		return
	}
	if f.final[seat] {
		r.fail("turn %d: what became of %s is said twice", number, seat)
	}
	f.final[seat] = true
}

func (r *room) known(seat string) {
	if !slices.Contains(r.seats, seat) {
		r.fail("%q is no seat", seat)
	}
}

func (r *room) carryOut(e turn.Effect) {
	switch e := e.(type) {
	case turn.Start:
		r.known(e.Reply.Seat)
		for id, p := range r.replies {
			if id.Seat == e.Reply.Seat && !p.cancelled {
				r.fail("%v begins while %v is under way", e.Reply, id)
			}
		}
		if _, was := r.replies[e.Reply]; was || r.turns[e.Reply.Turn] == nil || r.turns[e.Reply.Turn].over {
			r.fail("%v begins twice, or in a turn that is over", e.Reply)
		}
		if plan := r.plans[e.Reply.Turn]; !slices.ContainsFunc(plan.Replies, func(p turn.Placed) bool { return p.Seat == e.Reply.Seat }) || len(plan.Fingerprint) != 24 {
			r.fail("%v is not in its plan: %+v", e.Reply, plan)
		}
		if e.Guess != 0 {
			if e.Guess != r.guess {
				r.fail("%+v, and %d is thought of", e, r.guess)
			}
			r.guess = 0
		}
		r.replies[e.Reply] = &progress{}
		r.order = append(r.order, e.Reply)
	case turn.Cancel:
		p := r.replies[e.Reply]
		if p == nil || p.cancelled {
			r.fail("%v is cancelled and not under way", e.Reply)
		}
		p.cancelled = true
		if r.floor == e.Reply {
			r.floor = turn.Reply{}
		}
		if e.Why != turn.ReasonYielded && e.Why != turn.ReasonAgain {
			r.final(e.Reply.Turn, e.Reply.Seat, false)
		}
	case turn.GiveFloor:
		p := r.replies[e.Reply]
		if p == nil || p.cancelled || !p.ready || r.floor != (turn.Reply{}) || r.heard != "" {
			r.fail("%v gets the floor: %+v; %v has it, %q is heard", e.Reply, p, r.floor, r.heard)
		}
		r.floor = e.Reply
	case turn.Silence:
		r.final(e.Turn, e.Seat, false)
	case turn.Over:
		f := r.turns[e.Turn]
		if f == nil || f.over || len(f.final) != len(f.seats) {
			r.fail("turn %d is over: %+v", e.Turn, f)
		}
		f.over = true
	default:
		r.control(e)
	}
}

func (r *room) control(e turn.Effect) {
	switch e := e.(type) {
	case turn.Guess:
		r.known(e.Seat)
		if r.guess != 0 || len(r.order) > 0 && r.live() {
			r.fail("%+v, and %d is thought of, or somebody answers", e, r.guess)
		}
		r.guess = e.Number
	case turn.Drop:
		if e.Number != r.guess {
			r.fail("%+v, and %d is thought of", e, r.guess)
		}
		r.guess = 0
	case turn.Hold:
		r.known(e.Seat)
		if e.On == r.held[e.Seat] || e.On && r.heard != e.Seat {
			r.fail("%+v, and it is held: %v; %q is heard", e, r.held, r.heard)
		}
		r.held[e.Seat] = e.On
	case turn.Flush:
		r.held[e.Seat] = false
		if r.heard == e.Seat {
			r.heard = ""
		}
	case turn.Gain:
		if e.Level < 0 || e.Level > 1 {
			r.fail("%+v", e)
		}
	case turn.State:
		r.known(e.Seat)
	case turn.Standing:
		r.known(e.Seat)
	case turn.Keep:
		if e.Turn > 0 {
			r.opens(e.Turn)
		}
	case turn.Wakes:
		r.known(e.Reply.Seat)
		r.opens(e.Turn)
	case turn.Round:
		r.opens(e.Turn)
	case turn.Greet:
		r.known(e.Seat)
		r.opens(e.Turn)
	case turn.Finish:
		if p := r.replies[e.Reply]; p == nil || p.cancelled || !p.audible {
			r.fail("%v is told to finish: %+v", e.Reply, p)
		}
	case turn.Planned:
		r.plans[e.Turn] = e
	case turn.WakeAt:
		if e.At != 0 && e.At <= r.now {
			r.fail("wake at %v, and it is %v", e.At, r.now)
		}
		r.wake = e.At
	case turn.Said:
		if e.Text == "" {
			r.fail("%v said nothing", e.Reply)
		}
	}
}

// live tells whether a reply goes on.
func (r *room) live() bool {
	for _, p := range r.replies {
		if !p.cancelled {
			return true
		}
	}
	return false
}

func (r *room) opens(number uint64) {
	if number != r.last+1 {
		r.fail("turn %d follows %d", number, r.last)
	}
	r.last = number
	r.turns[number] = &fate{seats: slices.Clone(r.seats), final: map[string]bool{}}
}

func (r *room) unseat(seat string) {
	r.seats = slices.DeleteFunc(r.seats, func(s string) bool { return s == seat })
	r.step(turn.Unseated{Seat: seat})
}

func lines(effects []turn.Effect) []string {
	out := make([]string, len(effects))
	for i, e := range effects {
		out[i] = script.FormatEffect(e)
	}
	return out
}
