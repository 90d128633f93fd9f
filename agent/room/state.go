package room

import (
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// microphone is one that is heard, or whose last words are still being understood.
type microphone struct {
	ear    *senses.Ear
	text   userTranscript
	speaks bool
}

// wish is a track that is to be sent, or not any more.
type wish struct {
	track lk.TrackPublished
	on    bool
}

// cause is what an event came of, as far as its effects need it.
type cause struct {
	mic   *microphone // that heard it
	who   string
	text  string
	typed bool
	agent bool // a program said it
	// Of a message: what its client calls it, its id where it is kept already, and whether it came
	// another way than through the room.
	key, message string
	letter       bool
	timing       hearing.Timing
	pcm          []float32
	at           time.Time // when a clause became audible
	rights       bool      // the server gave or took rights
	run          *running  // the plan that it carries out; nil where there is none
	input        *run      // of a panel; nil where it is none
}

// question is what began a turn.
type question struct {
	reply.Question
	asked time.Time
	line  prompt.Line // of the conversation
	// message is the id of the message that it is; empty where it is none that is kept.
	message string
	// replies are those to it that were begun, in order; of a follow-up round those before it too.
	replies []*answer
	run     *running // the plan of its turn; nil where there is none
}

// given is the context that somebody gave for a persona's reply.
func (q *question) given(seat string) Given {
	if q.run == nil {
		return Given{}
	}
	return q.run.given[seat]
}

// begun tells whether a reply of a persona reports the end of its part.
func (q *question) begun(seat string) bool {
	return slices.ContainsFunc(q.replies, func(a *answer) bool { return a.name.Seat == seat && !a.yielded && a.name.Turn == q.Turn })
}

// answer is a reply under way.
type answer struct {
	*reply.Reply
	seat    *Seat
	name    turn.Reply
	why     turn.Reason      // it was cancelled; empty while it goes on
	ended   turn.Reason      // it ended by itself, before its end; empty where it was spoken
	last    turn.Reason      // it ends with its clause, for this; empty where its persona leaves
	message string           // in the chat; empty where it is not there, or not kept
	settled bool             // it is known there how far it was spoken
	yielded bool             // it waits for its turn again
	text    string           // what it says, once that is known
	cut     bool             // what was heard of it is not all
	asked   uint64           // the line that it answers; 0 where it answers none
	field   string           // what it asks to remember, until that is handed on
	said    *voiceTranscript // what the room is shown of it
	begun   time.Time        // when it began; zero once its text is there
	stopped time.Time        // when it was cancelled; zero while it goes on
	guess   *guessed         // that it was; nil where it was none
	// question is what it answers, and discards the guesses of the persona before it.
	question reply.Question
	asking   time.Time // when it was certain
	discards []reply.Discard
	run      *running // the plan of its turn; nil where there is none
}

// aloud is when a reply was audible, by the packets that were sent of it. The zero value is of
// none.
type aloud struct {
	seat     *Seat
	turn     uint64
	from, to time.Time
}

// guessed is an answer that is thought of before its question is certain. What it reports is kept
// back: nobody hears, reads or keeps anything of it until it is taken up.
type guessed struct {
	*reply.Reply
	number  uint64
	seat    *Seat
	asked   []prompt.Message
	begun   time.Time
	reports []reply.Report
	done    *reply.Done // once it has ended
	why     turn.Reason // it was discarded; empty while it was not
}

// earlyClip is what somebody said while connecting, until their microphone is heard.
type earlyClip struct {
	view *view // by whose connection it came
	lk.EarlyAudio
}

// wantedTracks may wait to be asked for: what a change of who listens wants, off and on, of as many
// as the limits let everybody in a room have by default, and for microphones by one who is seen
// besides.
const wantedTracks = 128

// run is input that a panel gave, until its turn is over.
type run struct {
	seat *Seat
	from string
	id   string
	turn uint64 // 0 while none has begun
	over bool   // the turn is; what is still being said is waited for
	came []lk.SessionItem
}
