package agent

import (
	"fmt"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lkroom"
)

func (l *loop) roomEvent(e lkroom.Event) {
	switch e := e.(type) {
	case lkroom.TrackPublished:
		l.offered(e)
	case lkroom.TrackSubscribed:
		l.opened(e)
	case lkroom.TrackGone:
		l.gone(e.SID)
	case lkroom.TextReceived:
		if e.Topic == lkroom.TopicChat && strings.TrimSpace(e.Text) != "" {
			l.message(typed{who: e.From, text: e.Text})
		}
	case lkroom.Disconnected:
		switch {
		case e.Requested:
		case e.Closed:
			l.cancel(&StageError{Stage: StageRoom, Err: ErrRoomClosed})
		default:
			l.cancel(&StageError{Stage: StageRoom, Err: fmt.Errorf("%w: %s", ErrRoomGone, e.Reason)})
		}
	case lkroom.Connection:
		l.log.Warn("connection", "up", e.Up)
	case lkroom.ParticipantJoined, lkroom.ParticipantLeft, lkroom.AttributesChanged, lkroom.TextChunk,
		lkroom.PermissionsChanged, lkroom.Refused, lkroom.SendFailed:
	}
}

// offered subscribes to what people say and, where the persona has eyes, show. Agents are neither heard nor seen: two of them would answer each other for ever.
func (l *loop) offered(e lkroom.TrackPublished) {
	if e.Participant.Agent || e.Publication.Video() && !l.engine.sees {
		return
	}
	if err := e.Publication.Subscribe(true); err != nil {
		l.problem(StageRoom, e.Participant.Identity, err)
	}
}

func (l *loop) opened(e lkroom.TrackSubscribed) {
	who, sid := e.Participant.Identity, e.Publication.SID()
	l.gone(sid) // the same track again after a reconnection
	if e.Publication.Video() {
		eye, err := openEye(l.Session, e)
		if err != nil {
			l.problem(StageSight, who, err)
			return
		}
		l.eyes[sid] = eye
	} else {
		ear, err := openEar(l.Session, e)
		if err != nil {
			l.problem(StageHearing, who, err)
			return
		}
		l.ears[sid] = ear
	}
	l.observe(TrackOpened{
		At: time.Now(), Who: who, SID: sid, Source: sourceName(e.Publication.Source()), Codec: e.Track.Codec().MimeType,
	})
}

// gone lets a track end: an ear still finalises what it heard.
func (l *loop) gone(sid string) {
	if ear := l.ears[sid]; ear != nil {
		ear.stop()
		delete(l.ears, sid)
	}
	if eye := l.eyes[sid]; eye != nil {
		eye.stop()
		delete(l.eyes, sid)
	}
}

func sourceName(s lkroom.Source) string {
	switch s {
	case lkroom.Microphone:
		return "microphone"
	case lkroom.Camera:
		return "camera"
	case lkroom.ScreenShare:
		return "screen"
	default:
		return strings.ToLower(s.String())
	}
}
