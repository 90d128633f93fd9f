package participant

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtp"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/media"
)

const (
	quietDBFS   = -55.0                  // below this a frame is not audible speech
	newVoice    = time.Second            // a voice that was silent for this long starts anew
	reportEvery = 200 * time.Millisecond // between Voice events
	recordLimit = 30 * time.Minute       // of recorded sound; what comes later is not kept
)

// ear hears one agent's track.
type ear struct {
	identity string
	rx       *rtpin.AudioReceiver

	mu   sync.Mutex
	pcm  []float32 // everything heard, silence between utterances included
	gone error

	lastPacket time.Time
	lastReport time.Time
	audible    time.Duration
	block      []float32
}

// Recording is what was heard of one agent: mono at 48 kHz, from the first packet on, pauses
// included.
type Recording struct {
	Identity string
	PCM      []float32
	Stats    rtpin.AudioStats
}

// Recordings returns what has been heard so far, one entry a track. The samples are copies.
func (p *Participant) Recordings() []Recording {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []Recording
	for _, e := range p.heard {
		e.mu.Lock()
		out = append(out, Recording{Identity: e.identity, PCM: append([]float32(nil), e.pcm...), Stats: e.rx.Stats()})
		e.mu.Unlock()
	}
	return out
}

func (p *Participant) listen(ctx context.Context, e lk.TrackSubscribed) {
	rx, err := rtpin.NewAudioReceiver(rtpin.AudioConfig{Rate: micRate, MaxSilence: time.Second})
	if err != nil {
		p.log.Error("listen", "track", e.Publication.SID(), "error", err)
		return
	}
	heard := &ear{identity: e.Participant.Identity, rx: rx}
	p.mu.Lock()
	p.heard[e.Publication.SID()] = heard
	p.mu.Unlock()
	p.work.Go(func() {
		err := e.Packets(ctx, func(packet *rtp.Packet, now time.Time) { p.packet(heard, packet, e.Codec(), now) },
			func(now time.Time) {
				heard.mu.Lock()
				defer heard.mu.Unlock()
				rx.Pop(now, func(f rtpin.Frame) { p.frame(heard, f, now) })
			})
		p.ended(heard, err)
		if p.hear != nil { // nothing was recorded that somebody could want
			p.forget(e.Publication.SID(), heard)
		}
	})
}

// ended closes an ear whose track ended, with err.
func (p *Participant) ended(e *ear, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.gone = err
	if err := e.rx.Close(); err != nil {
		p.log.Error("close decoder", "error", err)
	}
}

// forget drops an ear, unless another one listens to that track by now.
func (p *Participant) forget(track string, e *ear) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.heard[track] == e {
		delete(p.heard, track)
	}
}

// mimeRED is redundant audio (RFC 2198), which other agents send where it is offered to them.
const mimeRED = "audio/red"

func (p *Participant) packet(e *ear, packet *rtp.Packet, mime string, now time.Time) {
	if now.Sub(e.lastPacket) > newVoice {
		p.emit(VoiceStarted{At: now, Identity: e.identity})
	}
	e.lastPacket = now
	e.mu.Lock()
	defer e.mu.Unlock()
	if strings.EqualFold(mime, mimeRED) { // a sender may change between it and plain Opus
		e.rx.SetRED(packet.PayloadType)
	}
	if err := e.rx.Push(packet, now); err != nil {
		p.log.Debug("packet dropped", "error", err)
	}
}

func (p *Participant) frame(e *ear, f rtpin.Frame, now time.Time) {
	if p.hear != nil {
		p.hear(e.identity, f)
	} else if time.Duration(len(e.pcm))*time.Second/micRate < recordLimit {
		e.pcm = append(e.pcm, f.PCM...)
	}
	if media.DBFS(f.PCM) > quietDBFS {
		e.audible += time.Duration(len(f.PCM)) * time.Second / micRate
		e.block = append(e.block, f.PCM...)
	}
	if len(e.block) > 0 && now.Sub(e.lastReport) >= reportEvery {
		p.emit(Voice{At: now, Identity: e.identity, DBFS: media.DBFS(e.block), Length: e.audible})
		e.lastReport, e.block = now, e.block[:0]
	}
}

// String describes a recording in one line.
func (r Recording) String() string {
	return fmt.Sprintf("%s: %.2f s, %d packets, %d lost", r.Identity, float64(len(r.PCM))/micRate, r.Stats.Packets, r.Stats.Lost)
}
