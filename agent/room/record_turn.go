package room

import (
	"slices"
	"strconv"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/store"
)

// begun is what is known of a turn besides what its account says.
type begun struct {
	turn    store.Turn        // how it began
	plan    turn.Plan         // how its replies are arranged
	silent  []turn.Quiet      // so far
	written map[string]string // messages of those who have written, by seat
}

// effect takes note of what the table decided, after it was done: which turns began, and how they
// are arranged. tried are the questions.
func (r *recorder) effect(e turn.Effect, tried map[uint64]*question, now time.Time) {
	if r == nil {
		return
	}
	switch e := e.(type) {
	case turn.Keep:
		if q := tried[e.Turn]; q != nil && q.Typed {
			r.begin(e.Turn, store.TriggerTyped, e.Who, q, now)
		} else if e.Turn != 0 {
			r.begin(e.Turn, store.TriggerHeard, e.Who, nil, now)
		}
	case turn.Wakes:
		r.begin(e.Turn, store.TriggerReply, e.Reply.Seat, tried[e.Turn], now)
	case turn.Round:
		r.begin(e.Turn, store.TriggerRound, "", tried[e.Turn], now)
	case turn.Greet:
		r.begin(e.Turn, store.TriggerGreeting, e.Seat, nil, now)
	case turn.Silence:
		if t := r.turns[e.Turn]; t != nil {
			t.silent = append(t.silent, turn.Quiet{Seat: e.Seat, Why: e.Why})
		}
	case turn.Planned:
		if t := r.turns[e.Turn]; t != nil {
			t.planned(e)
		}
	}
}

func (r *recorder) begin(number uint64, trigger store.Trigger, who string, q *question, now time.Time) {
	t := &begun{turn: store.Turn{Number: number, Trigger: trigger, Participant: who, Begin: now}, written: map[string]string{}}
	if q != nil {
		t.turn.Participant, t.turn.Message = q.Who, q.message
	}
	r.turns[number] = t
}

// planned takes note of how the replies of a turn are arranged.
func (t *begun) planned(e turn.Planned) {
	t.plan = turn.Plan{Turn: strconv.FormatUint(e.Turn, 10), Fingerprint: e.Fingerprint, Silences: slices.Clone(t.silent)}
	for i, p := range e.Replies {
		t.plan.Replies = append(t.plan.Replies, turn.PlannedReply{Persona: p.Seat, Lane: p.Lane, Wave: p.Wave, Order: i + 1})
	}
}

// over keeps a turn that is over. Where nobody has planned it, it leaves what the room arranged;
// what leaves another's plan is in the account.
func (r *recorder) over(a turn.Account, now time.Time) {
	if r == nil || r.turns[a.Turn] == nil {
		return
	}
	t := r.turns[a.Turn]
	delete(r.turns, a.Turn)
	out, came := &t.turn, a.Result
	out.RoomName, out.Session, out.Fingerprint, out.End = r.room, r.session, came.Fingerprint, now
	out.Silences, out.Divergences = came.Silences, came.Divergences
	if came.Turn == t.plan.Turn {
		came.Replies = slices.Clone(came.Replies)
		for i := range came.Replies {
			came.Replies[i].ContextKey, came.Replies[i].SourceKeys = "", nil // the room does not plan them
		}
		out.Divergences = append(out.Divergences, turn.Compare(t.plan, came, turn.Budgets{})...)
	}
	for _, told := range a.Result.Replies {
		out.Outcomes = append(out.Outcomes, store.Outcome{
			Persona: told.Persona, Lane: told.Lane, Cut: told.Cut, Message: t.written[told.Persona], Sources: told.SourceKeys, Start: told.Start, Finish: told.Finish, Heard: told.Heard,
		})
	}
	if err := r.keep.writer.PutTurn(*out); err != nil {
		r.keep.log.Error("turn not kept", "room", r.room, "turn", a.Turn, "error", err)
	}
}

// message keeps a message; its id is empty where nothing is kept.
func (r *recorder) message(m store.Message) (id string, err error) {
	if r == nil {
		return "", nil
	}
	m.RoomName = r.room
	return r.keep.writer.PutMessage(m)
}

// spokenSoFar keeps how far a message was spoken.
func (r *recorder) spokenSoFar(id, how, heard string) {
	if r == nil {
		return
	}
	if err := r.keep.writer.PutSpoken(id, how, heard); err != nil {
		r.keep.log.Error("how far a reply was spoken is not kept", "room", r.room, "message", id, "error", err)
	}
}

// written takes note of the message that a reply is.
func (r *recorder) written(reply turn.Reply, id string) {
	if t := r.turns[reply.Turn]; t != nil {
		t.written[reply.Seat] = id
	}
}
