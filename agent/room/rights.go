package room

import (
	"context"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

const republishEvery = time.Second // between attempts to publish the voice again

// standing reports rights that are gone, and whether the persona is ready.
func (a *actor) standing(e turn.Standing, why *cause) {
	var lacks error
	if len(e.Missing) > 0 {
		lacks = &GrantError{Missing: e.Missing, Revoked: true}
		if why.rights {
			a.problem(StageRoom, "", lacks)
		}
	}
	if a.ready.Swap(e.Ready) == e.Ready {
		return
	}
	switch {
	case e.Ready:
		lacks = nil
	case lacks == nil:
		lacks = ErrUnheard
	}
	a.observe(ReadyChanged{At: time.Now(), Ready: e.Ready, Err: lacks})
}

// republish starts or ends the attempts to publish the voice again. Publishing waits for the
// server, so it has a goroutine of its own; there is one at a time.
func (a *actor) republish(on bool) {
	if a.again != nil && !on {
		a.again()
		a.again = nil
	}
	if a.again != nil || !on {
		return
	}
	a.seat.line.track.Store(nil)
	ctx, cancel := context.WithCancel(a.life)
	a.again = cancel
	a.work.Go(func() {
		defer cancel()
		var voice *lk.VoiceTrack
		publish := func() (err error) { voice, err = a.seat.conn.PublishVoice("voice"); return err }
		for first := true; ctx.Err() == nil; first = false {
			err := fence.Do(publish)
			if err == nil {
				bound(ctx, voice)
				a.post(voiceBack{voice})
				return
			}
			if first {
				a.post(trouble{&StageError{Stage: StageVoice, Err: err}})
			}
			within(republishEvery, ctx.Done())
		}
	})
}

// voiceBack takes the voice that was published again.
func (a *actor) voiceBack(voice *lk.VoiceTrack) {
	if a.again == nil || !a.seat.up || !a.seat.allowed.CanPublish { // taken away again meanwhile: the server has the track no more
		return
	}
	a.again()
	a.again = nil
	a.seat.line.track.Store(voice)
	a.seat.voice = true
	a.seat.stand()
	a.step(turn.VoicePublished{Seat: a.seat.holder.Persona}, cause{})
}
