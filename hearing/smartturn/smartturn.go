package smartturn

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/logmel"
)

// Shape of the features, as the publisher's code computes them.
const (
	mels   = 80
	fft    = 400
	hop    = 160
	frames = 800

	// Samples are what the model hears at most: the last 8 s.
	Samples = frames * hop

	leastVariance = 1e-7 // added to the variance of a clip before it is divided by
)

// Model is the detector. It is safe for concurrent use; how many clips are judged side by side is
// the caller's business.
type Model struct {
	session *ort.Session
	owned   bool
	mel     *logmel.Spectrogram
}

var _ hearing.TurnDetector = (*Model)(nil)

// Open loads the model from its file. The caller closes it before rt.
func Open(ctx context.Context, rt *ort.Runtime, path string, opt ort.Options) (*Model, error) {
	session, err := rt.Load(ctx, ort.Source{Name: "end of turn", Path: path}, opt)
	if err != nil {
		return nil, fmt.Errorf("smart turn: %w", err)
	}
	m, err := New(session)
	if err != nil {
		return nil, errors.Join(err, session.Close())
	}
	m.owned = true
	return m, nil
}

// New checks that a session follows the contract. The session stays its owner's and must outlive
// the model. The error is hearing.ErrModel.
func New(session *ort.Session) (*Model, error) {
	_, err := session.Input("input_features")
	if err == nil {
		_, err = session.Output("logits")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: smart turn: %w", hearing.ErrModel, err)
	}
	if len(session.Inputs()) != 1 || len(session.Outputs()) != 1 {
		return nil, fmt.Errorf("%w: smart turn: %d inputs and %d outputs, want one of each",
			hearing.ErrModel, len(session.Inputs()), len(session.Outputs()))
	}
	return &Model{session: session, mel: logmel.New(mels, fft, hop, hearing.SampleRate)}, nil
}

// Close releases the session that Open loaded. It is idempotent.
func (m *Model) Close() error {
	if !m.owned {
		return nil
	}
	return m.session.Close()
}

// EndOfTurn implements hearing.TurnDetector. Of a clip longer than Samples the end counts. Errors:
// the context's, hearing.ErrAudio for a clip that is empty or not finite, hearing.ErrModel, or the
// session's.
func (m *Model) EndOfTurn(ctx context.Context, pcm []float32) (float32, error) {
	features, err := m.Features(pcm)
	if err != nil {
		return 0, err
	}
	in, err := ort.Float32([]int64{1, mels, frames}, features)
	if err != nil {
		return 0, fmt.Errorf("smart turn: %w", err)
	}
	defer func() { _ = in.Close() }()
	outputs := make([]ort.Tensor, 1)
	if err := m.session.Run(ctx, []ort.Tensor{in}, outputs); err != nil {
		return 0, fmt.Errorf("smart turn: %w", err)
	}
	defer func() { _ = outputs[0].Close() }()
	out := outputs[0].Float32s()
	if len(out) != 1 || !(out[0] >= 0 && out[0] <= 1) {
		return 0, fmt.Errorf("%w: smart turn: probabilities %v", hearing.ErrModel, out)
	}
	return out[0], nil
}

// Features returns the spectrogram [80][800] that the model takes of a clip. The error is
// hearing.ErrAudio.
func (m *Model) Features(pcm []float32) ([]float32, error) {
	if len(pcm) == 0 {
		return nil, fmt.Errorf("%w: smart turn: an empty clip", hearing.ErrAudio)
	}
	clip := make([]float32, Samples)
	pcm = pcm[max(0, len(pcm)-Samples):]
	copy(clip[Samples-len(pcm):], pcm)
	if !scale(clip) {
		return nil, fmt.Errorf("%w: smart turn: samples that are no numbers", hearing.ErrAudio)
	}
	return m.mel.Compute(clip, frames), nil
}

// scale brings a clip to mean 0 and variance 1, silence in front of it included. It reports whether
// all samples are finite.
func scale(clip []float32) bool {
	var sum, squares float64
	for _, x := range clip {
		sum += float64(x)
	}
	mean := sum / float64(len(clip))
	for _, x := range clip {
		d := float64(x) - mean
		squares += d * d
	}
	by := 1 / math.Sqrt(squares/float64(len(clip))+leastVariance)
	if math.IsNaN(by) || math.IsInf(squares, 0) {
		return false
	}
	for i, x := range clip {
		clip[i] = float32((float64(x) - mean) * by)
	}
	return true
}
