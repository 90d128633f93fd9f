package room

import (
	"context"
	"time"

	"github.com/sensory-agent/sensory-agent/media"
)

// LevelWindow is how often levels are told, and what they are taken over: as often as a drawn wave
// needs, and no more.
const LevelWindow = 100 * time.Millisecond

// audibleLevel is the least peak that is told: −60 dB.
const audibleLevel = 0.001

// refresh is after how many windows it is found out anew who is there.
const refresh = 5

// Level is how loud somebody is: root mean square and peak, 1 is full scale.
type Level struct {
	Identity  string
	Persona   bool // it is what is sent, else what arrives
	RMS, Peak float32
}

// metered asks the actor for what can be measured.
type metered struct{ answer chan<- []meterOf }

func (metered) message() {}

// meterOf is somebody's.
type meterOf struct {
	who     string
	persona bool
	*media.Meter
}

// gauged encodes a voice, and measures what is sent of it.
type gauged struct {
	encoder interface {
		Encode(pcm []float32, dst []byte) (int, error)
	}
	meter *media.Meter
}

// Encode implements playout.Encoder.
func (g gauged) Encode(pcm []float32, dst []byte) (int, error) {
	g.meter.Add(pcm)
	return g.encoder.Encode(pcm, dst)
}

// meters are those of everybody who is heard here.
func (a *actor) meters() (out []meterOf) {
	for _, mic := range a.ears {
		out = append(out, meterOf{mic.ear.Track().Who, false, mic.ear.Meter()})
	}
	for _, s := range a.sitting {
		out = append(out, meterOf{s.holder.Persona, true, s.meter})
	}
	return out
}

// Levels tells every LevelWindow how loud those are who are not silent, on the caller's goroutine,
// until ctx ends, the room does, or tell says false. Nothing is measured while nobody asks for it.
// Errors: ErrClosed, the cause of ctx.
func (r *Room) Levels(ctx context.Context, tell func([]Level) bool) error {
	r.metering.Add(1)
	defer r.metering.Add(-1)
	tick := time.NewTicker(LevelWindow)
	defer tick.Stop()
	var meters []meterOf
	before := map[*media.Meter]media.Loudness{}
	for n := 0; ; n++ {
		if n%refresh == 0 {
			answer := make(chan []meterOf, 1)
			if err := r.tell(ctx, metered{answer}); err != nil {
				return err
			}
			var err error
			if meters, err = await(ctx, r, answer); err != nil {
				return err
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-r.life.Done():
			return ErrClosed
		}
		if !tell(measured(meters, before)) {
			return nil
		}
	}
}

// measured are the levels since the readings before, which are replaced.
func measured(meters []meterOf, before map[*media.Meter]media.Loudness) (out []Level) {
	now := make(map[*media.Meter]media.Loudness, len(meters))
	for _, m := range meters {
		is := m.Read()
		now[m.Meter] = is
		was, known := before[m.Meter]
		if known && is.Samples > was.Samples && is.Peak >= audibleLevel {
			rms := is.RMS(was)
			out = append(out, Level{m.who, m.persona, rms, max(rms, is.Peak)})
		}
	}
	clear(before)
	for m, l := range now {
		before[m] = l
	}
	return out
}
