package playout

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// SampleRate of all samples, in hertz.
	SampleRate = 48000
	// FrameLength is the duration of one packet.
	FrameLength = 20 * time.Millisecond
	// FrameSamples is the number of samples in one packet.
	FrameSamples = SampleRate / 50
	// MaxQueued is the most speech that waits to be sent.
	MaxQueued = 200 * time.Millisecond

	// MaxRewound is how far a pause goes back at most, to where a word began.
	MaxRewound = 600 * time.Millisecond

	queueSamples = int(MaxQueued/FrameLength) * FrameSamples
	keptSamples  = int(MaxRewound/FrameLength) * FrameSamples
	packetLimit  = 1276                   // bytes; no Opus frame of 20 ms is larger (RFC 6716 section 3.2.1)
	lateLimit    = 100 * time.Millisecond // a pacer that is later than this starts a new schedule instead of bursting
	rampSamples  = FrameSamples / 4       // 5 ms from one gain to the next, so that ducking does not click
)

// ErrClosed means that the player has been closed.
var ErrClosed = errors.New("player is closed")

// ErrFlushed means that what was being written has been thrown away by Flush.
var ErrFlushed = errors.New("speech was flushed")

// ErrEnded means that an utterance was told to end with its clause, and that what was being written
// comes behind that.
var ErrEnded = errors.New("speech ends with its clause")

// Encoder encodes one frame; codec.OpusEncoder is one. It is used by the player's goroutine only.
type Encoder interface {
	Encode(pcm []float32, dst []byte) (int, error)
}

// PacketWriter sends one packet. timestamp is the RTP time of its first sample. The slice is reused
// after the call.
type PacketWriter interface {
	WriteOpus(packet []byte, timestamp uint32, duration time.Duration) error
}

// Mark is called by the player's goroutine when the first sample written after it has been sent. It
// must not block.
type Mark func(at time.Time)

type pendingMark struct {
	at   int64 // samples written before it
	call Mark
}

// Stats counts what a player did.
type Stats struct {
	Packets   uint64 // sent
	Errors    uint64 // packets that the writer refused
	Underruns uint64 // frames filled with silence because the speaker was slower than real time
	Flushed   uint64 // samples thrown away by Flush
	Rewound   uint64 // samples that were sent once more behind a pause
}

// Player paces one voice. All methods are safe from any goroutine.
type Player struct {
	enc Encoder
	out PacketWriter

	mu      sync.Mutex
	queue   []float32 // ring: what waits, and behind its head what was sent last
	head    int
	length  int
	kept    int   // samples of the open utterance that were sent and are still in the ring
	written int64 // samples ever accepted
	sent    int64 // samples ever taken
	epoch   uint64
	open    bool // an utterance is being written: a gap in it is silence, not the end
	begun   bool // the open utterance is being heard
	last    bool // the open utterance ends before its next mark
	over    bool // it has ended: nothing more of it is accepted
	paused  bool // nothing is sent
	fade    bool // the last packet before the pause is due
	sending bool // a packet has been taken and not been sent yet
	sounded time.Time
	gain    float32
	marks   []pendingMark
	stats   Stats
	err     error

	space chan struct{} // signalled when samples were taken
	data  chan struct{} // signalled when samples were written
	idle  chan struct{} // signalled when everything was sent
	done  chan struct{}
	ended chan struct{}
	once  sync.Once
}

// New starts a player. The encoder and the writer belong to it until Close returns.
func New(enc Encoder, out PacketWriter) *Player {
	p := &Player{
		enc: enc, out: out, queue: make([]float32, queueSamples+keptSamples), gain: 1,
		space: make(chan struct{}, 1), data: make(chan struct{}, 1), idle: make(chan struct{}, 1),
		done: make(chan struct{}), ended: make(chan struct{}),
	}
	go p.run()
	return p
}

// Write queues samples and blocks while the queue is full. mark, if any, is called when the first
// of them is sent. Errors: ErrFlushed when Flush came in between, ErrEnded for what comes behind
// the clause that FinishClause ended the utterance with, ErrClosed, the context's.
func (p *Player) Write(ctx context.Context, pcm []float32, mark Mark) error {
	p.mu.Lock()
	epoch := p.epoch
	if p.last && mark != nil {
		p.over = true
	}
	if p.over {
		p.mu.Unlock()
		return ErrEnded
	}
	if mark != nil && len(pcm) > 0 {
		p.marks = append(p.marks, pendingMark{at: p.written, call: mark})
	}
	p.open = true
	for {
		if p.epoch != epoch {
			p.mu.Unlock()
			return ErrFlushed
		}
		if p.over {
			p.mu.Unlock()
			return ErrEnded
		}
		n := p.put(pcm)
		pcm = pcm[n:]
		p.mu.Unlock()
		if n > 0 {
			poke(p.data)
		}
		if len(pcm) == 0 {
			return nil
		}
		select {
		case <-p.space:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-p.done:
			return ErrClosed
		}
		p.mu.Lock()
	}
}

// put copies what fits; the caller holds mu.
func (p *Player) put(pcm []float32) int {
	n := max(0, min(len(pcm), queueSamples-p.length))
	tail := (p.head + p.length) % len(p.queue)
	first := copy(p.queue[tail:], pcm[:n])
	copy(p.queue, pcm[first:n])
	p.length += n
	p.written += int64(n)
	p.kept = min(p.kept, len(p.queue)-p.length)
	return n
}

// Finish says that the utterance is complete: what is left in the queue is sent, the last packet
// padded with silence.
func (p *Player) Finish() {
	p.mu.Lock()
	p.open, p.last, p.over = false, false, false
	p.mu.Unlock()
	poke(p.data)
}

// FinishClause has the open utterance end before its next mark: what is queued behind it is thrown
// away, and a Write of it, one that waits too, returns ErrEnded until Finish, which the speaker
// calls as ever. What was written before the mark is heard to its end. heard is whether any of the
// utterance has been heard, cut whether something was thrown away.
func (p *Player) FinishClause() (heard, cut bool) {
	p.mu.Lock()
	p.last, heard = true, p.begun
	if cut = len(p.marks) > 0; cut {
		behind := int(p.written - p.marks[0].at)
		p.length -= behind
		p.written -= int64(behind)
		p.stats.Flushed += uint64(behind) // marks lie before what was written
		p.marks, p.over = p.marks[:0], true
	}
	empty := p.length == 0
	p.mu.Unlock()
	poke(p.space)
	if empty {
		poke(p.idle)
	}
	return heard, cut
}

// Drain waits until everything that was written has been sent and its marks have been called.
func (p *Player) Drain(ctx context.Context) error {
	for {
		p.mu.Lock()
		sent := p.length == 0 && !p.sending
		p.mu.Unlock()
		if sent {
			return nil
		}
		select {
		case <-p.idle:
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-p.done:
			return ErrClosed
		}
	}
}

// Flush throws away what is queued; a Write that is waiting returns ErrFlushed. At most the packet
// that is being sent is still heard.
func (p *Player) Flush() {
	p.mu.Lock()
	p.epoch++
	p.stats.Flushed += uint64(p.length) // a queue length is not negative
	p.written -= int64(p.length)
	p.length, p.open, p.begun, p.marks = 0, false, false, p.marks[:0]
	p.last, p.over, p.paused, p.fade, p.kept = false, false, false, false, 0
	p.mu.Unlock()
	poke(p.space)
	poke(p.idle)
}

// Sounded is when the last packet of an utterance left, the silence that fills gaps left out; zero
// before the first one. A packet that the writer refused has not left.
func (p *Player) Sounded() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sounded
}

// SetGain sets the loudness: 1 is as written, 0 silence. The change takes 5 ms.
func (p *Player) SetGain(g float32) {
	p.mu.Lock()
	p.gain = g
	p.mu.Unlock()
}

// Queued returns the duration of what is waiting to be sent.
func (p *Player) Queued() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Duration(p.length) * time.Second / SampleRate
}

// Stats returns the counters so far.
func (p *Player) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stats
}

// Close ends the player's goroutine without sending what is queued. It is idempotent and returns
// the first error of the writer or the encoder.
func (p *Player) Close() error {
	p.once.Do(func() { close(p.done) })
	<-p.ended
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return fmt.Errorf("playout: %w", p.err)
	}
	return nil
}

func poke(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
