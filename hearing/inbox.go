package hearing

import (
	"sync"
	"time"
)

// inboxChunks bounds how many Write calls can wait; 256 chunks of 20 ms are more than the samples
// hold.
const inboxChunks = 256

// chunk describes the samples of one Write, or what is left of them.
type chunk struct {
	samples  int
	media    time.Duration // of the first sample
	captured time.Time     // of the first sample
}

// inbox is the bounded queue between Write and the listener's goroutine. A full inbox drops its
// oldest chunks.
type inbox struct {
	ready chan struct{} // holds one token when something may be waiting that is worth it

	mu      sync.Mutex
	pcm     []float32 // ring
	head    int       // oldest sample
	size    int
	chunks  [inboxChunks]chunk // ring
	first   int                // oldest chunk
	count   int
	ended   bool
	need    int    // samples without which there is nothing to do
	dropped uint64 // samples
}

func newInbox(samples int) *inbox {
	return &inbox{ready: make(chan struct{}, 1), pcm: make([]float32, samples)}
}

// put copies pcm in. It never blocks. Of a write longer than the inbox only the end is kept. After
// end nothing is taken.
func (b *inbox) put(pcm []float32, media time.Duration, captured time.Time) {
	if len(pcm) == 0 {
		return
	}
	b.mu.Lock()
	if b.ended {
		b.dropped += uint64(len(pcm))
		b.mu.Unlock()
		return
	}
	if extra := len(pcm) - len(b.pcm); extra > 0 {
		b.dropped += uint64(extra)
		pcm = pcm[extra:]
		media += durationOf(int64(extra))
		captured = captured.Add(durationOf(int64(extra)))
	}
	for b.count == inboxChunks || len(b.pcm)-b.size < len(pcm) {
		oldest := b.chunks[b.first].samples
		b.dropped += uint64(oldest)
		b.skip(oldest)
	}
	tail := (b.head + b.size) % len(b.pcm)
	n := copy(b.pcm[tail:], pcm)
	copy(b.pcm, pcm[n:])
	b.size += len(pcm)
	b.chunks[(b.first+b.count)%inboxChunks] = chunk{samples: len(pcm), media: media, captured: captured}
	b.count++
	enough := b.size >= b.need || b.count >= inboxChunks/2
	b.mu.Unlock()
	if enough {
		b.wake()
	}
}

// want says how many samples there must be for the listener to have something to do: a wake-up
// costs more than what it does with fewer.
func (b *inbox) want(samples int) {
	b.mu.Lock()
	b.need = min(samples, len(b.pcm)/2) // two writes of that many always find room
	enough := b.size > 0 && b.size >= samples
	b.mu.Unlock()
	if enough {
		b.wake()
	}
}

// take copies at most len(dst) samples of the oldest chunk and describes them. No samples mean that
// the inbox is empty; ended then says whether more can come.
func (b *inbox) take(dst []float32) (got chunk, ended bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.count == 0 {
		return chunk{}, b.ended
	}
	got = b.chunks[b.first]
	got.samples = min(got.samples, len(dst))
	n := copy(dst[:got.samples], b.pcm[b.head:])
	copy(dst[n:got.samples], b.pcm)
	b.skip(got.samples)
	return got, false
}

// skip removes n samples of the oldest chunk.
func (b *inbox) skip(n int) {
	c := &b.chunks[b.first]
	b.head = (b.head + n) % len(b.pcm)
	b.size -= n
	c.samples -= n
	c.media += durationOf(int64(n))
	c.captured = c.captured.Add(durationOf(int64(n)))
	if c.samples == 0 {
		b.first = (b.first + 1) % inboxChunks
		b.count--
	}
}

// end refuses everything from now on; what waits is still handed out.
func (b *inbox) end() {
	b.mu.Lock()
	b.ended = true
	b.mu.Unlock()
	b.wake()
}

func (b *inbox) wake() {
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

func (b *inbox) drops() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dropped
}
