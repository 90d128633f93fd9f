package agent

import (
	"context"
	"errors"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/lk"
)

const republishEvery = time.Second // between attempts to publish the voice again

// stand takes note of a change of what the persona can do, and does what follows: whoever watches is told, answers begin only while somebody
// can hear them, and the voice is published again when it may be.
func (l *loop) stand(change func(*standing)) {
	before := l.rights
	change(&l.rights)
	if !l.rights.Rights.CanPublish {
		l.rights.Voice = false // the server takes the track back with the right
	}
	now := l.rights
	l.line.open.Store(now.Heard())
	l.tell(before, now)
	if !now.Heard() && now.Up && l.turn != nil {
		l.interrupt(ErrUnheard)
	}
	if now.Up && !before.Up || now.Rights != before.Rights {
		clear(l.failed)
	}
	l.republish(now.Republish())
	if now.Heard() != before.Heard() {
		l.decide(l.order.Open(now.Heard(), time.Now()))
	}
}

// tell reports rights that are gone and whether the persona is ready.
func (l *loop) tell(before, now standing) {
	missing := now.Missing()
	var why error
	if len(missing) > 0 {
		why = &GrantError{Missing: missing, Revoked: true}
		if now.Rights != before.Rights {
			l.problem(StageRoom, "", why)
		}
	}
	ready := now.Ready()
	if l.ready.Swap(ready) == ready {
		return
	}
	if !ready && why == nil {
		why = ErrUnheard
	}
	if ready {
		why = nil
	}
	l.observe(ReadyChanged{At: time.Now(), Ready: ready, Err: why})
}

// republish starts or ends the attempts to publish the voice again. Publishing waits for the server, so it has a goroutine of its own; there
// is one at a time.
func (l *loop) republish(on bool) {
	if l.again != nil && !on {
		l.again()
		l.again = nil
	}
	if l.again != nil || !on {
		return
	}
	l.line.track.Store(nil)
	ctx, cancel := context.WithCancel(l.life)
	l.again = cancel
	l.work.Go(func() {
		defer cancel()
		var voice *lk.VoiceTrack
		publish := func() (err error) { voice, err = l.room.PublishVoice("voice"); return err }
		for first := true; ctx.Err() == nil; first = false {
			err := fence.Do(publish)
			if err == nil {
				bound(ctx, voice)
				l.post(voiceBack{voice})
				return
			}
			if first {
				l.post(trouble{&StageError{Stage: StageVoice, Err: err}})
			}
			within(republishEvery, ctx.Done())
		}
	})
}

// voiceBack takes the voice that was published again.
func (l *loop) voiceBack(voice *lk.VoiceTrack) {
	if l.again == nil || !l.rights.Republish() { // taken away again meanwhile: the server has the track no more
		return
	}
	l.again()
	l.again = nil
	l.line.track.Store(voice)
	l.stand(func(s *standing) { s.Voice = true })
}

// unsent reports what could not be sent: once for each topic while the connection and the rights stay as they are.
func (l *loop) unsent(e lk.SendFailed) {
	if l.failed[e.Topic] || errors.Is(e.Err, lk.ErrClosed) {
		return
	}
	l.failed[e.Topic] = true
	l.problem(StageText, "", e.Err)
}
