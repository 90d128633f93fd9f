package hearing

import "time"

// tape keeps the latest audio of a stream, from a position that its owner sets, and the media and
// capture time of its samples. Positions count samples from the start of the stream, silence that
// was put in included. One goroutine owns it.
type tape struct {
	pcm  []float32
	base int64 // position of pcm[0]

	anchors [64]anchor // ring of the latest
	count   int        // anchors ever set
}

// anchor ties a position to the clocks.
type anchor struct {
	at       int64
	media    time.Duration
	captured time.Time
}

// end returns the position behind the last sample.
func (t *tape) end() int64 { return t.base + int64(len(t.pcm)) }

// add appends samples.
func (t *tape) add(pcm []float32) { t.pcm = append(t.pcm, pcm...) }

// fill appends n samples of silence.
func (t *tape) fill(n int) {
	for range n {
		t.pcm = append(t.pcm, 0)
	}
}

// keep forgets what lies before position at least. It moves samples only when as much can go as
// stays, so that keeping a steady length costs one copy a sample and no allocation.
func (t *tape) keep(at int64) {
	gone := at - t.base
	if gone <= 0 || gone < int64(len(t.pcm))-gone {
		return
	}
	gone = min(gone, int64(len(t.pcm)))
	rest := copy(t.pcm, t.pcm[gone:])
	t.pcm = t.pcm[:rest]
	t.base += gone
	if small := 4 * SampleRate; cap(t.pcm) > 2*small && rest < small {
		t.pcm = append(make([]float32, 0, small), t.pcm...)
	}
}

// copyFrom appends the samples from position at to the end to dst, which it may grow.
func (t *tape) copyFrom(at int64, dst []float32) []float32 {
	return append(dst, t.pcm[max(0, min(at-t.base, int64(len(t.pcm)))):]...)
}

// anchor ties the position behind the last sample to the clocks.
func (t *tape) anchor(media time.Duration, captured time.Time) {
	t.anchors[t.count%len(t.anchors)] = anchor{at: t.end(), media: media, captured: captured}
	t.count++
}

// next returns the media time that the sample behind the last one should have.
func (t *tape) next() (time.Duration, bool) {
	if t.count == 0 {
		return 0, false
	}
	media, _ := t.when(t.end())
	return media, true
}

// when returns the media and capture time of a position: by the latest anchor before it, or the
// oldest one known.
func (t *tape) when(at int64) (time.Duration, time.Time) {
	var best anchor
	for i := t.count - 1; i >= max(0, t.count-len(t.anchors)); i-- {
		best = t.anchors[i%len(t.anchors)]
		if best.at <= at {
			break
		}
	}
	shift := durationOf(at - best.at)
	return best.media + shift, best.captured.Add(shift)
}
