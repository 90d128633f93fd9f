package senses

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/media"
)

// mimeRED is the codec of redundant audio (RFC 2198).
const mimeRED = "audio/red"

// Ear hears one microphone. One goroutine reads its packets and feeds the listener, which has a
// goroutine of its own.
type Ear struct {
	track    Track
	log      *slog.Logger
	rx       *rtpin.AudioReceiver
	listener *hearing.Listener
	detector engine.Detector
	stop     context.CancelFunc
	meter    *media.Meter
	early    *prelude // nil where nothing was announced that was said before
}

// Hear opens an ear. It ends when its track does, or with Stop.
func (s *Senses) Hear(track Track, from Stream) (*Ear, error) {
	rx, err := rtpin.NewAudioReceiver(rtpin.AudioConfig{Rate: hearing.SampleRate})
	if err != nil {
		return nil, err
	}
	detector, err := s.Ears.Detector()
	if err != nil {
		return nil, errors.Join(err, rx.Close())
	}
	room, endpoint := engine.Holder{Room: s.Room}, s.Endpoint
	endpoint.Speaker = s.paces.of(track.Who)
	e := &Ear{track: track, log: s.Log, rx: rx, detector: detector, meter: media.NewMeter(s.Metering, hearing.SampleRate)}
	e.listener, err = hearing.NewListener(hearing.Config{
		VAD: fencedDetector{detector}, Interim: s.Ears.Interim(room), Final: s.Ears.Final(room),
		Turn: s.Ears.EndOfTurn(room), Endpoint: endpoint,
		Paced: func(p hearing.Pace) { s.paces.keep(track.Who, p) },
		Sound: s.Sound, Likely: s.Likely, Names: s.Names, Logger: s.Log,
		Sink: func(ctx context.Context, event hearing.Event) bool { return s.Sink(ctx, Heard{e, event}) },
	})
	if err != nil {
		return nil, errors.Join(err, rx.Close(), detector.Close())
	}
	if track.Early {
		e.early = newPrelude(time.Now())
	}
	var ctx context.Context
	ctx, e.stop = context.WithCancel(s.life)
	s.work.Go(func() { s.listen(ctx, e, from) })
	return e, nil
}

// listen feeds an ear's listener until the track ends, lets it finalise what was heard, and frees
// everything.
func (s *Senses) listen(ctx context.Context, e *Ear, from Stream) {
	hear := func(f rtpin.Frame) {
		e.meter.Add(f.PCM)
		e.hear(f)
	}
	err := fence.Do(func() error {
		return from.Packets(ctx,
			func(p *rtp.Packet, now time.Time) { e.packet(p, from.Codec(), now) },
			func(now time.Time) {
				e.rx.Pop(now, hear)
				if err := e.recall(now); err != nil {
					s.tell(Failed{e.track, Hearing, err})
				}
			})
	})
	e.early.end(e.listener)
	e.listener.EndTrack()
	select {
	case <-e.listener.Done(): // the last final transcript has been handed on
	case <-s.life.Done():
	}
	err = errors.Join(err, e.listener.Close(), e.detector.Close(), e.rx.Close())
	e.stop()
	if err != nil {
		s.tell(Failed{e.track, Hearing, err})
	}
	s.tell(Ended{e.track, Hearing, e, e.summary(), e.lost()})
}

// packet hands a packet to the receiver. mime is the packet's codec: a sender may change between
// plain Opus and redundant audio.
func (e *Ear) packet(p *rtp.Packet, mime string, now time.Time) {
	if strings.EqualFold(mime, mimeRED) {
		e.rx.SetRED(p.PayloadType)
	}
	if err := e.rx.Push(p, now); err != nil {
		e.log.Debug("audio packet dropped", "participant", e.track.Who, "error", err)
	}
}

// Track is what the ear hears.
func (e *Ear) Track() Track { return e.track }

// Meter measures how loud the microphone is, while Deps.Metering is above 0.
func (e *Ear) Meter() *media.Meter { return e.meter }

// Alert says whether single words matter at once, as they do while somebody may interrupt.
func (e *Ear) Alert(on bool) { e.listener.Alert(on) }

// Stop ends the track: what was heard is still finalised.
func (e *Ear) Stop() { e.stop() }

// summary is called after the goroutines have ended.
func (e *Ear) summary() string {
	a, h := e.rx.Stats(), e.listener.Stats()
	before := ""
	if e.early != nil {
		before = fmt.Sprintf("%d ms from before connecting, ", e.early.heard.Milliseconds())
	}
	return before + fmt.Sprintf("%d packets, %d from copies, %d lost, %d recovered, %d concealed, %d corrupt, %d beyond time; %d windows, %d samples dropped, %d turns dismissed",
		a.Packets, a.Redundant, a.Lost, a.Recovered, a.Concealed, a.Corrupt, a.Excess, h.Windows, h.DroppedSamples, h.Dismissed)
}

// lost is what of the sound was not heard, by where it went: packets, and 20 ms frames. It is
// called after the goroutines have ended.
func (e *Ear) lost() map[string]uint64 {
	a, h := e.rx.Stats(), e.listener.Stats()
	const frame = 320 // samples at 16 kHz
	return map[string]uint64{
		"audio_network": a.Lost, "audio_late": a.Late, "audio_decoder": a.Corrupt, "audio_clock": a.Excess, "audio_listener": h.DroppedSamples / frame,
	}
}

// fencedDetector is a voice detector whose panics are errors: it runs on the listener's goroutine.
type fencedDetector struct{ hearing.VoiceDetector }

// Probability implements hearing.VoiceDetector. It allocates nothing.
func (d fencedDetector) Probability(window []float32) (p float32, err error) {
	defer fence.Recover(&err)
	return d.VoiceDetector.Probability(window)
}
