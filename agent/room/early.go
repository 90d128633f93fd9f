package room

import (
	"time"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/senses"
)

// Bounds of what people said while connecting: how many clips are kept for microphones that are not
// heard yet, and how old one may be when it is (LiveKit's own agents drop what is older); how long a
// microphone that is announced so is not asked for, until its clip begins.
const (
	earlyKept   = 8
	earlyAge    = time.Second
	earlyBegins = time.Second
)

// due says that a microphone whose clip has not begun is not waited for any more.
type due struct{ track string }

func (due) message() {}

// holdsBack tells whether a track is not asked for yet: its client records what is said until somebody
// asks, and one for pages hears of that only once its clip has begun. Nothing is lost by the wait.
func (a *actor) holdsBack(e lk.TrackPublished) bool {
	sid := e.Publication.SID()
	if e.Publication.Video() || !e.Publication.Early() || a.begun[sid] == e.Participant.Identity {
		return false
	}
	if waits, known := a.waits[sid]; known {
		return waits
	}
	a.waits[sid] = true
	a.work.Go(func() {
		if !within(earlyBegins, a.life.Done()) {
			a.post(due{sid})
		}
	})
	return true
}

// begins takes that a clip has begun, over any connection: its microphone is asked for.
func (a *actor) begins(e lk.EarlyBegun) {
	if len(a.begun) >= wantedTracks { // of microphones that nobody has
		clear(a.begun)
	}
	a.begun[e.Track] = e.From
	if a.listener != nil && a.listener.offers[e.Track].Participant.Identity == e.From {
		a.noLonger(e.Track)
	}
}

// noLonger has a microphone that was held back be asked for.
func (a *actor) noLonger(sid string) {
	if a.waits[sid] {
		a.waits[sid] = false
		a.wish(sid)
	}
}

// reveal has a persona that people see ask for a microphone that a hidden connection hears, for a
// moment: servers tell a client that somebody hears it of those alone who are seen.
func (a *actor) reveal(sid string) {
	for _, s := range a.sitting {
		if e, knows := a.views[s].offers[sid]; knows && s.up {
			a.want(e, true)
			return
		}
	}
	a.secret[sid] = true
}

// aside takes what happens on the connection of a persona by which the room is not perceived.
func (a *actor) aside(e lk.Event) {
	switch e := e.(type) {
	case lk.TrackPublished:
		if sid := e.Publication.SID(); a.secret[sid] {
			delete(a.secret, sid)
			a.want(e, true)
		}
	case lk.TrackSubscribed:
		a.want(lk.TrackPublished{Participant: e.Participant, Publication: e.Publication}, false)
	}
}

// forget drops what is known of a microphone that is gone.
func (a *actor) forget(sid string) {
	delete(a.waits, sid)
	delete(a.begun, sid)
	delete(a.secret, sid)
}

// earlier takes what somebody said while connecting. It comes to one persona and is heard by all, as
// everything is.
func (a *actor) earlier(v *view, e lk.EarlyAudio) {
	if mic := a.ears[e.Track]; mic != nil {
		a.precede(mic, earlyClip{v, e})
		return
	}
	for track, clip := range a.early {
		if len(a.early) >= earlyKept || time.Since(clip.Whole) > earlyAge {
			delete(a.early, track)
			a.unused(clip)
		}
	}
	a.early[e.Track] = earlyClip{v, e}
}

// kept hands a microphone that is heard now what came before it.
func (a *actor) kept(mic *microphone) {
	track := mic.ear.Track().SID
	if clip, ok := a.early[track]; ok {
		delete(a.early, track)
		a.precede(mic, clip)
	}
}

// precede has a microphone hear a clip first, if it is its owner's, recent, and waited for.
func (a *actor) precede(mic *microphone, clip earlyClip) {
	if mic.ear.Track().Who != clip.From || time.Since(clip.Whole) > earlyAge || !mic.ear.Before(senses.Early{
		Data: clip.Data, Mime: clip.Mime, Rate: clip.Rate, Channels: clip.Channels,
	}) {
		a.unused(clip)
	}
}

// unused counts a clip that nobody hears.
func (a *actor) unused(clip earlyClip) {
	if clip.view.conn.Refuse(clip.From, limits.EarlyAudio) {
		a.refused(lk.Refused{Identity: clip.From, Kind: limits.EarlyAudio})
	}
}
