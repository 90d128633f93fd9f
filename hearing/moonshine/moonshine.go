package moonshine

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/seq2seq"
)

const (
	startToken = 1
	endToken   = 2

	minSamples      = hearing.SampleRate      // shorter clips are padded with silence: the model was not trained on them
	maxSamples      = 64 * hearing.SampleRate // longer clips are refused
	tokensPerSecond = 6.5                     // upper bound of the publisher: more is a loop
)

// Files names what a model consists of.
type Files struct {
	Encoder, Decoder string // encoder_model.ort, decoder_model_merged.ort; .onnx as well
	Tokenizer        []byte // bytes of tokenizer.bin
}

// Model transcribes clips. It is safe for concurrent use: clips are transcribed side by side, and
// how many may be is the caller's business.
type Model struct {
	encoder *ort.Session
	decoder *seq2seq.Decoder
	values  int // input positions of the encoder
	mask    int // -1 where there is none
	vocab   *Vocabulary
	owned   seq2seq.Pair // closed by Close
}

var _ hearing.Transcriber = (*Model)(nil)

// Open loads the model. The caller closes it before rt.
func Open(ctx context.Context, rt *ort.Runtime, files Files, opt ort.Options) (*Model, error) {
	pair, err := seq2seq.Load(ctx, rt, "moonshine", files.Encoder, files.Decoder, opt)
	if err != nil {
		return nil, err
	}
	m, err := New(pair.Encoder, pair.Decoder, files.Tokenizer)
	if err != nil {
		return nil, errors.Join(err, pair.Close())
	}
	m.owned = pair
	return m, nil
}

// New makes a model of sessions that stay their owner's. The error is hearing.ErrModel or
// ErrTokenizer.
func New(encoder, decoder *ort.Session, tokenizer []byte) (*Model, error) {
	m := &Model{encoder: encoder, mask: -1}
	var err error
	if m.values, err = encoder.Input("input_values"); err != nil {
		return nil, fmt.Errorf("%w: moonshine: %w", hearing.ErrModel, err)
	}
	if at, err := encoder.Input("attention_mask"); err == nil {
		m.mask = at
	}
	if len(encoder.Outputs()) != 1 {
		return nil, fmt.Errorf("%w: moonshine: encoder has %d outputs", hearing.ErrModel, len(encoder.Outputs()))
	}
	if m.decoder, err = seq2seq.New(decoder); err != nil {
		return nil, fmt.Errorf("moonshine: %w", err)
	}
	if m.vocab, err = ParseVocabulary(tokenizer); err != nil {
		return nil, err
	}
	return m, nil
}

// Close releases the sessions that Open loaded, after the clips under way.
func (m *Model) Close() error { return m.owned.Close() }

// Transcribe implements hearing.Transcriber for clips of up to 64 s. Errors: the context's,
// hearing.ErrAudio for clips that are empty, too long or not finite, hearing.ErrModel, or the
// session's.
func (m *Model) Transcribe(ctx context.Context, pcm []float32) (hearing.Transcript, error) {
	if err := seq2seq.CheckClip(pcm, maxSamples); err != nil {
		return hearing.Transcript{}, err
	}
	if err := ctx.Err(); err != nil {
		return hearing.Transcript{}, err
	}
	return m.transcribe(ctx, pad(pcm))
}

// pad returns pcm, or a copy with silence behind it when it is shorter than the model likes.
func pad(pcm []float32) []float32 {
	if len(pcm) >= minSamples {
		return pcm
	}
	padded := make([]float32, minSamples)
	copy(padded, pcm)
	return padded
}

// transcribe encodes and decodes a clip of at least a second.
func (m *Model) transcribe(ctx context.Context, pcm []float32) (hearing.Transcript, error) {
	ones := make([]int64, len(pcm))
	for i := range ones {
		ones[i] = 1
	}
	mask, err := ort.Int64([]int64{1, int64(len(ones))}, ones)
	if err != nil {
		return hearing.Transcript{}, err
	}
	defer func() { _ = mask.Close() }()
	hidden, err := m.encode(ctx, pcm, mask)
	if err != nil {
		return hearing.Transcript{}, err
	}
	defer func() { _ = hidden.Close() }()
	clip, err := m.decoder.Begin(hidden, mask)
	if err != nil {
		return hearing.Transcript{}, err
	}
	defer func() { _ = clip.Close() }()
	limit := int(math.Ceil(float64(len(pcm)) / hearing.SampleRate * tokensPerSecond))
	tokens, logProb, err := decode(ctx, clip, limit)
	if err != nil {
		return hearing.Transcript{}, err
	}
	text, err := m.vocab.Text(tokens)
	if err != nil {
		return hearing.Transcript{}, err
	}
	return hearing.Transcript{Text: text, Tokens: len(tokens), AvgLogProb: logProb}, nil
}

// encode runs the encoder; the caller closes the result.
func (m *Model) encode(ctx context.Context, pcm []float32, mask ort.Tensor) (ort.Tensor, error) {
	values, err := ort.Float32([]int64{1, int64(len(pcm))}, pcm)
	if err != nil {
		return nil, err
	}
	defer func() { _ = values.Close() }()
	inputs := make([]ort.Tensor, len(m.encoder.Inputs()))
	inputs[m.values] = values
	if m.mask >= 0 {
		inputs[m.mask] = mask
	}
	outputs := make([]ort.Tensor, 1)
	if err := m.encoder.Run(ctx, inputs, outputs); err != nil {
		return nil, err
	}
	return outputs[0], nil
}

// decode picks the best token until the end token, the limit, or a loop, which is cut.
func decode(ctx context.Context, clip *seq2seq.Clip, limit int) (tokens []int, avgLogProb float32, err error) {
	feed := []int64{startToken}
	var sum float64
	for len(tokens) < limit {
		var token int
		var logProb float32
		var ok bool
		if err := clip.Step(ctx, feed, func(rows seq2seq.Logits) { token, logProb, ok = seq2seq.Best(rows.Last()) }); err != nil {
			return nil, 0, err
		}
		if !ok {
			return nil, 0, fmt.Errorf("%w: moonshine: logits are not numbers", hearing.ErrModel)
		}
		if token == endToken {
			break
		}
		tokens = append(tokens, token)
		sum += float64(logProb)
		if keep, loop := seq2seq.Loop(tokens); loop {
			return tokens[:keep], float32(sum / float64(len(tokens))), nil
		}
		feed[0] = int64(token)
	}
	if len(tokens) > 0 {
		avgLogProb = float32(sum / float64(len(tokens)))
	}
	return tokens, avgLogProb, nil
}
