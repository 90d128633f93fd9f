package room

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// wantedTracks may wait to be asked for: more than the limits let everybody in a room have by
// default.
const wantedTracks = 64

// attrPersona marks what a persona writes in the chat, so that others know it for what it is before
// they know its sender.
const attrPersona = "sensory_agent.persona"

// connection takes what the connection of the seat reports.
func (a *actor) connection(e lk.Event) {
	seat := a.seat.holder.Persona
	switch e := e.(type) {
	case lk.TrackPublished:
		a.published(e)
	case lk.TrackSubscribed:
		a.subscribed(e)
	case lk.TrackGone:
		a.gone(e.SID)
	case lk.TextReceived:
		a.chatted(e)
	case lk.ParticipantJoined:
		a.step(turn.PersonJoined{Who: e.Participant.Identity, Name: e.Participant.Name, Agent: e.Participant.Agent}, cause{})
	case lk.ParticipantLeft:
		a.step(turn.PersonLeft{Who: e.Participant.Identity}, cause{})
	case lk.Disconnected:
		a.disconnected(e)
	case lk.ConnectionChanged:
		a.log.Warn("connection", "up", e.Up)
		if a.seat.up = e.Up; e.Up {
			clear(a.failed)
		}
		a.seat.stand()
		a.step(turn.Connection{Seat: seat, Up: e.Up}, cause{})
	case lk.PermissionsChanged:
		a.seat.allowed = e.Permissions
		clear(a.failed)
		a.seat.stand()
		a.step(rightsOf(seat, e.Permissions), cause{rights: true})
	case lk.Refused:
		a.refused(e)
	case lk.SendFailed:
		a.unsent(e)
	case lk.AttributesChanged, lk.TextChunk:
	}
}

// chatted takes a text of the room.
func (a *actor) chatted(e lk.TextReceived) {
	if e.Topic != lk.TopicChat || strings.TrimSpace(e.Text) == "" {
		return
	}
	a.step(turn.Typed{Who: e.From, Text: e.Text, Agent: e.Agent || e.Attributes[attrPersona] != ""},
		cause{who: e.From, text: e.Text, typed: true})
}

func (a *actor) disconnected(e lk.Disconnected) {
	switch {
	case e.Requested:
	case e.Err != nil:
		a.end(&StageError{Stage: StageRoom, Err: fmt.Errorf("%w: %w", ErrRoomGone, e.Err)})
	case e.Closed:
		a.end(&StageError{Stage: StageRoom, Err: ErrRoomClosed})
	case e.Removed:
		a.end(&StageError{Stage: StageRoom, Err: fmt.Errorf("%w: %w: %s", ErrRoomGone, ErrRemoved, e.Reason)})
	default:
		a.end(&StageError{Stage: StageRoom, Err: fmt.Errorf("%w: %s", ErrRoomGone, e.Reason)})
	}
}

// unsent reports what could not be sent: once for each topic while the connection and the rights
// stay as they are.
func (a *actor) unsent(e lk.SendFailed) {
	if a.failed[e.Topic] || errors.Is(e.Err, lk.ErrClosed) {
		return
	}
	a.failed[e.Topic] = true
	a.problem(StageText, "", e.Err)
}

// published hears of a track. Whether it is asked for is decided by the table.
func (a *actor) published(e lk.TrackPublished) {
	sid := e.Publication.SID()
	a.offers[sid] = e
	a.step(turn.Offered{
		Who: e.Participant.Identity, Track: sid, Source: sourceOf(e.Publication.Source()), Agent: e.Participant.Agent,
	}, cause{})
}

// want asks for a track. That waits for the connection, and so another goroutine does it.
func (a *actor) want(sid string) {
	e, ok := a.offers[sid]
	if !ok {
		return
	}
	select {
	case a.wanted <- e:
	default:
		a.problem(StageRoom, e.Participant.Identity, errManyTracks)
		return
	}
	if e.Publication.Video() && a.soon[sid] == nil && a.eyes[sid] == nil {
		a.soon[sid] = reply.NewPromise()
	}
}

// subscribe asks for tracks until the room ends. It is a goroutine of its own.
func (r *Room) subscribe(wanted <-chan lk.TrackPublished) {
	for {
		select {
		case e := <-wanted:
			err := fence.Do(func() error { return e.Publication.Subscribe(true) })
			if err != nil {
				r.post(trouble{&StageError{Stage: StageRoom, Who: e.Participant.Identity, Err: err}})
			}
		case <-r.life.Done():
			return
		}
	}
}

// settle says what came of a track that was on its way: an eye, or nothing.
func (a *actor) settle(sid string, eye *senses.Eye) {
	soon := a.soon[sid]
	if soon == nil {
		return
	}
	delete(a.soon, sid)
	var look reply.Look
	if eye != nil {
		look = reply.Look{Eye: eye, Who: eye.Track().Who}
	}
	soon.Settle(look)
}

// subscribed opens an ear or an eye for a track.
func (a *actor) subscribed(e lk.TrackSubscribed) {
	who, sid := e.Participant.Identity, e.Publication.SID()
	a.close(sid) // the same track again after a reconnection
	source := sourceOf(e.Publication.Source())
	track := senses.Track{
		Who: who, SID: sid, Source: string(source), Screen: source == turn.Screen, Codec: e.Codec(),
	}
	if err := a.open(track, e); err != nil {
		stage := StageHearing
		if e.Publication.Video() {
			stage = StageSight
		}
		a.settle(sid, nil)
		a.step(turn.Hidden{Track: sid}, cause{})
		a.problem(stage, who, err)
		return
	}
	a.step(turn.Opened{Who: who, Track: sid, Source: source}, cause{})
	a.observe(TrackOpened{At: time.Now(), Who: who, SID: sid, Source: track.Source, Codec: track.Codec})
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
	mic := &microphone{ear: ear, text: userTranscript{room: a.seat.conn, identity: track.Who, track: track.SID}}
	a.ears[track.SID], a.mics[ear] = mic, mic
	a.alert()
	return nil
}

// gone lets a track end: an ear still finalises what it heard.
func (a *actor) gone(sid string) {
	a.close(sid)
	a.settle(sid, nil)
	delete(a.offers, sid)
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
	}
}

func sourceOf(s lk.Source) turn.Source {
	switch s {
	case lk.Microphone:
		return turn.Microphone
	case lk.Camera:
		return turn.Camera
	case lk.ScreenShare:
		return turn.Screen
	default:
		return turn.Source(strings.ToLower(s.String()))
	}
}
