package agent

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lkroom"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// loop is the state of a session, and only its goroutine touches it.
type loop struct {
	*Session
	state string
	ears  map[string]*ear // by track SID
	eyes  map[string]*eye
	turn  *turn // the answer under way, nil while listening
	turns uint64
	said  *voiceTranscript // of the turn under way
	chat  bool             // the turn under way answers a chat message

	record *recorder // nil where nothing is kept
}

func newLoop(s *Session) *loop {
	return &loop{
		Session: s, state: lkroom.StateInitializing, ears: map[string]*ear{}, eyes: map[string]*eye{}, record: newRecorder(&s.cfg),
	}
}

// run handles room events and messages until the session ends, then waits for the tracks and the turn it started.
func (l *loop) run(begin time.Time) {
	l.observe(Joined{
		At: time.Now(), Room: l.room.Name(), Identity: l.room.Identity(), Track: l.voice.SID(),
		ServerVersion: l.room.ServerVersion(), Took: time.Since(begin),
	})
	l.setState(lkroom.StateListening)
	for l.life.Err() == nil {
		select {
		case e := <-l.room.Events():
			l.roomEvent(e)
		case m := <-l.inbox:
			l.message(m)
		case <-l.life.Done():
		}
	}
	l.player.Flush()
	if l.turn != nil {
		l.turn.stop(ErrClosed)
	}
	l.observe(Ended{At: time.Now(), Err: l.Err()})
}

func (l *loop) observe(e Event) {
	l.record.note(e)
	l.cfg.Observe(e)
}

func (l *loop) problem(stage Stage, who string, err error) {
	if err == nil {
		return
	}
	l.log.Error("problem", "stage", string(stage), "participant", who, "error", err)
	l.observe(Problem{At: time.Now(), Err: &StageError{Stage: stage, Who: who, Err: err}})
}

func (l *loop) setState(state string) {
	if l.state == state {
		return
	}
	l.state = state
	l.room.SetAttributes(map[string]string{lkroom.AttrState: state})
	l.observe(StateChanged{At: time.Now(), State: state})
}

func (l *loop) message(m message) {
	switch m := m.(type) {
	case earEvent:
		l.heard(m.ear, m.event)
	case earClosed:
		l.observe(TrackClosed{At: time.Now(), Who: m.ear.who, SID: m.ear.sid, Source: m.ear.source, Summary: m.ear.summary()})
	case eyeClosed:
		l.observe(TrackClosed{At: time.Now(), Who: m.eye.who, SID: m.eye.sid, Source: m.eye.source, Summary: m.eye.summary()})
	case sawFrame:
		l.observe(m.saw)
	case clauseHeard:
		l.audible(m)
	case turnEnded:
		l.turnEnded(m.trace)
	case typed:
		now := time.Now()
		l.observe(Heard{At: now, Who: m.who, Text: m.text, Final: true, Turn: l.turns + 1, Start: now, End: now})
		l.begin(question{who: m.who, text: m.text, typed: true})
	case trouble:
		l.problem(m.err.Stage, m.err.Who, m.err.Err)
	}
}

// heard reacts to one microphone.
func (l *loop) heard(from *ear, e hearing.Event) {
	switch e := e.(type) {
	case hearing.SpeechStarted:
		l.speakingNow(from, true)
		l.wantPictures()
	case hearing.SpeechSustained:
		l.overlapped(from.overlap.sustained(e.Voiced))
	case hearing.Interim:
		if e.Text == "" {
			return
		}
		l.observe(Heard{At: time.Now(), Who: from.who, Text: e.Text})
		l.problem(StageText, from.who, from.text.send(e.Text, false))
		l.overlapped(from.overlap.words(e.Text))
	case hearing.SpeechResumed:
		l.speakingNow(from, true)
	case hearing.SpeechStopped:
		l.speakingNow(from, false)
	case hearing.EndOfTurn:
		l.speakingNow(from, false)
		l.overlapped(from.overlap.ended())
	case hearing.Final:
		l.understood(from, e)
	case hearing.Failed:
		l.problem(StageHearing, from.who, fmt.Errorf("%s: %w", e.Stage, e.Err))
	}
}

func (l *loop) speakingNow(from *ear, on bool) {
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
		eye.request()
	}
}

func (l *loop) understood(from *ear, e hearing.Final) {
	text := strings.TrimSpace(e.Text)
	if text == "" {
		return
	}
	turn := l.turns + 1
	if l.turn != nil && backchannel(text) {
		turn = 0
	}
	l.observe(Heard{
		At: time.Now(), Who: from.who, Text: text, Final: true, Turn: turn, Start: e.Timing.SpeechStart, End: e.Timing.SpeechEnd,
	})
	l.problem(StageText, from.who, from.text.send(text, true))
	if turn == 0 {
		return
	}
	l.begin(question{who: from.who, text: text, timing: e.Timing, pcm: e.PCM})
}

// overlapped applies what an overlap decided; without an audible answer there is nothing to interrupt.
func (l *loop) overlapped(action overlapAction) {
	if l.turn == nil || l.state != lkroom.StateSpeaking {
		return
	}
	switch action {
	case overlapDuck:
		l.player.SetGain(duckGain)
	case overlapRestore:
		l.player.SetGain(1)
	case overlapStop:
		l.interrupt(ErrInterrupted)
	case overlapNothing:
	}
}

// interrupt silences the persona at once. The turn's goroutine reports its end on its own.
func (l *loop) interrupt(why error) {
	l.turn.stop(why)
	l.player.Flush()
	l.player.SetGain(1)
}

// begin starts an answer; one that is under way gives way, since the newer question is the one that waits for an answer.
func (l *loop) begin(q question) {
	if l.turn != nil {
		l.interrupt(ErrSuperseded)
		l.closeTranscript()
	}
	l.turns++
	l.said = &voiceTranscript{room: l.room, track: l.voice.SID()}
	l.chat = q.typed
	l.setState(lkroom.StateThinking)
	l.turn = startTurn(l.Session, l.turns, q, l.lookAt(q), l.turn)
}

// lookAt chooses the picture for a question: the speaker's own camera first, then anybody's; the screen when it is spoken of or
// nothing else is shown.
func (l *loop) lookAt(q question) *eye {
	screen := strings.Contains(strings.ToLower(q.text), "screen")
	var best *eye
	rank := 0
	for _, eye := range l.eyes {
		r := 1
		if eye.who == q.who {
			r += 2
		}
		if eye.screen == screen {
			r += 4
		}
		if best == nil || r > rank || r == rank && eye.sid < best.sid {
			best, rank = eye, r
		}
	}
	return best
}

func (l *loop) audible(m clauseHeard) {
	if l.turn == nil || m.turn != l.turn.id {
		return
	}
	l.setState(lkroom.StateSpeaking)
	l.observe(Said{At: m.at, Turn: m.turn, Text: m.text})
	l.problem(StageText, l.cfg.Identity, l.said.add(m.text))
}

func (l *loop) turnEnded(t Trace) {
	if l.turn == nil || t.Turn != l.turn.id {
		l.observe(TurnDone{At: time.Now(), Trace: t})
		return
	}
	if t.Err != nil && !errors.Is(t.Err, ErrInterrupted) && !errors.Is(t.Err, ErrClosed) {
		l.problem(StageReply, t.Who, t.Err)
	}
	l.closeTranscript()
	if l.chat && t.Err == nil {
		l.problem(StageText, t.Who, l.room.SendText(lkroom.TopicChat, "", t.Answer, nil))
	}
	l.turn = nil
	l.setState(lkroom.StateListening)
	l.observe(TurnDone{At: time.Now(), Trace: t})
}

func (l *loop) closeTranscript() { l.problem(StageText, l.cfg.Identity, l.said.finish()) }
