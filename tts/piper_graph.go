package tts

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// piperGraph runs a Piper model for one clause and passes its samples on in order. yield does not
// keep the slice.
type piperGraph interface {
	run(ctx context.Context, ids []int64, scales [3]float32, yield func([]float32) error) error
	Close() error
}

// wholeGraph runs the model as it is: all samples at once.
type wholeGraph struct{ session *ort.Session }

func (w *wholeGraph) run(ctx context.Context, ids []int64, scales [3]float32, yield func([]float32) error) error {
	out, err := runText(ctx, w.session, ids, scales)
	if err != nil {
		return err
	}
	return errors.Join(yield(out.Float32s()), out.Close())
}

// Close implements piperGraph.
func (w *wholeGraph) Close() error { return w.session.Close() }

// runText runs a session that takes ids, their number and scales and has one float output, which
// the caller closes.
func runText(ctx context.Context, s *ort.Session, ids []int64, scales [3]float32) (ort.Tensor, error) {
	var tensors tensorSet
	defer tensors.close()
	n := int64(len(ids))
	byName := map[string]ort.Tensor{
		"input":         tensors.int64s([]int64{1, n}, ids),
		"input_lengths": tensors.int64s([]int64{1}, []int64{n}),
		"scales":        tensors.float32s([]int64{3}, scales[:]),
	}
	if tensors.err != nil {
		return nil, tensors.err
	}
	return runNamed(ctx, s, byName)
}

// runNamed runs a session with inputs by name and returns its only output, a float tensor that the
// caller closes.
func runNamed(ctx context.Context, s *ort.Session, byName map[string]ort.Tensor) (ort.Tensor, error) {
	in := make([]ort.Tensor, len(s.Inputs()))
	for i, info := range s.Inputs() {
		t, ok := byName[info.Name]
		if !ok {
			return nil, fmt.Errorf("%s wants an input called %q", s.Name(), info.Name)
		}
		in[i] = t
	}
	out := make([]ort.Tensor, 1)
	if err := s.Run(ctx, in, out); err != nil {
		return nil, err
	}
	if out[0].Type() != ort.TypeFloat32 {
		return nil, errors.Join(fmt.Errorf("%s gave %s samples", s.Name(), out[0].Type()), out[0].Close())
	}
	return out[0], nil
}

// Frames of one piece that the vocoder makes. The first is small so that it is heard early; each is
// twice as long as the one before, so that the context computed twice weighs less and playback
// stays ahead.
const (
	firstFrames = 20
	mostFrames  = 160
)

// contexts are the numbers of frames computed on either side of a piece, tried in order when a
// voice is opened. Ten make the pieces of a medium voice equal the whole; voices of high quality
// have larger kernels.
func contexts() []int { return []int{10, 16, 24, 40} }

// cutGraph runs text encoder and flow once and the vocoder piece by piece.
type cutGraph struct {
	head, tail *ort.Session
	cut        string
	channels   int
	hop        int // samples a frame, learned by probe
	context    int // frames on either side of a piece, learned by probe
}

// latent holds the frames of one clause, channel by channel.
type latent struct {
	tensor   ort.Tensor
	data     []float32 // channels × frames
	channels int
	frames   int
}

// columns copies frames from..to of all channels into dst.
func (l *latent) columns(dst []float32, from, to int) []float32 {
	dst = dst[:0]
	for c := range l.channels {
		dst = append(dst, l.data[c*l.frames+from:c*l.frames+to]...)
	}
	return dst
}

func (g *cutGraph) encode(ctx context.Context, ids []int64, scales [3]float32) (*latent, error) {
	t, err := runText(ctx, g.head, ids, scales)
	if err != nil {
		return nil, err
	}
	shape := t.Shape()
	if len(shape) != 3 || shape[0] != 1 || shape[1] != int64(g.channels) || shape[2] < 1 {
		return nil, errors.Join(fmt.Errorf("encoder gave a tensor of shape %v", shape), t.Close())
	}
	return &latent{tensor: t, data: t.Float32s(), channels: g.channels, frames: int(shape[2])}, nil
}

// decode makes the samples of n frames, laid out channel by channel. The caller closes the tensor.
func (g *cutGraph) decode(ctx context.Context, window []float32, n int) (ort.Tensor, error) {
	var tensors tensorSet
	defer tensors.close()
	in := tensors.float32s([]int64{1, int64(g.channels), int64(n)}, window)
	if tensors.err != nil {
		return nil, tensors.err
	}
	out, err := runNamed(ctx, g.tail, map[string]ort.Tensor{g.cut: in})
	if err != nil {
		return nil, err
	}
	if g.hop > 0 && out.Len() != n*g.hop {
		return nil, errors.Join(fmt.Errorf("vocoder gave %d samples for %d frames", out.Len(), n), out.Close())
	}
	return out, nil
}

func (g *cutGraph) run(ctx context.Context, ids []int64, scales [3]float32, yield func([]float32) error) error {
	l, err := g.encode(ctx, ids, scales)
	if err != nil {
		return err
	}
	defer func() { _ = l.tensor.Close() }()
	window := make([]float32, 0, g.channels*min(l.frames, mostFrames+2*g.context))
	size := firstFrames
	for from := 0; from < l.frames; {
		to := min(from+size, l.frames)
		if rest := l.frames - to; rest < size/2 { // no tiny last piece
			to = l.frames
		}
		lo, hi := max(0, from-g.context), min(l.frames, to+g.context)
		window = l.columns(window, lo, hi)
		out, err := g.decode(ctx, window, hi-lo)
		if err != nil {
			return err
		}
		err = yield(out.Float32s()[(from-lo)*g.hop : (to-lo)*g.hop])
		if err := errors.Join(err, out.Close()); err != nil {
			return err
		}
		from, size = to, min(2*size, mostFrames)
	}
	return nil
}

// pieceTolerance is the largest difference allowed between a sample made in a piece and made in the
// whole: -80 dBFS.
const pieceTolerance = 1e-4

// probe learns samples per frame and the context that makes pieces equal the whole. It returns the
// whole's samples.
func (g *cutGraph) probe(ctx context.Context, ids []int64, scales [3]float32) ([]float32, error) {
	l, err := g.encode(ctx, ids, scales)
	if err != nil {
		return nil, err
	}
	defer func() { _ = l.tensor.Close() }()
	out, err := g.decode(ctx, l.columns(nil, 0, l.frames), l.frames)
	if err != nil {
		return nil, err
	}
	whole := append([]float32(nil), out.Float32s()...)
	if err := out.Close(); err != nil {
		return nil, err
	}
	if len(whole) == 0 || len(whole)%l.frames != 0 {
		return nil, fmt.Errorf("vocoder gave %d samples for %d frames", len(whole), l.frames)
	}
	g.hop = len(whole) / l.frames
	for _, c := range contexts() {
		ok, err := g.equal(ctx, l, whole, c)
		if err != nil {
			return nil, err
		}
		if ok {
			g.context = c
			return whole, nil
		}
	}
	return nil, fmt.Errorf("vocoder needs more than %d frames of context", contexts()[len(contexts())-1])
}

// equal compares a piece in the middle of the clause with the same samples of the whole.
func (g *cutGraph) equal(ctx context.Context, l *latent, whole []float32, around int) (bool, error) {
	mid := l.frames / 2
	from, to := max(0, mid-2), min(l.frames, mid+2)
	lo, hi := max(0, from-around), min(l.frames, to+around)
	out, err := g.decode(ctx, l.columns(nil, lo, hi), hi-lo)
	if err != nil {
		return false, err
	}
	piece := out.Float32s()[(from-lo)*g.hop : (to-lo)*g.hop]
	same := true
	for i, v := range piece {
		if math.Abs(float64(v-whole[from*g.hop+i])) > pieceTolerance {
			same = false
			break
		}
	}
	return same, out.Close()
}

// Close implements piperGraph.
func (g *cutGraph) Close() error { return errors.Join(g.head.Close(), g.tail.Close()) }
