package senses

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/rtpin"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/media/codec"
	"github.com/sensory-agent/sensory-agent/media/container"
)

// ErrEarly means that what somebody said while connecting could not be heard; the text says why.
var ErrEarly = errors.New("what was said while connecting was not heard")

// Bounds of what was said while connecting: how long an ear waits for it, with what is said
// meanwhile held back, and how much of it is heard. Those of LiveKit's agents and clients: they
// wait 3 s, and record 10 at most.
const (
	earlyWait = 3 * time.Second
	earlyMost = 12 * time.Second
)

// ahead is how much of what was held back the listener is given before it has judged it: half of
// what it has room for.
const ahead = hearing.SampleRate

// window is how many samples the listener judges at once.
const window = 512

// Early is what somebody said while connecting, as their client recorded it.
type Early struct {
	// Data are WebM or Ogg with Opus; samples of 16 bit where Mime does not say Opus.
	Data []byte
	Mime string
	// Rate and Channels are of samples, as the client says.
	Rate, Channels string
}

// decode returns the sound at 16 kHz, mono. Errors: ErrEarly.
func (e Early) decode() (pcm []float32, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w: %w", ErrEarly, err)
		}
	}()
	if !strings.Contains(e.Mime, "opus") && !strings.Contains(e.Mime, "webm") && !strings.Contains(e.Mime, "ogg") {
		return e.samples()
	}
	packets, err := container.Opus(e.Data)
	if err != nil {
		return nil, err
	}
	dec, err := codec.NewOpusDecoder(hearing.SampleRate)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dec.Close()) }()
	frame := make([]float32, hearing.SampleRate*codec.MaxOpusFrame/1000)
	for _, p := range packets {
		n, err := dec.Decode(p, frame)
		if err != nil {
			return nil, err
		}
		if pcm = append(pcm, frame[:n]...); tooLong(len(pcm)) {
			return nil, errEarlyLong
		}
	}
	return pcm, nil
}

var errEarlyLong = fmt.Errorf("it is longer than %s", earlyMost)

func tooLong(samples int) bool {
	return samples > int(earlyMost.Seconds())*hearing.SampleRate
}

// samples reads sound that is in no codec.
func (e Early) samples() ([]float32, error) {
	rate, err := strconv.Atoi(e.Rate)
	channels, wrong := strconv.Atoi(e.Channels)
	switch {
	case err != nil || wrong != nil || rate < 8000 || rate > 96000 || channels < 1 || channels > 8 || len(e.Data) < 2*channels:
		return nil, fmt.Errorf("%.32q Hz, %.8q channels, %.64q is no form of sound that is known", e.Rate, e.Channels, e.Mime)
	case len(e.Data)/2/channels > int(earlyMost.Seconds())*rate:
		return nil, errEarlyLong
	}
	mono := make([]float32, len(e.Data)/2/channels)
	for i := range mono {
		for c := range channels {
			mono[i] += float32(int16(binary.LittleEndian.Uint16(e.Data[2*(i*channels+c):]))) / 32768 / float32(channels)
		}
	}
	if rate == hearing.SampleRate {
		return mono, nil
	}
	to, err := media.NewResampler(rate, hearing.SampleRate)
	if err != nil {
		return nil, err
	}
	out := to.Process(make([]float32, 0, to.OutputLen(len(mono))+to.OutputLen(0)+1024), mono)
	return to.Flush(out), nil
}

// prelude holds back what an ear hears until what was said before it is there, and lets it out no
// faster than it is listened to. It belongs to the ear's goroutine, but for clips.
type prelude struct {
	clips chan Early    // holds one
	stop  chan struct{} // closed when none is wanted any more
	until time.Time
	held  []rtpin.Frame
	shift time.Duration // by which everything is later on the listener's clock
	given uint64        // samples that the listener got
	heard time.Duration // of what was said before
}

func newPrelude(now time.Time) *prelude {
	return &prelude{clips: make(chan Early, 1), stop: make(chan struct{}), until: now.Add(earlyWait)}
}

// Before hands an ear what was said before it. It tells whether that is still wanted: not after 3
// s, not twice, and not of a track whose client announced nothing.
func (e *Ear) Before(clip Early) bool {
	if e.early == nil {
		return false
	}
	select {
	case <-e.early.stop:
		return false
	default:
	}
	select {
	case e.early.clips <- clip:
		return true
	default:
		return false
	}
}

// hear hands the listener a frame, at once or later.
func (e *Ear) hear(f rtpin.Frame) {
	if e.early != nil {
		e.early.take(f, e.listener)
		return
	}
	e.listener.Write(f.PCM, f.MediaTime, f.Captured)
}

// recall sees to what was said before. The error says why it is not heard.
func (e *Ear) recall(now time.Time) error {
	if e.early == nil {
		return nil
	}
	return e.early.step(now, e.listener)
}

// waits tells whether what was said before is still to come.
func (p *prelude) waits() bool {
	select {
	case <-p.stop:
		return false
	default:
		return true
	}
}

// take hears a frame, or holds it back. It copies what it keeps.
func (p *prelude) take(f rtpin.Frame, l *hearing.Listener) {
	if p.waits() || len(p.held) > 0 {
		f.PCM = slices.Clone(f.PCM)
		p.held = append(p.held, f)
		return
	}
	p.write(f, l)
}

func (p *prelude) write(f rtpin.Frame, l *hearing.Listener) {
	p.given += uint64(len(f.PCM))
	l.Write(f.PCM, f.MediaTime+p.shift, f.Captured)
}

// step looks whether what was said before has come, and lets out what was held back. The error is
// that of what came.
func (p *prelude) step(now time.Time, l *hearing.Listener) (err error) {
	if p.waits() {
		select {
		case clip := <-p.clips:
			close(p.stop)
			err = p.precede(clip, now)
		default:
			if now.Before(p.until) {
				return nil
			}
			close(p.stop)
			err = fmt.Errorf("%w: it did not come within %s", ErrEarly, earlyWait)
		}
	}
	for len(p.held) > 0 && p.given < l.Stats().Windows*window+ahead {
		p.write(p.held[0], l)
		p.held[0] = rtpin.Frame{}
		p.held = p.held[1:]
	}
	return err
}

// end lets everything out that is held back: the track is over.
func (p *prelude) end(l *hearing.Listener) {
	if p == nil {
		return
	}
	if p.waits() {
		close(p.stop)
	}
	for _, f := range p.held {
		p.write(f, l)
	}
	p.held = nil
}

// precede puts a clip in front of everything.
func (p *prelude) precede(clip Early, now time.Time) error {
	pcm, err := clip.decode()
	if err != nil {
		return err
	}
	first := rtpin.Frame{Captured: now}
	if len(p.held) > 0 {
		first = p.held[0]
	}
	p.heard = time.Duration(len(pcm)) * time.Second / hearing.SampleRate
	const piece = hearing.SampleRate / 50
	var before []rtpin.Frame
	for at := 0; at < len(pcm); at += piece {
		offset := time.Duration(at) * time.Second / hearing.SampleRate
		before = append(before, rtpin.Frame{
			PCM: pcm[at:min(len(pcm), at+piece)], MediaTime: first.MediaTime + offset - p.heard, Captured: first.Captured.Add(offset - p.heard),
		})
	}
	p.shift, p.held = p.heard, append(before, p.held...)
	return nil
}
