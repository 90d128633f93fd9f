package agent

import (
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/senses"
)

// message is what reaches the loop from other goroutines. The set is closed.
type message interface{ message() }

// perceived is what the senses report.
type perceived struct{ percept senses.Percept }

// replied is what a reply reports.
type replied struct{ report reply.Report }

// voiceBack hands over the voice after it was published again.
type voiceBack struct{ voice *lk.VoiceTrack }

// typed is a question that did not come by voice.
type typed struct{ who, text string }

// trouble is a failure that somebody should know of.
type trouble struct{ err *StageError }

func (perceived) message() {}
func (replied) message()   {}
func (typed) message()     {}
func (trouble) message()   {}
func (voiceBack) message() {}
