package room

import (
	"context"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

const takenLimit = time.Second // clients subscribe within some tens of milliseconds

// changed takes note that a connection is interrupted, or back. A persona's own is back when people
// can hear it.
func (a *actor) changed(v *view, up bool) {
	v.down = !up
	if up {
		clear(v.failed)
	} else {
		v.losses++
	}
	if v.seat == nil {
		a.noting(nil, 0).Warn("connection", "up", up)
		return
	}
	v.seat.log.Warn("connection", "up", up)
	if voice := v.seat.line.track.Load(); up && voice != nil {
		alone, losses := len(v.people) == 0, v.losses
		a.work.Go(func() {
			reaches(a.life, voice, alone)
			a.post(back{v, losses})
		})
		return
	}
	a.stands(v, up)
}

// returned takes note that a persona can be heard again, unless its connection was lost again
// meanwhile.
func (a *actor) returned(m back) {
	if !m.view.gone && m.losses == m.view.losses {
		a.stands(m.view, true)
	}
}

// stands takes note that a persona's connection is there, or is not.
func (a *actor) stands(v *view, up bool) {
	v.seat.up = up
	if up {
		a.belongs(v.seat)
	}
	v.seat.stand()
	a.step(turn.Connection{Seat: v.seat.holder.Persona, Up: up}, cause{})
}

// reaches waits until a track that was published anew leaves and somebody takes it, or a moment for
// those who do not; alone says that nobody is there.
func reaches(ctx context.Context, track *lk.VoiceTrack, alone bool) {
	bound(ctx, track)
	if alone {
		return
	}
	limited, cancel := context.WithTimeout(ctx, takenLimit)
	defer cancel()
	tick := time.NewTicker(boundEvery)
	defer tick.Stop()
	for !track.Taken() {
		select {
		case <-tick.C:
		case <-limited.Done():
			return
		}
	}
}
