package wire

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
)

// Received is what a receiver made of a track.
type Received struct {
	// Mime is the codec of the packet that came last.
	Mime  string
	Stats rtpin.AudioStats
	// PCM is mono at InRate.
	PCM []float32
}

// Receive receives so many packets of an audio track, as an ear does, in the caller's goroutine. It
// ends early with the track, or with ctx, which is no error. Errors: those of the codec and of
// reading.
func Receive(ctx context.Context, track lk.TrackSubscribed, packets uint64) (got Received, err error) {
	rx, err := rtpin.NewAudioReceiver(rtpin.AudioConfig{Rate: InRate})
	if err != nil {
		return got, err
	}
	ctx, done := context.WithCancel(ctx)
	defer done()
	var dropped error
	err = track.Packets(ctx, func(p *rtp.Packet, now time.Time) {
		if got.Mime = track.Codec(); strings.EqualFold(got.Mime, "audio/red") {
			rx.SetRED(p.PayloadType)
		}
		dropped = errors.Join(dropped, rx.Push(p, now))
	}, func(now time.Time) {
		rx.Pop(now, func(f rtpin.Frame) { got.PCM = append(got.PCM, f.PCM...) })
		if rx.Stats().Packets >= packets {
			done()
		}
	})
	got.Stats = rx.Stats()
	return got, errors.Join(err, dropped, rx.Close())
}
