package room

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// attrSilence tells front ends why a persona says nothing: the turn and one of turn's reasons. It
// is empty while the persona answers.
const attrSilence = "sensory_agent.silence"

// connection takes what a connection reports. What it says of the room counts where the room is
// perceived by it.
func (a *actor) connection(v *view, e lk.Event) {
	v.note(e)
	if left, gone := e.(lk.ParticipantLeft); gone && v.seat != nil {
		a.leftPanel(v.seat, left.Participant.Identity)
	}
	switch e := e.(type) {
	case lk.Disconnected:
		a.disconnected(v, e)
	case lk.ConnectionChanged:
		a.changed(v, e.Up)
	case lk.PermissionsChanged:
		a.permitted(v, e.Permissions)
	case lk.SendFailed:
		a.unsent(v, e)
	case lk.SessionAsked:
		a.asked(v.seat, e)
	case lk.EarlyBegun:
		a.begins(e)
	case lk.EarlyAudio:
		a.earlier(v, e)
	case lk.Called:
		a.procedure(v.seat, e)
	default:
		switch {
		case v == a.listener:
			a.happens(e)
		case v.seat != nil:
			a.aside(e)
		}
	}
}

// happens takes what happens in the room.
func (a *actor) happens(e lk.Event) {
	switch e := e.(type) {
	case lk.TrackPublished:
		a.published(e)
	case lk.TrackSubscribed:
		a.subscribed(e)
	case lk.TrackGone:
		a.lose(e.SID)
		a.forget(e.SID)
	case lk.TextReceived:
		a.chatted(e)
	case lk.ParticipantJoined:
		a.present(e.Participant)
	case lk.AttributesChanged:
		a.otherSpeaks(e.Participant)
	case lk.ParticipantLeft:
		if !a.own(e.Participant.Identity) {
			delete(a.busy, e.Participant.Identity)
			a.step(turn.PersonLeft{Who: e.Participant.Identity}, cause{})
		}
	case lk.Refused:
		a.refused(e)
	}
}

// permitted takes note of a persona's rights.
func (a *actor) permitted(v *view, now lk.Permissions) {
	clear(v.failed)
	if v.seat == nil {
		return
	}
	v.seat.allowed = now
	v.seat.stand()
	a.step(rightsOf(v.seat), cause{rights: true})
}

// chatted takes a text of the room. What personas here write they have said.
func (a *actor) chatted(e lk.TextReceived) {
	if e.Topic != lk.TopicChat || strings.TrimSpace(e.Text) == "" || a.own(e.From) || slices.Contains(a.shared, e.Attributes[attrMessage]) {
		return
	}
	agent := e.Agent || e.Attributes[attrPersona] != ""
	a.step(turn.Typed{Who: e.From, Text: e.Text, Agent: agent}, cause{who: e.From, text: e.Text, typed: true, agent: agent, key: streamKey(e.StreamID)})
}

// unsent reports what could not be sent: once for each topic while the connection and the rights
// stay as they are.
func (a *actor) unsent(v *view, e lk.SendFailed) {
	if v.failed[e.Topic] || errors.Is(e.Err, lk.ErrClosed) {
		return
	}
	v.failed[e.Topic] = true
	a.problem(v.seat, StageText, "", e.Err)
}

// published hears of a track. Whether it is asked for is decided by the table.
func (a *actor) published(e lk.TrackPublished) {
	if a.own(e.Participant.Identity) {
		return
	}
	a.step(turn.Offered{
		Who: e.Participant.Identity, Track: e.Publication.SID(), Source: sourceOf(e.Publication.Source()), Agent: e.Participant.Agent,
	}, cause{})
}

// settle says what came of a track that was on its way: an eye, or nothing.
func (a *actor) settle(sid string, eye *senses.Eye) {
	soon := a.soon[sid]
	if soon == nil {
		return
	}
	delete(a.soon, sid)
	for s, promise := range soon {
		promise.Settle(s.look(eye))
	}
}

// promise is that of a track that is being subscribed to, for one persona; nil where none is.
func (a *actor) promise(sid string, s *Seat) *reply.Promise {
	soon := a.soon[sid]
	if soon == nil {
		return nil
	}
	if soon[s] == nil {
		soon[s] = reply.NewPromise()
	}
	return soon[s]
}

// look is an eye as the persona looks through it: at nothing where eye is nil, or its model is
// shown nothing.
func (s *Seat) look(eye *senses.Eye) reply.Look {
	eyes := s.models.Eyes()
	none := reply.Look{Assisted: eyes.Assisted()}
	if eye == nil {
		return none
	}
	gaze := eye.Gaze(eyes)
	if gaze == nil {
		return none
	}
	return reply.Look{Eye: gaze, Who: gaze.Track().Who, Takes: eyes.Takes(), Rests: eyes.Rests(), Pictures: eyes.Series().Pictures, Assisted: eyes.Assisted()}
}

// subscribed opens an ear or an eye for a track.
func (a *actor) subscribed(e lk.TrackSubscribed) {
	who, sid := e.Participant.Identity, e.Publication.SID()
	a.close(sid) // the same track again after a reconnection
	source := sourceOf(e.Publication.Source())
	track := senses.Track{
		Who: who, SID: sid, Source: string(source), Screen: source == turn.Screen, Codec: e.Codec(), Early: !e.Publication.Video() && e.Publication.Early(),
	}
	if err := a.open(track, e); err != nil {
		stage := StageHearing
		if e.Publication.Video() {
			stage = StageSight
		}
		a.settle(sid, nil)
		a.step(turn.Hidden{Track: sid}, cause{})
		a.problem(nil, stage, who, err)
		return
	}
	a.step(turn.Opened{Who: who, Track: sid, Source: source}, cause{})
	a.observe(nil, TrackOpened{At: time.Now(), Who: who, SID: sid, Source: track.Source, Codec: track.Codec})
}

func (a *actor) open(track senses.Track, e lk.TrackSubscribed) error {
	if e.Publication.Video() {
		eye, err := a.senses.See(track, e)
		if err != nil {
			return err
		}
		a.eyes[track.SID] = eye
		a.settle(track.SID, eye)
		return nil
	}
	ear, err := a.senses.Hear(track, e)
	if err != nil {
		return err
	}
	mic := &microphone{ear: ear, text: userTranscript{identity: track.Who, track: track.SID}}
	a.ears[track.SID], a.mics[ear] = mic, mic
	a.kept(mic)
	a.alert()
	return nil
}

// lose lets a track end: an ear still finalises what it heard.
func (a *actor) lose(sid string) {
	a.close(sid)
	a.settle(sid, nil)
	a.step(turn.Hidden{Track: sid}, cause{})
}

func (a *actor) close(sid string) {
	if mic := a.ears[sid]; mic != nil {
		mic.ear.Stop()
		delete(a.ears, sid)
	}
	if eye := a.eyes[sid]; eye != nil {
		eye.Stop()
		delete(a.eyes, sid)
		a.sights.lost(sid)
	}
}
