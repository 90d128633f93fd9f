package turn

import (
	"slices"
	"strings"
	"unicode"

	"github.com/sensory-agent/sensory-agent/cognition/turn/interrupt"
)

// micsKept bounds the microphones that are followed; the one that was used longest ago makes room.
const micsKept = 64

// mic follows what is said into one microphone.
type mic struct {
	who, track string
	overlap    interrupt.Overlap
	open       int    // utterances begun whose end is not known yet
	shown      string // the interim transcript that the room sees; empty for none
	gone       bool   // its track is gone, or its owner
	hold       hold   // of the audible persona
}

// mic returns the machine of a microphone, the newest last.
func (t *Table) mic(who, track string) *mic {
	i := slices.IndexFunc(t.mics, func(m *mic) bool { return m.who == who && m.track == track })
	var m *mic
	switch {
	case i >= 0:
		m = t.mics[i]
		if i == len(t.mics)-1 {
			return m
		}
		t.mics = slices.Delete(t.mics, i, i+1)
	case len(t.mics) >= micsKept:
		t.stats.Dropped++
		t.forgetMic(t.mics[0])
		fallthrough
	default:
		m = &mic{who: who, track: track, overlap: interrupt.Overlap{Blind: t.policy.Blind, Duck: t.policy.Floor.Duck, Stop: t.policy.Floor.Stop}}
	}
	t.mics = append(t.mics, m)
	return m
}

// forgetMic lets a microphone go: what it held back goes on.
func (t *Table) forgetMic(m *mic) {
	if t.floor.human == m {
		t.floor.human = nil
	}
	if m.overlap.Ducked() {
		m.overlap.Ended(0, false)
		t.restore()
	}
	t.release(m)
	t.mics = slices.DeleteFunc(t.mics, func(x *mic) bool { return x == m })
}

// sweepMics forgets microphones that are gone and of which nothing is to come.
func (t *Table) sweepMics() {
	for i := len(t.mics) - 1; i >= 0; i-- {
		if m := t.mics[i]; m.gone && m.open == 0 {
			t.forgetMic(m)
		}
	}
}

// answering tells whether a persona is answering, aloud or not yet.
func (t *Table) answering() bool { return t.turn != nil }

func (t *Table) voiced(e Voiced) {
	m := t.mic(e.Who, e.Track)
	if e.Length <= 0 {
		m.open, m.gone = m.open+1, false
		m.overlap.Started(t.answering())
		t.wantPictures()
		return
	}
	t.overlapped(m, m.overlap.Sustained(e.Length))
}

func (t *Table) interim(e Interim) {
	if e.Text == "" {
		return
	}
	m := t.mic(e.Who, e.Track)
	if m.shown != e.Text { // an ear that listens for single words says what it understands again and again
		m.shown = e.Text
		t.emit(Show{Who: e.Who, Track: e.Track, Shape: ShapeInterim})
	}
	at := e.At
	if at == 0 {
		at = t.now
	}
	t.overlapped(m, m.overlap.Words(at, e.Text, e.AvgLogProb))
}

func (t *Table) endedUtterance(e Ended) {
	m := t.mic(e.Who, e.Track)
	action := m.overlap.Ended(e.Utterance, t.answering())
	if !m.hold.on {
		t.overlapped(m, action)
	}
	m.hold.until = t.now + t.policy.Floor.FalseInterruption
	if t.floor.human == m {
		t.floor.release = m.hold.until
	}
}

// heard takes the transcript of what somebody said.
func (t *Table) heard(e Heard) {
	m := t.mic(e.Who, e.Track)
	m.shown = ""
	text := strings.TrimSpace(e.Text)
	asks := m.overlap.Asks(e.Utterance, interrupt.Evidence{
		Text: text, AvgLogProb: e.AvgLogProb, Voiced: e.Voiced, Interim: e.Fast,
	}, t.answering()) && t.asksSomething(text)
	t.emit(Show{Who: e.Who, Track: e.Track, Shape: ShapeFinal})
	why := ReasonBackchannel
	switch {
	case t.closing:
		asks, why = false, ReasonClosed
	case t.people.isAgent(e.Who) && t.policy.HearAgents:
		t.agentSays(e.Who, text, e.Utterance, true)
		t.resolved(m)
		return
	case t.people.isAgent(e.Who):
		asks, why = false, ReasonAgent
	}
	q := trigger{Who: e.Who, Text: text, Spoken: true, Began: e.From, Asked: t.now}
	if asks {
		q.over = m
		t.ask(q, e.Utterance, nil)
	} else {
		t.emit(Keep{Who: e.Who, Utterance: e.Utterance})
		t.emit(Skip{Who: e.Who, Why: why})
		t.insisted(m, text, why)
	}
	t.dropOf(m, ReasonDiffers)
	t.resolved(m)
}

// unclear takes note of an utterance in which nothing was said for certain, and takes back what the
// room was shown of it.
func (t *Table) unclear(e Unclear) {
	m := t.mic(e.Who, e.Track)
	m.overlap.Dismissed(e.Utterance)
	if m.shown != "" {
		m.shown = ""
		t.emit(Show{Who: e.Who, Track: e.Track, Shape: ShapeNothing})
	}
	t.insisted(m, "", ReasonBackchannel)
	t.dropOf(m, ReasonDiffers)
	t.resolved(m)
}

// resolved takes note that it is known what an utterance was.
func (t *Table) resolved(m *mic) {
	if m.open > 0 {
		m.open--
	}
	if t.floor.human == m && m.open == 0 {
		t.floor.human = nil
	}
	if !m.overlap.Speaks() {
		t.release(m)
	}
	t.sweepMics()
}

// overlapped applies what an overlap decided; with nobody audible there is nothing to interrupt.
func (t *Table) overlapped(m *mic, action interrupt.Action) {
	r := t.floor.holder
	if r == nil || r.phase != speaking {
		return
	}
	pauses := t.policy.Duck == 0
	switch {
	case action == interrupt.Nothing:
	case action == interrupt.Restore:
		t.release(m)
		t.restore()
	case pauses:
		t.holdFor(m)
	case action == interrupt.Duck:
		t.gain(r.id.Seat, t.policy.Duck)
	default:
		t.interruptedBy(m, r)
		t.goOn()
	}
}

// interruptedBy stops the audible reply.
func (t *Table) interruptedBy(m *mic, r *reply) {
	t.floor.human, t.floor.release = m, 0
	if !m.overlap.Speaks() {
		t.floor.release = t.now + t.policy.Floor.FalseInterruption
	}
	t.turn.interrupted = true
	t.stats.Interrupted++
	t.stopReply(r, ReasonInterrupted)
}

// restore brings the audible persona back to full voice, unless somebody else lowers it.
func (t *Table) restore() {
	r := t.floor.holder
	if r == nil || slices.ContainsFunc(t.mics, func(m *mic) bool { return m.overlap.Ducked() }) {
		return
	}
	t.gain(r.id.Seat, 1)
}

func (t *Table) gain(name string, level float32) {
	if s := t.seat(name); s != nil && s.gain != level {
		s.gain = level
		t.emit(Gain{Seat: name, Level: level})
	}
}

// asksSomething tells whether a spoken text is a question, so that an answer begins. Words that
// only say "go on" ask nothing, unless a persona has just asked something itself and been heard to
// its end: then they are the answer.
func (t *Table) asksSomething(text string) bool {
	if !interrupt.Backchannel(text) || strings.ContainsFunc(text, foreign) {
		return true
	}
	return !t.answering() && t.invites && t.now-t.invited <= t.policy.Invitation
}

// foreign tells whether a character belongs to no English word, so that the text cannot be a
// backchannel: a number, or another language.
func foreign(r rune) bool { return unicode.IsDigit(r) || r > unicode.MaxASCII && unicode.IsLetter(r) }

func (t *Table) typed(e Typed) {
	text := strings.TrimSpace(e.Text)
	switch {
	case text == "":
	case t.closing:
		t.emit(Skip{Who: e.Who, Why: ReasonClosed})
	case t.policy.HearAgents && t.seat(e.Who) == nil && (e.Agent || t.people.isAgent(e.Who)):
		t.agentSays(e.Who, text, 0, false)
	case e.Agent || t.people.isAgent(e.Who) || t.seat(e.Who) != nil:
		t.stats.Agents++
		t.emit(Skip{Who: e.Who, Why: ReasonAgent})
	default:
		if len(t.seats) > 1 && !t.asksSomething(text) {
			t.emit(Keep{Who: e.Who})
			t.emit(Skip{Who: e.Who, Why: ReasonBackchannel})
			return
		}
		t.ask(trigger{Who: e.Who, Text: e.Text, Began: t.now, Asked: t.now}, 0, nil)
	}
}

func (t *Table) asked(e Asked) {
	if t.closing {
		t.emit(Skip{Who: e.Who, Why: ReasonClosed})
		return
	}
	t.ask(trigger{Who: e.Who, Text: e.Text, Began: t.now, Asked: t.now, Plan: e.Plan.clone()}, 0, e.To)
}

// left takes note that a participant is gone. What they asked is answered all the same; of what
// they were saying the ear still reports the end.
func (t *Table) left(e PersonLeft) {
	t.people.gone(e.Who)
	t.floor.quiet(e.Who)
	for _, m := range t.mics {
		if m.who == e.Who {
			m.gone = true
		}
	}
	t.sweepMics()
}

// otherAgent takes note of a program that is audible.
func (t *Table) otherAgent(e OtherAgentSpeaks) {
	if e.On && t.seat(e.Who) == nil {
		t.floor.busyWith(e.Who)
		return
	}
	t.floor.quiet(e.Who)
}
