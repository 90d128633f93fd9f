package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/cognition/turn/interrupt"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// ear hears one microphone. Two goroutines belong to it: one reads packets and feeds the listener, the other passes the
// listener's events on. The fields in the second group belong to the loop.
type ear struct {
	session          *Session
	who, sid, source string
	rx               *rtpin.AudioReceiver
	listener         *hearing.Listener
	detector         engine.Detector
	stop             context.CancelFunc

	text    userTranscript
	overlap interrupt.Overlap
	shown   string // the interim transcript that the room sees
	speaks  bool
}

// mimeRED is the codec of redundant audio (RFC 2198).
const mimeRED = "audio/red"

func openEar(s *Session, e lk.TrackSubscribed) (*ear, error) {
	rx, err := rtpin.NewAudioReceiver(rtpin.AudioConfig{Rate: hearing.SampleRate})
	if err != nil {
		return nil, err
	}
	detector, err := s.models.Detector()
	if err != nil {
		return nil, errors.Join(err, rx.Close())
	}
	listener, err := hearing.NewListener(hearing.Config{
		VAD: fencedDetector{detector}, Interim: s.models.Interim(s.holder), Final: s.models.Final(s.holder), Sound: s.models.HearsSound(), Logger: s.log,
	})
	if err != nil {
		return nil, errors.Join(err, rx.Close(), detector.Close())
	}
	ctx, stop := context.WithCancel(s.life)
	who, sid := e.Participant.Identity, e.Publication.SID()
	ear := &ear{
		session: s, who: who, sid: sid, source: sourceName(e.Publication.Source()), rx: rx, listener: listener, detector: detector,
		stop: stop, text: userTranscript{room: s.room, identity: who, track: sid},
	}
	events := make(chan struct{})
	s.work.Go(func() { ear.forward(events) })
	s.work.Go(func() { ear.read(ctx, e, events) })
	return ear, nil
}

// read feeds the listener until the track ends, lets it finalise what was heard, and frees everything.
func (r *ear) read(ctx context.Context, e lk.TrackSubscribed, forwarded <-chan struct{}) {
	hear := func(f rtpin.Frame) { r.listener.Write(f.PCM, f.MediaTime, f.Captured) }
	err := fence.Do(func() error {
		return e.Packets(ctx,
			func(p *rtp.Packet, now time.Time) { r.packet(p, e.Track.Codec().MimeType, now) },
			func(now time.Time) { r.rx.Pop(now, hear) })
	})
	r.listener.EndTrack()
	select {
	case <-forwarded: // the last final transcript has been passed on
	case <-r.session.life.Done():
	}
	err = errors.Join(err, r.listener.Close(), r.detector.Close(), r.rx.Close())
	<-forwarded
	r.stop()
	if err != nil {
		r.session.post(trouble{&StageError{Stage: StageHearing, Who: r.who, Err: err}})
	}
	r.session.post(earClosed{r})
}

// packet hands a packet to the receiver. mime is the packet's codec: reading a packet sets the track's, and a sender may change between
// plain Opus and redundant audio.
func (r *ear) packet(p *rtp.Packet, mime string, now time.Time) {
	if strings.EqualFold(mime, mimeRED) {
		r.rx.SetRED(p.PayloadType)
	}
	if err := r.rx.Push(p, now); err != nil {
		r.session.log.Debug("audio packet dropped", "participant", r.who, "error", err)
	}
}

func (r *ear) forward(done chan<- struct{}) {
	defer close(done)
	for e := range r.listener.Events() {
		r.session.post(earEvent{r, e})
	}
}

// summary is called after the goroutines have ended.
func (r *ear) summary() string {
	a, h := r.rx.Stats(), r.listener.Stats()
	return fmt.Sprintf("%d packets, %d from copies, %d lost, %d recovered, %d concealed, %d corrupt, %d beyond time; %d windows, %d samples dropped, %d turns dismissed",
		a.Packets, a.Redundant, a.Lost, a.Recovered, a.Concealed, a.Corrupt, a.Excess, h.Windows, h.DroppedSamples, h.Dismissed)
}
