package room

import (
	"context"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/store"
)

const inboxSize = 256

// happened is what a connection reports.
type happened struct {
	view  *view
	event lk.Event
}

// arrived hands over a seat whose persona has entered the room.
type arrived struct{ seat *Seat }

// leaving asks a seat to end.
type leaving struct{ seat *Seat }

// late says that a seat that was asked to leave is still speaking, and is not waited for any more.
type late struct{ seat *Seat }

// hidden hands over the connection that listens for all, or why there is none.
type hidden struct {
	conn *lk.Connection
	err  error
}

// perceived is what the senses report.
type perceived struct{ percept senses.Percept }

// replied is what a reply reports.
type replied struct{ report reply.Report }

// voiceBack hands over the voice of a seat after it was published again.
type voiceBack struct {
	seat  *Seat
	voice *lk.VoiceTrack
}

// back says that a persona can be heard again over its connection, which was interrupted so often
// then.
type back struct {
	view   *view
	losses int
}

// told is an event of the table that came another way than by voice or chat.
type told struct {
	event turn.Event
	why   cause
}

// remembered is what came of what a persona was told.
type remembered struct {
	seat *Seat
	came store.Remembered
}

// trouble is a failure that somebody should know of; seat is nil where it concerns the room.
type trouble struct {
	seat *Seat
	err  *StageError
}

func (happened) message()   {}
func (arrived) message()    {}
func (leaving) message()    {}
func (late) message()       {}
func (hidden) message()     {}
func (perceived) message()  {}
func (replied) message()    {}
func (voiceBack) message()  {}
func (back) message()       {}
func (told) message()       {}
func (remembered) message() {}
func (trouble) message()    {}

// forward hands what a connection reports to the actor, until the connection has ended.
func (r *Room) forward(v *view) {
	for {
		e := <-v.conn.Events()
		r.hand(r.life, happened{v, e}, true)
		if _, last := e.(lk.Disconnected); last {
			return
		}
	}
}

// perceive hands what the senses report to the actor; an interim transcript does not wait.
func (r *Room) perceive(ctx context.Context, p senses.Percept) bool {
	heard, _ := p.(senses.Heard)
	_, interim := heard.Event.(hearing.Interim)
	return r.hand(ctx, perceived{p}, !interim)
}

// report hands what replies report to the actor; what the player's goroutine says does not wait.
func (r *Room) report(ctx context.Context, report reply.Report) bool {
	switch report.(type) {
	case reply.Audible, reply.Unheard:
		return r.hand(ctx, replied{report}, false)
	}
	return r.hand(ctx, replied{report}, true)
}

// post hands a message to the actor; it waits while the inbox is full and gives up when the room
// ends. It tells whether the message was taken.
func (r *Room) post(m message) bool { return r.hand(r.life, m, true) }

// hand hands a message to the actor and tells whether it was taken. It waits while the inbox is
// full, if it is to, until ctx or the room ends.
func (r *Room) hand(ctx context.Context, m message, wait bool) bool {
	select {
	case r.inbox <- m:
		return true
	default:
	}
	if !wait {
		return false
	}
	select {
	case r.inbox <- m:
		return true
	case <-ctx.Done():
	case <-r.life.Done():
	}
	return false
}
