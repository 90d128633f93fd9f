package room

import (
	"time"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
)

// earlyBegins is how long a microphone whose client records what is said while connecting is not
// asked for, until its clip begins.
const earlyBegins = time.Second

// wish asks for a track.
func (a *actor) wish(sid string) {
	if a.listener == nil {
		return
	}
	e, ok := a.listener.offers[sid]
	if !ok || a.holdsBack(e) || !a.want(e, true) {
		return
	}
	switch {
	case !e.Publication.Video() && a.listener.seat == nil:
		a.reveal(sid)
	case e.Publication.Video() && a.soon[sid] == nil && a.eyes[sid] == nil:
		a.soon[sid] = map[*Seat]*reply.Promise{}
	}
}

// want asks for a track, or not to get it any more. That waits for the connection, and so another
// goroutine does it.
func (a *actor) want(e lk.TrackPublished, on bool) bool {
	select {
	case a.wanted <- wish{e, on}:
		return true
	default:
		a.problem(nil, StageRoom, e.Participant.Identity, errManyTracks)
		return false
	}
}

// subscribe asks for tracks until the room ends. It is a goroutine of its own.
func (r *Room) subscribe(wanted <-chan wish) {
	for {
		select {
		case w := <-wanted:
			err := fence.Do(func() error { return w.track.Publication.Subscribe(w.on) })
			if err != nil {
				r.post(trouble{nil, &StageError{Stage: StageRoom, Who: w.track.Participant.Identity, Err: err}})
			}
		case <-r.life.Done():
			return
		}
	}
}

// due says that a microphone whose clip has not begun is not waited for any more.
type due struct{ track string }

func (due) message() {}

// holdsBack tells whether a track is not asked for yet: its client records what is said until
// somebody asks, and one for pages hears of that only once its clip has begun. Nothing is lost by
// the wait.
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
