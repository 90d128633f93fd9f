package whisper

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/seq2seq"
)

// Options of a model. Zero fields take the defaults beside them.
type Options struct {
	Language string        // of multilingual models: "en"
	Tail     time.Duration // silence behind a clip where the encoder takes any length: 2 s; with 1 s or less some short questions are written twice or lose their last word
	Session  ort.Options   // threads and device
}

// Model transcribes clips. It is safe for concurrent use: clips are transcribed side by side, and
// how many may be is the caller's business.
type Model struct {
	encoder  *ort.Session
	decoder  *seq2seq.Decoder
	features *Features
	rules    *Generation
	vocab    *Vocabulary
	frames   int          // fixed number of frames that the encoder takes, 0 for any
	tail     int          // frames of silence behind a clip
	owned    seq2seq.Pair // closed by Close
}

var _ hearing.Hinted = (*Model)(nil)

// Files is what Open reads beside the two graphs.
type Files struct {
	Encoder, Decoder string // paths of encoder_model.onnx and decoder_model_merged.onnx
	Config           fs.FS  // holds preprocessor_config.json or processor_config.json, generation_config.json and tokenizer.json or vocab.json
}

// Open loads a model. The caller closes it before rt.
func Open(ctx context.Context, rt *ort.Runtime, files Files, opt Options) (*Model, error) {
	pair, err := seq2seq.Load(ctx, rt, "whisper", files.Encoder, files.Decoder, opt.Session)
	if err != nil {
		return nil, err
	}
	m, err := New(pair.Encoder, pair.Decoder, files.Config, opt)
	if err != nil {
		return nil, errors.Join(err, pair.Close())
	}
	m.owned = pair
	return m, nil
}

// New makes a model of sessions that stay their owner's. Errors: ErrConfig, ErrTokenizer,
// hearing.ErrModel, or those of config.
func New(encoder, decoder *ort.Session, config fs.FS, opt Options) (*Model, error) {
	if opt.Language == "" {
		opt.Language = "en"
	}
	if opt.Tail == 0 {
		opt.Tail = 2 * time.Second
	}
	m := &Model{encoder: encoder}
	if err := m.readConfig(config, opt.Language); err != nil {
		return nil, err
	}
	in := encoder.Inputs()
	if len(in) != 1 || in[0].Name != "input_features" || len(in[0].Shape) != 3 || len(encoder.Outputs()) != 1 {
		return nil, fmt.Errorf("%w: whisper: encoder takes %+v", hearing.ErrModel, in)
	}
	if mels := in[0].Shape[1]; mels > 0 && mels != int64(m.features.Mels) {
		return nil, fmt.Errorf("%w: whisper: encoder takes %d mel bands, preprocessor makes %d", hearing.ErrModel, mels, m.features.Mels)
	}
	if fixed := in[0].Shape[2]; fixed > 0 {
		if fixed > int64(m.features.MaxFrames) {
			return nil, fmt.Errorf("%w: whisper: encoder takes %d frames, preprocessor makes %d", hearing.ErrModel, fixed, m.features.MaxFrames)
		}
		m.frames = int(fixed)
	}
	m.tail = int(opt.Tail * hearing.SampleRate / time.Second / time.Duration(m.features.Hop))
	var err error
	if m.decoder, err = seq2seq.New(decoder); err != nil {
		return nil, fmt.Errorf("whisper: %w", err)
	}
	return m, nil
}

// readConfig reads the JSON files.
func (m *Model) readConfig(config fs.FS, language string) error {
	features, err := ReadFeatures(config)
	if err != nil {
		return err
	}
	m.features = features
	data, err := fs.ReadFile(config, "generation_config.json")
	if err != nil {
		return fmt.Errorf("whisper: %w", err)
	}
	if m.rules, err = ParseGeneration(data, language); err != nil {
		return err
	}
	data, err = fs.ReadFile(config, "tokenizer.json")
	if errors.Is(err, fs.ErrNotExist) {
		data, err = fs.ReadFile(config, "vocab.json")
	}
	if err != nil {
		return fmt.Errorf("whisper: %w", err)
	}
	m.vocab, err = ParseVocabulary(data)
	return err
}

// Close releases the sessions that Open loaded, after the clips under way.
func (m *Model) Close() error { return m.owned.Close() }

// Transcribe implements hearing.Transcriber. Clips longer than the model's window are transcribed
// piece by piece. Errors: the context's, hearing.ErrAudio for clips that are empty or not finite,
// hearing.ErrModel, or the session's.
func (m *Model) Transcribe(ctx context.Context, pcm []float32) (hearing.Transcript, error) {
	return m.TranscribeHinted(ctx, pcm, nil)
}

// TranscribeHinted implements hearing.Hinted. Errors are those of Transcribe.
func (m *Model) TranscribeHinted(ctx context.Context, pcm []float32, names []string) (hearing.Transcript, error) {
	if err := seq2seq.CheckClip(pcm, 0); err != nil {
		return hearing.Transcript{}, err
	}
	if err := ctx.Err(); err != nil {
		return hearing.Transcript{}, err
	}
	var all transcript
	for _, piece := range m.pieces(pcm) {
		if err := m.transcribe(ctx, piece, names, &all); err != nil {
			return hearing.Transcript{}, err
		}
	}
	text, err := m.vocab.Text(all.tokens)
	if err != nil {
		return hearing.Transcript{}, err
	}
	return hearing.Transcript{Text: text, Tokens: len(all.tokens), AvgLogProb: all.average(), NoSpeech: all.noSpeech()}, nil
}

// pieces cuts a clip that is longer than the window at its quietest places.
func (m *Model) pieces(pcm []float32) [][]float32 {
	window := m.features.MaxFrames
	if m.frames > 0 {
		window = m.frames
	}
	limit := (window-50)*m.features.Hop - leadSamples // half a second of silence always follows a clip
	var all [][]float32
	for len(pcm) > limit {
		at := quietest(pcm[:limit], limit*2/3)
		all = append(all, pcm[:at])
		pcm = pcm[at:]
	}
	return append(all, pcm)
}

// quietest returns the middle of the quietest 100 ms of pcm behind position from.
func quietest(pcm []float32, from int) int {
	const span = hearing.SampleRate / 10
	best, at := math.Inf(1), len(pcm)
	for start := from; start+span <= len(pcm); start += span / 2 {
		var sum float64
		for _, x := range pcm[start : start+span] {
			sum += float64(x) * float64(x)
		}
		if sum < best {
			best, at = sum, start+span/2
		}
	}
	return at
}

// leadSamples is the silence put before a piece, 0.4 s. A clip that begins in the middle of a
// sound, as the first words of somebody whose microphone has just been opened do, otherwise loses
// its last word or is written twice.
const leadSamples = hearing.SampleRate * 2 / 5

// transcribe appends the tokens of one piece. What comes of names counts only where one of them
// comes out: a text before makes the model surer of everything, also of noise, so all else is
// decoded again without it.
func (m *Model) transcribe(ctx context.Context, pcm []float32, names []string, all *transcript) error {
	pcm = append(make([]float32, leadSamples, leadSamples+len(pcm)), pcm...)
	hidden, err := m.encode(ctx, pcm)
	if err != nil {
		return err
	}
	defer func() { _ = hidden.Close() }()
	if hint := m.hint(names); len(hint) > 0 {
		var hinted transcript
		if err := m.decodePiece(ctx, hidden, len(pcm), hint, &hinted); err != nil {
			return err
		}
		text, err := m.vocab.Text(hinted.tokens)
		if err != nil {
			return err
		}
		if says(text, names) {
			all.join(&hinted)
			return nil
		}
	}
	return m.decodePiece(ctx, hidden, len(pcm), nil, all)
}

// decodePiece appends the tokens that the decoder makes of what the encoder made.
func (m *Model) decodePiece(ctx context.Context, hidden ort.Tensor, samples int, hint []int64, all *transcript) error {
	clip, err := m.decoder.Begin(hidden, nil)
	if err != nil {
		return err
	}
	defer func() { _ = clip.Close() }()
	return m.decode(ctx, clip, samples, hint, all)
}

// encode runs the encoder over the spectrogram of a piece; the caller closes the result.
func (m *Model) encode(ctx context.Context, pcm []float32) (ort.Tensor, error) {
	frames := m.frames
	if frames == 0 {
		frames = (len(pcm)+m.features.Hop-1)/m.features.Hop + m.tail
		frames = min(frames+frames%2, m.features.MaxFrames)
	}
	shape := []int64{1, int64(m.features.Mels), int64(frames)}
	features, err := ort.Float32(shape, m.features.Compute(pcm, frames))
	if err != nil {
		return nil, err
	}
	defer func() { _ = features.Close() }()
	outputs := make([]ort.Tensor, 1)
	if err := m.encoder.Run(ctx, []ort.Tensor{features}, outputs); err != nil {
		return nil, err
	}
	return outputs[0], nil
}
