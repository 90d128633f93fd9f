package agent

import (
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn/interrupt"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// duckGain is how loud the persona goes on while somebody speaks and it is not clear yet whether they mean it: −10 dB.
const duckGain = 0.3

// overlapped applies what an overlap decided; without an audible answer there is nothing to interrupt.
func (l *loop) overlapped(action interrupt.Action) {
	if l.turn == nil || l.state != lk.StateSpeaking {
		return
	}
	switch action {
	case interrupt.Duck:
		l.player.SetGain(duckGain)
	case interrupt.Restore:
		l.player.SetGain(1)
	case interrupt.Stop:
		l.interrupt(ErrInterrupted)
	case interrupt.Nothing:
	}
}

// alert has all ears listen for single words while the persona can be interrupted.
func (l *loop) alert() {
	for _, ear := range l.ears {
		ear.ear.Alert(l.state == lk.StateSpeaking)
	}
}

// dismissed notes a turn in which nothing was said for certain, and takes back what the room was shown of it.
func (l *loop) dismissed(from *microphone, e hearing.Dismissed) {
	from.shown = ""
	from.overlap.Dismissed(e.Turn)
	l.observe(Unclear{At: time.Now(), Who: from.who, Why: e.Why.String()})
	if from.text.segment != "" {
		l.problem(StageText, from.who, from.text.send("", true))
	}
}

// asEvidence is what decides whether an utterance over an answer asks something.
func asEvidence(e hearing.Evidence) interrupt.Evidence {
	return interrupt.Evidence{Text: e.Text, AvgLogProb: e.AvgLogProb, Voiced: e.Voiced, Interim: e.Interim}
}
