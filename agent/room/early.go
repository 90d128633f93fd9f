package room

import (
	"time"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/senses"
)

// Bounds of what people said while connecting: how many clips are kept for microphones that are not
// heard yet, and how old one may be when it is. LiveKit's own agents drop what is older.
const (
	earlyKept = 8
	earlyAge  = time.Second
)

// earlier takes what somebody said while connecting. It comes to one persona and is heard by all,
// as everything is.
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
