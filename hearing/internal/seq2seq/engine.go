package seq2seq

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// Pair is the two sessions of a model.
type Pair struct{ Encoder, Decoder *ort.Session }

// Load opens the graphs of a model by their paths. The caller closes the pair before rt. Errors
// begin with name.
func Load(ctx context.Context, rt *ort.Runtime, name, encoder, decoder string, opt ort.Options) (Pair, error) {
	var p Pair
	var err error
	if p.Encoder, err = rt.Load(ctx, ort.Source{Name: name + " encoder", Path: encoder}, opt); err != nil {
		return Pair{}, fmt.Errorf("%s: %w", name, err)
	}
	if p.Decoder, err = rt.Load(ctx, ort.Source{Name: name + " decoder", Path: decoder}, opt); err != nil {
		return Pair{}, errors.Join(fmt.Errorf("%s: %w", name, err), p.Encoder.Close())
	}
	return p, nil
}

// Close closes the sessions there are, after the runs under way.
func (p Pair) Close() error {
	var errs []error
	for _, s := range []*ort.Session{p.Encoder, p.Decoder} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}

// CheckClip returns hearing.ErrAudio for a clip that is empty, longer than longest samples (0: any
// length), or not finite.
func CheckClip(pcm []float32, longest int) error {
	if len(pcm) == 0 || longest > 0 && len(pcm) > longest {
		return fmt.Errorf("%w: a clip of %d samples", hearing.ErrAudio, len(pcm))
	}
	for i, x := range pcm {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("%w: sample %d is %v", hearing.ErrAudio, i, x)
		}
	}
	return nil
}
