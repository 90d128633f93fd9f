package turn

import (
	"slices"
	"time"
)

// FloorState is who is audible in a room, and who waits for it, at one moment. Times are since
// then.
type FloorState struct {
	// Holder is the reply that may be audible, zero where none may; Held is since when, and Audible
	// whether something of it is heard.
	Holder  Reply
	Held    time.Duration
	Audible bool
	// Replies are those behind it, in the order in which they are to be heard.
	Replies []WaitingReply
	// Questions are those of people that wait for the turn under way, in the order in which they
	// came.
	Questions []WaitingQuestion
	// Busy are programs that are none of the seats, and audible.
	Busy []string
	// SoftLeft is how many replies there may be until personas wake no more of each other, HardLeft
	// until none is begun; a person who asks something resets both.
	SoftLeft, HardLeft int
}

// WaitingReply is a reply that has not got the floor: for how long its speech has been prepared
// where Ready, else since its question was whole.
type WaitingReply struct {
	Reply   Reply
	Ready   bool
	Waiting time.Duration
}

// WaitingQuestion is a question that has not begun its turn, since it was whole.
type WaitingQuestion struct {
	Who     string
	Waiting time.Duration
}

// Floor returns who is audible and who waits at a time, which is not before the last step's.
func (t *Table) Floor(now time.Duration) FloorState {
	now = max(now, t.now)
	out := FloorState{
		Busy:     slices.Clone(t.floor.busy),
		SoftLeft: max(0, t.policy.TurnsSoft-t.wakes.sinceHuman), HardLeft: max(0, t.policy.TurnsHard-t.wakes.sinceHuman),
	}
	if r := t.floor.holder; r != nil {
		out.Holder, out.Held, out.Audible = r.id, now-t.floor.since, r.phase == speaking
	}
	for _, r := range t.waitingReplies() {
		w := WaitingReply{Reply: r.id, Ready: r.phase == ready, Waiting: now - t.turn.Asked}
		if w.Ready {
			w.Waiting = now - r.readyAt
		}
		out.Replies = append(out.Replies, w)
	}
	for i := range t.order.waiting {
		q := &t.order.waiting[i]
		out.Questions = append(out.Questions, WaitingQuestion{q.Who, now - q.Asked})
	}
	return out
}

// waitingReplies are those of the turn under way that go on and have not got the floor, in order.
func (t *Table) waitingReplies() (out []*reply) {
	if t.turn == nil {
		return nil
	}
	for _, r := range t.turn.replies {
		if r.phase.live() && r != t.floor.holder {
			out = append(out, r)
		}
	}
	return out
}

// speakNext puts a seat's reply before the others that wait.
func (t *Table) speakNext(e SpeakNext) {
	waiting := t.waitingReplies()
	i := slices.IndexFunc(waiting, func(r *reply) bool { return r.id.Seat == e.Seat })
	if i < 0 {
		return
	}
	first, own := waiting[0], waiting[i]
	if first == own {
		return
	}
	replies := slices.DeleteFunc(t.turn.replies, func(r *reply) bool { return r == own })
	t.turn.replies = slices.Insert(replies, slices.Index(replies, first), own)
	t.startReplies()
}

// stopSpeaking ends what a seat, or all, are saying or about to say.
func (t *Table) stopSpeaking(e StopSpeaking) {
	if t.turn == nil {
		return
	}
	for _, r := range slices.Clone(t.turn.replies) {
		if r.phase.live() && (e.Seat == "" || r.id.Seat == e.Seat) {
			t.stopReply(r, ReasonStopped)
		}
	}
	t.goOn()
}
