package room

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// perceived takes what the senses report.
func (a *actor) perceived(p senses.Percept) {
	switch p := p.(type) {
	case senses.Heard:
		if mic := a.mics[p.Ear]; mic != nil {
			a.heard(mic, p.Event)
		}
	case senses.Saw:
		a.sights.saw(Saw(p))
		a.observe(nil, Saw(p))
		a.step(turn.Shown{Track: p.SID, Number: p.Number}, cause{})
	case senses.Failed:
		stage := StageHearing
		if p.Sense == senses.Sight {
			stage = StageSight
		}
		a.problem(nil, stage, p.Track.Who, p.Err)
		if errors.Is(p.Err, senses.ErrEarly) && a.listener != nil {
			a.listener.conn.Refuse(p.Track.Who, limits.EarlyAudio)
		}
	case senses.Ended:
		if mic := a.mics[p.Ear]; mic != nil {
			a.speakingNow(mic, false)
			delete(a.mics, p.Ear)
		}
		a.observe(nil, TrackClosed{At: time.Now(), Who: p.Track.Who, SID: p.Track.SID, Source: p.Track.Source, Summary: p.Summary, Dropped: p.Dropped})
	}
}

// heard reacts to one microphone.
func (a *actor) heard(mic *microphone, e hearing.Event) {
	track := mic.ear.Track()
	who, sid := track.Who, track.SID
	switch e := e.(type) {
	case hearing.SpeechStarted:
		a.speakingNow(mic, true)
		a.step(turn.Voiced{Who: who, Track: sid}, cause{})
	case hearing.SpeechSustained:
		a.step(turn.Voiced{Who: who, Track: sid, Length: e.Voiced}, cause{})
	case hearing.Interim:
		a.step(turn.Interim{Who: who, Track: sid, Text: e.Text, At: e.At, AvgLogProb: e.AvgLogProb}, cause{mic: mic, who: who, text: e.Text})
	case hearing.SpeechResumed:
		a.speakingNow(mic, true)
		a.step(turn.Resumed{Who: who, Track: sid}, cause{})
	case hearing.SpeechStopped:
		a.speakingNow(mic, false)
		a.step(turn.Paused{Who: who, Track: sid, At: e.At}, cause{})
	case hearing.Likely:
		a.step(turn.Likely{Who: who, Track: sid, Utterance: e.Utterance, Text: e.Text}, cause{})
	case hearing.EndOfTurn:
		a.speakingNow(mic, false)
		a.step(turn.Ended{Who: who, Track: sid, Utterance: e.Utterance}, cause{})
	case hearing.Final:
		a.understood(mic, e)
	case hearing.Dismissed:
		a.observe(nil, Unclear{At: time.Now(), Who: who, Why: e.Why.String()})
		a.step(turn.Unclear{Who: who, Track: sid, Utterance: e.Utterance, Why: e.Why.String()}, cause{mic: mic, who: who})
	case hearing.Failed:
		if e.Stage == hearing.StageFinal {
			a.step(turn.Unclear{Who: who, Track: sid, Utterance: e.Utterance, Why: "failed"}, cause{mic: mic, who: who})
		}
		a.problem(nil, StageHearing, who, fmt.Errorf("%s: %w", e.Stage, e.Err))
	}
}

// understood takes the transcript of what somebody said.
func (a *actor) understood(mic *microphone, e hearing.Final) {
	track, text := mic.ear.Track(), strings.TrimSpace(e.Text)
	a.step(turn.Heard{
		Who: track.Who, Track: track.SID, Utterance: e.Utterance, Text: text,
		From: a.since(e.Timing.SpeechStart), To: a.since(e.Timing.SpeechEnd), Voiced: e.Evidence.Voiced,
		AvgLogProb: e.Evidence.AvgLogProb, Fast: e.Evidence.Interim,
	}, cause{mic: mic, who: track.Who, text: text, timing: e.Timing, pcm: e.PCM})
}

func (a *actor) speakingNow(mic *microphone, on bool) {
	if mic.speaks == on {
		return
	}
	mic.speaks = on
	was := a.userState()
	if on {
		a.speaking.Add(1)
	} else {
		a.speaking.Add(-1)
	}
	if now := a.userState(); now != was {
		a.tellPanels(nil, time.Now(), lk.UserStateChanged{Old: was, New: now})
	}
}

// alert has all ears listen for single words while a persona can be interrupted.
func (a *actor) alert() {
	speaks := slices.ContainsFunc(a.sitting, func(s *Seat) bool { return s.state == turn.Speaking || s.held })
	for _, mic := range a.ears {
		mic.ear.Alert(speaks)
	}
}

// replied takes what a reply reports.
func (a *actor) replied(r reply.Report) {
	if a.guessReports(r) {
		return
	}
	switch r := r.(type) {
	case reply.Ready:
		a.stepReply(r.Reply, func(name turn.Reply) turn.Event { return turn.Ready{Reply: name} }, cause{})
	case reply.Saw:
		if answer := a.live[r.Reply]; answer != nil {
			a.accounts.Used(answer.name, r.Keys...)
			a.used(answer, r.Sight)
		}
	case reply.Thought:
		if answer := a.live[r.Reply]; answer != nil {
			answer.text = r.Text
			answer.took(time.Now())
		}
		a.stepReply(r.Reply, func(name turn.Reply) turn.Event { return turn.Thought{Reply: name, Text: r.Text} }, cause{})
	case reply.Noted:
		if answer := a.live[r.Reply]; answer != nil {
			answer.field = r.Field
		}
	case reply.Audible:
		a.stepReply(r.Reply, func(name turn.Reply) turn.Event { return turn.Audible{Reply: name, Text: r.Text} }, cause{text: r.Text, at: r.At})
	case reply.Unheard:
		a.stepReply(r.Reply, func(name turn.Reply) turn.Event { return turn.Unheard{Reply: name} }, cause{})
	case reply.Troubled:
		if answer := a.live[r.Reply]; answer != nil {
			a.problemIn(answer.name.Turn, answer.seat, stageOf(r.Part), r.Who, r.Err)
		}
	case reply.Done:
		a.done(r)
	}
}

// stepReply hands what a reply reports to the table.
func (a *actor) stepReply(r *reply.Reply, event func(turn.Reply) turn.Event, why cause) {
	if answer := a.live[r]; answer != nil {
		a.step(event(answer.name), why)
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

// done takes the end of a reply. Of one that is begun anew nothing is reported.
func (a *actor) done(r reply.Done) {
	answer, t := a.live[r.Reply], r.Trace
	if answer == nil {
		return
	}
	delete(a.live, r.Reply)
	if t.Discarded = answer.discards; answer.guess != nil {
		answer.guess.certain(&t, &answer.question, answer.asking)
	}
	if ReplyEndOf(t.Err) == ReplyFailed {
		a.problemIn(t.Turn, answer.seat, StageReply, t.Who, t.Err)
	}
	answer.seat.log.Debug("a reply has ended", "turn", t.Turn, "trigger", t.Who, "latency", t.Latency(), "error", t.Err)
	event := turn.Done{Reply: answer.name, Outcome: outcome(t.Err)}
	switch {
	case t.Err == nil:
		event.Text = t.Answer
	case errors.Is(t.Err, reply.ErrFinished):
		answer.ended = cmp.Or(answer.last, turn.ReasonRemoved)
	default:
		answer.ended = event.Outcome.Reason()
	}
	if answer.why != turn.ReasonAgain {
		t.Question = a.shown(t.Question)
		if answer.run != nil {
			t.Plan, t.Left = answer.run.plan.Fingerprint, a.left(answer, t.Err)
		}
		gap, overlap := a.wasAloud(answer, &t)
		a.observe(answer.seat, TurnDone{At: time.Now(), Trace: t, Gap: gap, Overlap: overlap})
	}
	a.step(event, cause{})
	if answer.ended != "" && !answer.settled {
		a.spokenSoFar(answer, string(answer.ended), "")
	}
	a.noted(answer)
	delete(a.named, answer.name)
	a.departed()
}

// outcome is how a reply ended, as the table sees it.
func outcome(err error) turn.Outcome {
	var refusal *compute.Refusal
	switch {
	case err == nil:
		return turn.Spoken
	case errors.As(err, &refusal):
		return turn.Refused
	case evicted(err):
		return turn.Evicted
	}
	return turn.Broken
}
