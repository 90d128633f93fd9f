package tts

import (
	"context"
	"math"
)

// Limits of what may go on air.
const (
	// silenceFloor is the RMS of a 20 ms window below which it counts as silence: -50 dBFS. Speech
	// of all three engines lies 25 dB above.
	silenceFloor = 0.00316
	// limiterKnee is the amplitude above which peaks are bent so that they stay below 1.
	limiterKnee = 0.85
)

// guard stands between a model and emit: it refuses samples that are not numbers, holds leading
// silence back, bends peaks, cuts the stream into pieces of at most 100 ms and watches the context.
// One goroutine uses it, for one clause.
type guard struct {
	voice string
	piece int // samples of 100 ms
	frame int // samples of 20 ms
	emit  func([]float32) error

	seen   int       // samples that came in
	held   []float32 // silence not emitted yet; at most what a model gives before the first sound
	begun  bool      // sound was heard and emitted
	window float64   // sum of squares in the current frame
	filled int       // samples in the current frame
}

func newGuard(voice string, rate int, emit func([]float32) error) *guard {
	return &guard{voice: voice, piece: rate / 10, frame: rate / 50, emit: emit}
}

// write takes the next samples of the clause. It does not keep pcm.
func (g *guard) write(ctx context.Context, pcm []float32) error {
	for i, v := range pcm {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return &OutputError{Voice: g.voice, Sample: g.seen + i, Err: ErrNotFinite}
		}
	}
	g.seen += len(pcm)
	if !g.begun {
		g.held = append(g.held, pcm...)
		onset := g.onset(len(g.held) - len(pcm))
		if onset < 0 {
			return nil
		}
		g.begun = true
		pcm, g.held = g.held[max(0, onset-g.frame):], nil
	}
	for len(pcm) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(len(pcm), g.piece)
		out := make([]float32, n)
		for i, v := range pcm[:n] {
			out[i] = limit(v)
		}
		if err := g.emit(out); err != nil {
			return err
		}
		pcm = pcm[n:]
	}
	return nil
}

// onset looks for the first frame with sound in what is held, from sample start on, and returns
// where it begins, or -1.
func (g *guard) onset(start int) int {
	for i := start; i < len(g.held); i++ {
		v := float64(g.held[i])
		g.window += v * v
		g.filled++
		if g.filled < g.frame {
			continue
		}
		loud := g.window >= silenceFloor*silenceFloor*float64(g.frame)
		g.window, g.filled = 0, 0
		if loud {
			return i + 1 - g.frame
		}
	}
	return -1
}

// finish answers whether the clause was audible.
func (g *guard) finish() error {
	if !g.begun {
		return &OutputError{Voice: g.voice, Err: ErrSilent}
	}
	return nil
}

// limit keeps a sample below 1 in size: linear up to the knee, bent smoothly above.
func limit(v float32) float32 {
	a := v
	if a < 0 {
		a = -a
	}
	if a <= limiterKnee {
		return v
	}
	const room = 1 - limiterKnee
	bent := float32(limiterKnee + room*math.Tanh(float64(a-limiterKnee)/room))
	bent = min(bent, 0.9999)
	if v < 0 {
		return -bent
	}
	return bent
}
