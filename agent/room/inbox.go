package room

import (
	"context"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/hearing"
)

const inboxSize = 256

// message is what reaches the actor from other goroutines. The set is closed.
type message interface{ message() }

// perceived is what the senses report.
type perceived struct{ percept senses.Percept }

// replied is what a reply reports.
type replied struct{ report reply.Report }

// voiceBack hands over the voice after it was published again.
type voiceBack struct{ voice *lk.VoiceTrack }

// asked is a question that came another way than by voice or chat.
type asked struct{ who, text string }

// trouble is a failure that somebody should know of.
type trouble struct{ err *StageError }

func (perceived) message() {}
func (replied) message()   {}
func (voiceBack) message() {}
func (asked) message()     {}
func (trouble) message()   {}

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
// ends.
func (r *Room) post(m message) { r.hand(r.life, m, true) }

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
