package room

import (
	"context"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

const republishEvery = time.Second // between attempts to publish the voice again

// standing reports rights that are gone, and whether a persona is ready.
func (a *actor) standing(e turn.Standing, why *cause) {
	s := a.seat(e.Seat)
	if s == nil {
		return
	}
	var lacks error
	if len(e.Missing) > 0 {
		lacks = &GrantError{Missing: e.Missing, Revoked: true}
		if why.rights {
			a.problem(s, StageRoom, "", lacks)
		}
	}
	if s.ready.Swap(e.Ready) == e.Ready {
		return
	}
	switch {
	case e.Ready:
		lacks = nil
	case lacks == nil:
		lacks = ErrUnheard
	}
	a.observe(s, ReadyChanged{At: time.Now(), Ready: e.Ready, Err: lacks})
}

// republish starts or ends the attempts to publish a voice again. Publishing waits for the server,
// so it has a goroutine of its own; there is one of a seat at a time.
func (a *actor) republish(s *Seat, on bool) {
	if s == nil {
		return
	}
	if s.again != nil && !on {
		s.again()
		s.again = nil
	}
	if s.again != nil || !on {
		return
	}
	s.line.track.Store(nil)
	ctx, cancel := context.WithCancel(a.life)
	s.again = cancel
	a.work.Go(func() {
		defer cancel()
		var voice *lk.VoiceTrack
		publish := func() (err error) { voice, err = s.conn.PublishVoice("voice"); return err }
		for first := true; ctx.Err() == nil; first = false {
			err := fence.Do(publish)
			if err == nil {
				bound(ctx, voice)
				a.post(voiceBack{s, voice})
				return
			}
			if first {
				a.post(trouble{s, &StageError{Stage: StageVoice, Err: err}})
			}
			within(republishEvery, ctx.Done())
		}
	})
}

// voiceBack takes a voice that was published again.
func (a *actor) voiceBack(s *Seat, voice *lk.VoiceTrack) {
	if s.again == nil || !s.up || !s.allowed.CanPublish { // taken away again meanwhile: the server has the track no more
		return
	}
	s.again()
	s.again = nil
	s.line.track.Store(voice)
	s.voice = true
	s.stand()
	a.step(turn.VoicePublished{Seat: s.holder.Persona}, cause{})
}

// rightsOf is what the server lets a persona do, as the table sees it.
func rightsOf(s *Seat) turn.Rights {
	p := s.allowed
	return turn.Rights{Seat: s.holder.Persona, Subscribe: p.CanSubscribe, Publish: p.CanPublish, Data: p.CanPublishData}
}
