package tts

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
	"github.com/sensory-agent/sensory-agent/tts/internal/espeak"
)

// Facts of Kokoro-82M v1.0.
const (
	kokoroModel   = "kokoro-82m"
	kokoroWeights = "model_fp16.onnx"
	kokoroRate    = 24000 // Hz
	kokoroRows    = 510   // style rows of a voice: one for each number of tokens
	kokoroStyle   = 256   // numbers in a row
	kokoroLimit   = 509   // tokens of one run without padding; the last row of a voice belongs to it
)

// kokoroVoices lists the English voices: American female and male, British female and male.
func kokoroVoices() []string {
	return []string{
		"af_alloy", "af_aoede", "af_bella", "af_heart", "af_jessica", "af_kore", "af_nicole", "af_nova", "af_river", "af_sarah", "af_sky",
		"am_adam", "am_echo", "am_eric", "am_fenrir", "am_liam", "am_michael", "am_onyx", "am_puck", "am_santa",
		"bf_alice", "bf_emma", "bf_isabella", "bf_lily", "bm_daniel", "bm_fable", "bm_george", "bm_lewis",
	}
}

// english reports whether a voice is named as Kokoro names the English ones: American or British,
// female or male.
func english(name string) bool {
	return len(name) > 3 && strings.ContainsRune("ab", rune(name[0])) && strings.ContainsRune("fm", rune(name[1])) && name[2] == '_'
}

// kokoroGraph runs the model for one clause. The caller owns the samples.
type kokoroGraph interface {
	run(ctx context.Context, ids []int64, style []float32, speed float32) ([]float32, error)
	Close() error
}

type kokoro struct {
	spec    string
	graph   kokoroGraph
	speech  *espeak.Phonemizer
	letters alphabet
	symbols map[rune]int64
	styles  []float32 // kokoroRows × kokoroStyle
	speed   float32
	gate    gate
	log     *slog.Logger
}

var _ Voice = (*kokoro)(nil)

func openKokoro(ctx context.Context, rt *ort.Runtime, c Choice, files Files, o options) (Voice, error) {
	spec, name := c.String(), c.Name
	if !english(name) {
		return nil, &UnknownVoiceError{Spec: spec, Known: KnownVoices(), Why: "only Kokoro's English voices are supported: their names begin with a or b, f or m, and _"}
	}
	model, file := c.Model, "voices/"+name+".bin"
	if model != kokoroModel {
		file = name + ".bin" // somebody's own
	}
	data, err := files.read(spec, model, file)
	if err != nil {
		return nil, err
	}
	styles, err := parseStyles(data)
	if err != nil {
		return nil, &ModelError{Model: model, File: file, Err: err}
	}
	weights, err := files.read(spec, kokoroModel, kokoroWeights)
	if err != nil {
		return nil, err
	}
	symbols, err := parseKokoroSymbols(kokoroTable)
	if err != nil {
		return nil, fmt.Errorf("built-in symbol table: %w", err)
	}
	british, language := name[0] == 'b', "en-us"
	if british {
		language = "en-gb"
	}
	speech, err := espeak.NewPhonemizer(ctx, espeak.Config{Program: o.program, Voice: language, Tie: true})
	if err != nil {
		return nil, err
	}
	k := &kokoro{
		spec: spec, speech: speech, letters: newAlphabet(british), symbols: symbols, styles: styles,
		speed: float32(o.speed), log: o.log,
	}
	if err := k.load(ctx, rt, weights, o); err != nil {
		return nil, errors.Join(wrapModel(kokoroModel, kokoroWeights, err), speech.Close())
	}
	return k, nil
}

// load widens the weights, makes the session and lets the voice say something to itself.
func (k *kokoro) load(ctx context.Context, rt *ort.Runtime, weights []byte, o options) error {
	wide, n, err := onnx.Widen(weights)
	if err != nil {
		return err
	}
	session, err := rt.Load(ctx, ort.Source{Name: kokoroModel + "/" + kokoroWeights, Bytes: wide}, o.session())
	if err != nil {
		return err
	}
	o.log.Debug("kokoro weights widened to single precision", "voice", k.spec, "tensors", n)
	k.graph = &kokoroSession{session}
	g := newGuard(k.spec, kokoroRate, func([]float32) error { return nil })
	if err := k.say(ctx, "Hello.", g); err != nil {
		return errors.Join(err, session.Close())
	}
	return nil
}

// parseStyles reads a voice: little-endian float32, one row of 256 for each number of tokens.
func parseStyles(data []byte) ([]float32, error) {
	if len(data) != 4*kokoroRows*kokoroStyle {
		return nil, fmt.Errorf("%d bytes, want %d", len(data), 4*kokoroRows*kokoroStyle)
	}
	styles := make([]float32, kokoroRows*kokoroStyle)
	for i := range styles {
		styles[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		if v := float64(styles[i]); math.IsNaN(v) || math.Abs(v) > 100 {
			return nil, fmt.Errorf("number %d is %v", i, v)
		}
	}
	return styles, nil
}

func (k *kokoro) Name() string    { return k.spec }
func (k *kokoro) SampleRate() int { return kokoroRate }

// Synthesize implements Voice.
func (k *kokoro) Synthesize(ctx context.Context, clause string, emit func([]float32) error) error {
	leave, err := k.gate.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return k.say(ctx, clause, newGuard(k.spec, kokoroRate, emit))
}

func (k *kokoro) say(ctx context.Context, clause string, g *guard) error {
	ipa, err := transcribe(ctx, k.speech, k.log, clause)
	if err != nil {
		return err
	}
	said := false
	for _, part := range cutPhonemes(k.letters.convert(ipa), kokoroLimit) {
		ids, known := kokoroEncode(k.symbols, part)
		if known == 0 {
			continue
		}
		said = true
		row := k.styles[known*kokoroStyle : (known+1)*kokoroStyle]
		pcm, err := k.graph.run(ctx, ids, row, k.speed)
		if err != nil {
			return err
		}
		if err := g.write(ctx, pcm); err != nil {
			return err
		}
	}
	if !said {
		return ErrNothingToSay
	}
	return g.finish()
}

// Close implements Voice.
func (k *kokoro) Close() error {
	return k.gate.close(func() error { return errors.Join(k.graph.Close(), k.speech.Close()) })
}

// kokoroSession is the graph on ONNX Runtime.
type kokoroSession struct{ session *ort.Session }

func (s *kokoroSession) run(ctx context.Context, ids []int64, style []float32, speed float32) ([]float32, error) {
	var tensors tensorSet
	defer tensors.close()
	byName := map[string]ort.Tensor{
		"input_ids": tensors.int64s([]int64{1, int64(len(ids))}, ids),
		"style":     tensors.float32s([]int64{1, kokoroStyle}, style),
		"speed":     tensors.float32s([]int64{1}, []float32{speed}),
	}
	if tensors.err != nil {
		return nil, tensors.err
	}
	out, err := runNamed(ctx, s.session, byName)
	if err != nil {
		return nil, err
	}
	pcm := slices.Clone(out.Float32s())
	return pcm, out.Close()
}

// Close implements kokoroGraph.
func (s *kokoroSession) Close() error { return s.session.Close() }
