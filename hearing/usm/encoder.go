package usm

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
)

// Names of the tensors of an audio encoder export.
const (
	inputFeatures = "input_features"
	inputMask     = "input_features_mask"
	outputClip    = "audio_features"
)

// Clip is what the audio encoder says about a clip.
type Clip struct {
	Data          []float32 // [Tokens, Hidden]
	Tokens        int
	Hidden        int // width of one token
	Frames, Heard int // of the features, and how many of them were not padding
}

// Session is the part of *ort.Session that an Encoder uses.
type Session interface {
	Inputs() []ort.TensorInfo
	Outputs() []ort.TensorInfo
	Run(ctx context.Context, inputs, outputs []ort.Tensor) error
}

var _ Session = (*ort.Session)(nil)

// Encoder turns clips into tokens. It does not own the session: close that after the last Encode
// has returned. Safe for concurrent use.
type Encoder struct {
	session   Session
	extractor *Extractor
	features  int // positions of the inputs
	mask      int
	output    int
}

// NewEncoder checks that the session is an audio encoder for the extractor's features. Errors:
// hearing.ErrModel.
func NewEncoder(session Session, extractor *Extractor) (*Encoder, error) {
	e := &Encoder{session: session, extractor: extractor, features: -1, mask: -1}
	in, out := session.Inputs(), session.Outputs()
	for i, info := range in {
		switch {
		case info.Name == inputFeatures && info.Type == ort.TypeFloat32 && len(info.Shape) == 3:
			e.features = i
			if bins := info.Shape[2]; bins > 0 && bins != int64(extractor.cfg.Bins) {
				return nil, fmt.Errorf("%w: audio encoder: %s has %d bins, preprocessor_config.json %d", hearing.ErrModel, info.Name, bins, extractor.cfg.Bins)
			}
		case info.Name == inputMask && info.Type == ort.TypeBool && len(info.Shape) == 2:
			e.mask = i
		default:
			return nil, fmt.Errorf("%w: audio encoder: input %s %v%v", hearing.ErrModel, info.Name, info.Type, info.Shape)
		}
	}
	if e.features < 0 || e.mask < 0 {
		return nil, fmt.Errorf("%w: audio encoder: takes %+v, not %s and %s", hearing.ErrModel, in, inputFeatures, inputMask)
	}
	e.output = slices.IndexFunc(out, func(info ort.TensorInfo) bool { return info.Name == outputClip })
	if e.output < 0 || out[e.output].Type != ort.TypeFloat32 {
		return nil, fmt.Errorf("%w: audio encoder: no float output %s", hearing.ErrModel, outputClip)
	}
	return e, nil
}

// Encode returns the tokens of a clip. pcm is only read, and only during the call; ctx is handed to
// the session. Errors: those of [Extractor.Features], hearing.ErrModel for an answer that is no
// clip, the session's.
func (e *Encoder) Encode(ctx context.Context, pcm []float32) (clip *Clip, err error) {
	f, err := e.extractor.Features(pcm)
	if err != nil {
		return nil, err
	}
	inputs, outputs := make([]ort.Tensor, 2), make([]ort.Tensor, len(e.session.Outputs()))
	defer func() {
		for _, tensor := range slices.Concat(inputs, outputs) {
			if tensor != nil {
				err = errors.Join(err, tensor.Close())
			}
		}
	}()
	if inputs[e.features], err = ort.Float32([]int64{1, int64(f.Frames), int64(f.Bins)}, f.Values); err != nil {
		return nil, err
	}
	if inputs[e.mask], err = ort.Bool([]int64{1, int64(f.Frames)}, f.Heard); err != nil {
		return nil, err
	}
	if err := e.session.Run(ctx, inputs, outputs); err != nil {
		return nil, fmt.Errorf("audio encoder: %w", err)
	}
	if clip, err = read(outputs[e.output]); err != nil {
		return nil, err
	}
	clip.Frames = f.Frames
	for _, heard := range f.Heard {
		if heard {
			clip.Heard++
		}
	}
	return clip, nil
}

// read copies the tokens out of the answer and checks them.
func read(tensor ort.Tensor) (*Clip, error) {
	shape := tensor.Shape()
	if len(shape) != 3 || shape[0] != 1 || shape[1] < 1 || shape[2] < 1 {
		return nil, fmt.Errorf("%w: audio encoder: %s is %v, not [1, tokens, width]", hearing.ErrModel, outputClip, shape)
	}
	c := &Clip{Data: slices.Clone(tensor.Float32s()), Tokens: int(shape[1]), Hidden: int(shape[2])}
	for i, value := range c.Data {
		if v := float64(value); math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%w: audio encoder: value %d of %d is %g", hearing.ErrModel, i, len(c.Data), v)
		}
	}
	return c, nil
}
