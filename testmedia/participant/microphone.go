package participant

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/media/codec"
)

const (
	micRate    = 48000
	frameTime  = 20 * time.Millisecond
	frameLen   = micRate / 50
	bindLimit  = 10 * time.Second
	bindPoll   = 10 * time.Millisecond
	roomNoise  = 1e-4 // amplitude of the silence between words: a real microphone is never digitally silent
	micBitrate = 32000
)

// microphone sends 20 ms of sound every 20 ms, speech when there is some and room noise otherwise.
type microphone struct {
	track *lk.VoiceTrack
	enc   *codec.OpusEncoder
	done  chan struct{}
	ended chan struct{}
	once  sync.Once
	err   error

	mu     sync.Mutex
	queue  []float32
	spoken chan spoken // result of the current utterance
	began  time.Time
}

type spoken struct {
	start, end time.Time
	err        error
}

// Say publishes the microphone on first use and speaks. It returns when the last sample has been
// sent, with the times at which the first and the last left. pcm is mono at 48 kHz and is not kept.
func (p *Participant) Say(ctx context.Context, pcm []float32) (start, end time.Time, err error) {
	mic, err := p.openMicrophone(ctx)
	if err != nil {
		return start, end, err
	}
	return mic.say(ctx, pcm)
}

// OpenMicrophone publishes the microphone without saying anything.
func (p *Participant) OpenMicrophone(ctx context.Context) error {
	_, err := p.openMicrophone(ctx)
	return err
}

func (p *Participant) openMicrophone(ctx context.Context) (*microphone, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mic != nil {
		return p.mic, nil
	}
	track, err := p.room.PublishVoice("microphone")
	if err != nil {
		return nil, err
	}
	if err := waitBound(ctx, track.Ready); err != nil {
		return nil, fmt.Errorf("microphone: %w", err)
	}
	enc, err := codec.NewOpusEncoder(codec.OpusEncoderConfig{Bitrate: micBitrate, FEC: true, ExpectedLossPercent: 5})
	if err != nil {
		return nil, err
	}
	p.mic = &microphone{track: track, enc: enc, done: make(chan struct{}), ended: make(chan struct{})}
	go p.mic.run()
	return p.mic, nil
}

func waitBound(ctx context.Context, ready func() bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, bindLimit, ErrPublish)
	defer cancel()
	tick := time.NewTicker(bindPoll)
	defer tick.Stop()
	for !ready() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func (m *microphone) say(ctx context.Context, pcm []float32) (start, end time.Time, err error) {
	result := make(chan spoken, 1)
	m.mu.Lock()
	if m.spoken != nil {
		m.mu.Unlock()
		return start, end, fmt.Errorf("microphone is busy with another utterance")
	}
	m.queue = append(m.queue[:0], pcm...)
	m.spoken, m.began = result, time.Time{}
	m.mu.Unlock()
	select {
	case r := <-result:
		return r.start, r.end, r.err
	case <-m.done:
		return start, end, ErrLeft
	case <-ctx.Done():
		m.mu.Lock()
		m.queue, m.spoken = m.queue[:0], nil
		m.mu.Unlock()
		return start, end, context.Cause(ctx)
	}
}

func (m *microphone) run() {
	defer close(m.ended)
	tick := time.NewTicker(frameTime)
	defer tick.Stop()
	noise := rand.New(rand.NewPCG(1, 2)) // noise of a microphone
	begin := time.Now()
	var frame [frameLen]float32
	var packet [codec.MaxOpusPacket]byte
	for n := int64(0); ; {
		select {
		case <-m.done:
			return
		case <-tick.C:
		}
		// A ticker drops ticks on a busy machine; the microphone sends what is due.
		for due := int64(time.Since(begin) / frameTime); n <= due; n++ {
			for i := range frame {
				frame[i] = (noise.Float32()*2 - 1) * roomNoise
			}
			last := m.fill(frame[:])
			size, err := m.enc.Encode(frame[:], packet[:])
			if err == nil {
				err = m.track.WriteOpus(packet[:size], uint32(1<<16+n*frameLen), frameTime) // RTP time wraps
			}
			m.report(last, err)
		}
	}
}

// fill adds the next 20 ms of speech and tells whether the utterance ends with them.
func (m *microphone) fill(frame []float32) (last bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.spoken == nil {
		return false
	}
	if m.began.IsZero() {
		m.began = time.Now()
	}
	n := min(len(frame), len(m.queue))
	for i, v := range m.queue[:n] {
		frame[i] += v
	}
	m.queue = m.queue[n:]
	return len(m.queue) == 0
}

func (m *microphone) report(last bool, err error) {
	if !last && err == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.spoken == nil {
		return
	}
	m.spoken <- spoken{start: m.began, end: time.Now(), err: err}
	m.spoken = nil
}

func (m *microphone) close() error {
	m.once.Do(func() {
		close(m.done)
		<-m.ended
		m.err = m.enc.Close()
	})
	return m.err
}
