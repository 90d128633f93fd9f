package agent

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// heard reacts to one microphone.
func (l *loop) heard(from *microphone, e hearing.Event) {
	switch e := e.(type) {
	case hearing.SpeechStarted:
		l.speakingNow(from, true)
		from.overlap.Started(l.turn != nil)
		l.wantPictures()
	case hearing.SpeechSustained:
		l.overlapped(from.overlap.Sustained(e.Voiced))
	case hearing.Interim:
		if e.Text == "" {
			return
		}
		if from.shown != e.Text { // an ear that listens for single words says what it understands again and again
			from.shown = e.Text
			l.observe(Heard{At: time.Now(), Who: from.who, Text: e.Text})
			l.problem(StageText, from.who, from.text.send(e.Text, false))
		}
		l.overlapped(from.overlap.Words(e.At, e.Text, e.AvgLogProb))
	case hearing.SpeechResumed:
		l.speakingNow(from, true)
	case hearing.SpeechStopped:
		l.speakingNow(from, false)
	case hearing.EndOfTurn:
		l.speakingNow(from, false)
		l.overlapped(from.overlap.Ended(e.Turn, l.turn != nil))
	case hearing.Final:
		l.understood(from, e)
	case hearing.Dismissed:
		l.dismissed(from, e)
	case hearing.Failed:
		from.overlap.Dismissed(e.Turn)
		l.problem(StageHearing, from.who, fmt.Errorf("%s: %w", e.Stage, e.Err))
	}
}

func (l *loop) speakingNow(from *microphone, on bool) {
	if from.speaks == on {
		return
	}
	from.speaks = on
	if on {
		l.speaking.Add(1)
	} else {
		l.speaking.Add(-1)
	}
}

func (l *loop) wantPictures() {
	for _, eye := range l.eyes {
		eye.Request()
	}
}

// understood takes the transcript of what somebody said.
func (l *loop) understood(from *microphone, e hearing.Final) {
	from.shown = ""
	text := strings.TrimSpace(e.Text)
	now := time.Now()
	asks := from.overlap.Asks(e.Turn, asEvidence(e.Evidence), l.turn != nil) && l.ending == nil && asksSomething(text, l.turn != nil, l.invited, now)
	l.observe(Heard{
		At: now, Who: from.who, Text: text, Final: true, Turn: l.number(asks), Start: e.Timing.SpeechStart, End: e.Timing.SpeechEnd,
	})
	l.problem(StageText, from.who, from.text.send(text, true))
	if asks {
		l.ask(ask{
			Turn: l.turns, Who: from.who, Spoken: true, Began: e.Timing.SpeechStart, Asked: now,
			question: reply.Question{Turn: l.turns, Who: from.who, Text: text, Timing: e.Timing, PCM: e.PCM},
		})
	}
}

// wrote takes a question that did not come by voice.
func (l *loop) wrote(who, text string) {
	if l.ending != nil {
		return
	}
	now := time.Now()
	l.observe(Heard{At: now, Who: who, Text: l.shown(text), Final: true, Turn: l.number(true), Start: now, End: now})
	l.ask(ask{Turn: l.turns, Who: who, Began: now, Asked: now, question: reply.Question{Turn: l.turns, Who: who, Text: text, Typed: true}})
}

// number gives a question the next number; 0 is for what asks nothing.
func (l *loop) number(asks bool) uint64 {
	if !asks {
		return 0
	}
	l.turns++
	return l.turns
}

// shown is a text as it is reported and kept: whole, unless the model refuses it for its size.
func (l *loop) shown(text string) string {
	if len(text) <= longText || l.models.Fits(engine.Asked(text, nil, nil)) == nil {
		return text
	}
	return cutText(text)
}

func (l *loop) ask(a ask) { l.decide(l.order.Ask(a)) }

// decide does what the order of answers decided.
func (l *loop) decide(d decision) {
	if d.Stop && l.turn != nil {
		l.interrupt(d.Why.err())
		l.closeTranscript()
	}
	for _, x := range d.Lost {
		now := time.Now()
		l.observe(TurnDone{At: now, Trace: reply.Trace{
			Turn: x.Ask.Turn, Who: x.Ask.Who, Question: l.shown(x.Ask.question.Text), Begin: x.Ask.Asked, Done: now, Err: x.Fate.err(),
		}})
		if x.Fate != fateSuperseded {
			l.problem(StageReply, x.Ask.Who, x.Fate.err())
		}
	}
	if d.Start != nil {
		l.begin(*d.Start)
	}
	l.count()
}

// count makes the counts visible to others.
func (l *loop) count() {
	stats := l.order.Stats()
	stats.Agents = l.people.Ignored
	l.counts.Store(&stats)
}

// interrupt silences the persona at once. The reply reports its end on its own.
func (l *loop) interrupt(why error) {
	l.turn.Cancel(why)
	l.player.Flush()
	l.player.SetGain(1)
}

// begin starts an answer.
func (l *loop) begin(a ask) {
	l.said = &voiceTranscript{room: l.room, track: l.line.track.Load().SID()}
	l.chat = a.question.Typed
	l.setState(lk.StateThinking)
	look := l.lookAt(a.question)
	l.blind = look.Eye == nil && look.Soon == nil
	l.turn = l.replies.Start(a.question, look)
	l.turn.GiveFloor() // nobody else in this room speaks for us
}

// replied takes what a reply reports.
func (l *loop) replied(r reply.Report) {
	switch r := r.(type) {
	case reply.Audible:
		l.audible(r)
	case reply.Unheard:
		if r.Reply == l.turn {
			l.interrupt(ErrUnheard)
		}
	case reply.Troubled:
		l.problem(stageOf(r.Part), r.Who, r.Err)
	case reply.Done:
		l.done(r)
	case reply.Ready, reply.Thought: // the floor was given with the start
	}
}

// stageOf is the stage that a part of a reply belongs to.
func stageOf(p reply.Part) Stage {
	switch p {
	case reply.Looking:
		return StageSight
	case reply.Listening:
		return StageHearing
	case reply.Thinking:
	}
	return StageReply
}

func (l *loop) audible(r reply.Audible) {
	if r.Reply != l.turn {
		return
	}
	l.order.Audible()
	l.setState(lk.StateSpeaking)
	l.invited = time.Time{}
	if strings.HasSuffix(strings.TrimSpace(r.Text), "?") {
		l.invited = r.At
	}
	l.observe(Said{At: r.At, Turn: r.Reply.Turn, Text: r.Text})
	l.problem(StageText, l.cfg.Identity, l.said.add(r.Text))
}

func (l *loop) done(r reply.Done) {
	t := r.Trace
	t.Question = l.shown(t.Question)
	if l.anew[r.Reply] {
		delete(l.anew, r.Reply)
		return
	}
	if r.Reply != l.turn {
		l.observe(TurnDone{At: time.Now(), Trace: t})
		return
	}
	if t.Err != nil && !errors.Is(t.Err, ErrInterrupted) && !errors.Is(t.Err, ErrClosed) {
		l.problem(StageReply, t.Who, t.Err)
	}
	l.closeTranscript()
	if l.chat && t.Err == nil && t.Answer != "" {
		l.problem(StageText, t.Who, l.write(t.Answer))
	}
	l.turn = nil
	l.setState(lk.StateListening)
	l.observe(TurnDone{At: time.Now(), Trace: t})
	if l.ending == nil {
		l.decide(l.order.Ended(t.Turn, time.Now()))
	}
}

// write sends a message to the room's chat.
func (l *loop) write(text string) error {
	return l.room.SendText(lk.TopicChat, "", text, map[string]string{attrPersona: "true"})
}

func (l *loop) closeTranscript() { l.problem(StageText, l.cfg.Identity, l.said.finish()) }
