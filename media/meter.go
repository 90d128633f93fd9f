package media

import (
	"math"
	"sync"
	"sync/atomic"
)

// Meter measures how loud a sound is while somebody wants to know; else it costs a look at a
// number. The zero value measures nothing. One goroutine writes, any may read.
type Meter struct {
	wanted *atomic.Int32
	window int // samples that a peak is of

	mu         sync.Mutex
	squares    float64
	samples    int64
	peak, last float32 // of the window that is being filled, and of the one before
	filled     int
}

// NewMeter returns a meter of so many samples a second that measures while wanted is above 0.
func NewMeter(wanted *atomic.Int32, rate int) *Meter {
	return &Meter{wanted: wanted, window: rate / 10}
}

// Loudness is what a meter has measured since it was made. Two of them say what came between.
type Loudness struct {
	Squares float64
	Samples int64
	Peak    float32 // of the latest 100 to 200 ms
}

// RMS is the root mean square of what came after another reading; 0 where nothing did.
func (l Loudness) RMS(after Loudness) float32 {
	n := l.Samples - after.Samples
	if n <= 0 {
		return 0
	}
	return float32(math.Sqrt(max(0, l.Squares-after.Squares) / float64(n)))
}

// Add measures samples of −1 to 1. It allocates nothing.
func (m *Meter) Add(pcm []float32) {
	if m == nil || m.wanted == nil || m.wanted.Load() <= 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range pcm {
		m.squares += float64(v) * float64(v)
		m.peak = max(m.peak, v, -v)
	}
	m.samples += int64(len(pcm))
	if m.filled += len(pcm); m.filled >= m.window {
		m.last, m.peak, m.filled = m.peak, 0, 0
	}
}

// Read returns what was measured.
func (m *Meter) Read() Loudness {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Loudness{Squares: m.squares, Samples: m.samples, Peak: max(m.peak, m.last)}
}
