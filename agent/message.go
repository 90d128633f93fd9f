package agent

import (
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// message is what reaches the loop from other goroutines. The set is closed.
type message interface{ message() }

// earEvent is an event of one microphone's listener.
type earEvent struct {
	ear   *ear
	event hearing.Event
}

// earClosed reports that a microphone's goroutines have ended.
type earClosed struct{ ear *ear }

// sawFrame reports new features of a video track.
type sawFrame struct{ saw Saw }

// eyeClosed reports that a video track's goroutines have ended.
type eyeClosed struct{ eye *eye }

// clauseHeard reports that the first packet of a clause has been sent, or that nobody could hear it.
type clauseHeard struct {
	turn    *turn
	text    string
	at      time.Time
	unheard bool
}

// turnEnded reports that a turn's goroutine has ended.
type turnEnded struct {
	turn  *turn
	trace Trace
}

// voiceBack hands over the voice after it was published again.
type voiceBack struct{ voice *lk.VoiceTrack }

// typed is a question that did not come by voice.
type typed struct{ who, text string }

// trouble is a failure that somebody should know of.
type trouble struct{ err *StageError }

func (earEvent) message()    {}
func (earClosed) message()   {}
func (sawFrame) message()    {}
func (eyeClosed) message()   {}
func (clauseHeard) message() {}
func (turnEnded) message()   {}
func (typed) message()       {}
func (trouble) message()     {}
func (voiceBack) message()   {}
