package agent

import (
	"fmt"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/senses"
	"github.com/sensory-agent/sensory-agent/cognition/turn/interrupt"
)

// wantedTracks may wait to be asked for: more than the limits let everybody in a room have by default.
const wantedTracks = 64

func (l *loop) roomEvent(e lk.Event) {
	switch e := e.(type) {
	case lk.TrackPublished:
		l.offered(e)
	case lk.TrackSubscribed:
		l.opened(e)
	case lk.TrackGone:
		l.gone(e.SID)
	case lk.TextReceived:
		l.chatted(e)
	case lk.ParticipantJoined:
		l.people.Joined(e.Participant.Identity, e.Participant.Agent)
	case lk.ParticipantLeft:
		l.people.Left(e.Participant.Identity)
	case lk.Disconnected:
		l.disconnected(e)
	case lk.ConnectionChanged:
		l.log.Warn("connection", "up", e.Up)
		l.stand(func(s *standing) { s.Up = e.Up })
	case lk.PermissionsChanged:
		l.stand(func(s *standing) { s.Rights = e.Permissions })
	case lk.Refused:
		l.refused(e)
	case lk.SendFailed:
		l.unsent(e)
	case lk.AttributesChanged, lk.TextChunk:
	}
}

// chatted takes a text of the room.
func (l *loop) chatted(e lk.TextReceived) {
	if e.Topic != lk.TopicChat || strings.TrimSpace(e.Text) == "" {
		return
	}
	if l.people.Answers(e.From, e.Agent || e.Attributes[attrPersona] != "") {
		l.wrote(e.From, e.Text)
		return
	}
	l.count()
}

func (l *loop) disconnected(e lk.Disconnected) {
	switch {
	case e.Requested:
	case e.Err != nil:
		l.end(&StageError{Stage: StageRoom, Err: fmt.Errorf("%w: %w", ErrRoomGone, e.Err)})
	case e.Closed:
		l.end(&StageError{Stage: StageRoom, Err: ErrRoomClosed})
	default:
		l.end(&StageError{Stage: StageRoom, Err: fmt.Errorf("%w: %s", ErrRoomGone, e.Reason)})
	}
}

// offer is a video track that was published and is being subscribed to.
type offer struct {
	view view
	soon *reply.Promise
}

// offered subscribes to what people say and, where the persona has eyes, show. Agents are neither heard nor seen: two of them would answer
// each other for ever.
func (l *loop) offered(e lk.TrackPublished) {
	if e.Participant.Agent || e.Publication.Video() && !l.models.Sees() {
		return
	}
	select {
	case l.wanted <- e:
	default:
		l.problem(StageRoom, e.Participant.Identity, errManyTracks)
		return
	}
	if sid := e.Publication.SID(); e.Publication.Video() && l.offers[sid] == nil && l.eyes[sid] == nil {
		l.offers[sid] = &offer{
			view: view{
				SID: sid, Who: e.Participant.Identity, Screen: e.Publication.Source() == lk.ScreenShare, Pending: true, Since: time.Now(),
			},
			soon: reply.NewPromise(),
		}
		l.reconsider(l.offers[sid].view)
	}
}

// reconsider begins an answer anew that was begun blind, if a track of its asker has come to be known.
func (l *loop) reconsider(track view) {
	asked, ok := l.order.Answering()
	if !ok || l.turn == nil || !reconsiders(track, asked, l.blind, l.order.Heard(), time.Now()) {
		return
	}
	l.anew[l.turn] = true
	l.interrupt(ErrSuperseded)
	l.begin(asked)
}

// subscribe asks for tracks until the session ends. It is a goroutine of its own, since asking waits for the connection.
func (s *Session) subscribe(wanted <-chan lk.TrackPublished) {
	for {
		select {
		case e := <-wanted:
			err := fence.Do(func() error { return e.Publication.Subscribe(true) })
			if err != nil {
				s.post(trouble{&StageError{Stage: StageRoom, Who: e.Participant.Identity, Err: err}})
			}
		case <-s.life.Done():
			return
		}
	}
}

// settle ends an offer: with the eye that came of it, or without.
func (l *loop) settle(sid string, eye *senses.Eye) {
	if o := l.offers[sid]; o != nil {
		var look reply.Look
		if eye != nil {
			look = reply.Look{Eye: eye, Who: eye.Track().Who}
		}
		o.soon.Settle(look)
		delete(l.offers, sid)
	}
}

func (l *loop) opened(e lk.TrackSubscribed) {
	who, sid := e.Participant.Identity, e.Publication.SID()
	l.close(sid) // the same track again after a reconnection
	track := senses.Track{
		Who: who, SID: sid, Source: sourceName(e.Publication.Source()), Screen: e.Publication.Source() == lk.ScreenShare, Codec: e.Codec(),
	}
	if e.Publication.Video() {
		eye, err := l.senses.See(track, e)
		if err != nil {
			l.settle(sid, nil)
			l.problem(StageSight, who, err)
			return
		}
		l.eyes[sid] = eye
		l.settle(sid, eye)
	} else {
		ear, err := l.senses.Hear(track, e)
		if err != nil {
			l.problem(StageHearing, who, err)
			return
		}
		mic := &microphone{ear: ear, who: who, text: userTranscript{room: l.room, identity: who, track: sid}}
		l.ears[sid], l.mics[ear] = mic, mic
		l.alert()
	}
	l.observe(TrackOpened{At: time.Now(), Who: who, SID: sid, Source: track.Source, Codec: track.Codec})
}

// gone lets a track end: an ear still finalises what it heard.
func (l *loop) gone(sid string) {
	l.close(sid)
	l.settle(sid, nil)
}

func (l *loop) close(sid string) {
	if ear := l.ears[sid]; ear != nil {
		ear.ear.Stop()
		delete(l.ears, sid)
	}
	if eye := l.eyes[sid]; eye != nil {
		eye.Stop()
		delete(l.eyes, sid)
	}
}

// microphone is what the loop knows of one: whom it shows the room what was understood, and what a voice over an answer means.
type microphone struct {
	ear     *senses.Ear
	who     string
	text    userTranscript
	overlap interrupt.Overlap
	shown   string // the interim transcript that the room sees
	speaks  bool
}

// lookAt says where a question looks.
func (l *loop) lookAt(q reply.Question) reply.Target {
	now := time.Now()
	views := make([]view, 0, len(l.eyes)+len(l.offers))
	for _, eye := range l.eyes {
		track := eye.Track()
		views = append(views, view{SID: track.SID, Who: track.Who, Screen: track.Screen, Seen: eye.Seen(), Since: eye.Since()})
	}
	shown, _ := chooseView(views, q.Who, q.Text, now)
	var out reply.Target
	if eye := l.eyes[shown.SID]; eye != nil {
		out.Look = reply.Look{Eye: eye, Who: shown.Who, Dark: shown.dark(now)}
	}
	for _, o := range l.offers {
		views = append(views, o.view)
	}
	if best, ok := chooseView(views, q.Who, q.Text, now); ok && best.Pending {
		out.Soon, out.Wait = l.offers[best.SID].soon, subscribeLimit-now.Sub(best.Since)
	}
	return out
}

func sourceName(s lk.Source) string {
	switch s {
	case lk.Microphone:
		return "microphone"
	case lk.Camera:
		return "camera"
	case lk.ScreenShare:
		return "screen"
	default:
		return strings.ToLower(s.String())
	}
}
