package tts

import (
	"bytes"
	"encoding/binary"
	"errors"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// tinyKokoro writes a model with the inputs and the output of Kokoro: a wave of 2000 samples for
// each token, as loud as the first number of the style divided by the speed.
func tinyKokoro(t *testing.T, ids string) []byte {
	t.Helper()
	b := onnx.NewBuilder("tiny")
	n := b.Input(ids, onnx.Int64, onnx.Fixed(1), onnx.Free("n"))
	style := b.Input("style", onnx.Float32, onnx.Fixed(1), onnx.Fixed(kokoroStyle))
	speed := b.Input("speed", onnx.Float32, onnx.Fixed(1))
	wave := make([]float32, 2000)
	for i := range wave {
		wave[i] = float32(math.Sin(float64(i) / 5))
	}
	loud := b.Op("Div", []string{b.Op("Gather", []string{style, b.Scalar(0)}, onnx.Int("axis", 1)), speed})
	each := b.Op("Expand", []string{b.Constant(onnx.Float32s("wave", wave, 1, 2000)), b.Op("Concat", []string{b.SizeVector(n, 1), b.Ints(1)}, onnx.Int("axis", 0))})
	b.Name(b.Op("Reshape", []string{b.Op("Mul", []string{each, loud}), b.Ints(-1)}), "waveform")
	b.Output("waveform", onnx.Float32, onnx.Free("samples"))
	data, err := b.Model(8, 17, "").Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// tinyKokoroFiles are an installed Kokoro whose style rows begin with the number of their tokens
// over a hundred; row 0 is silent.
func tinyKokoroFiles(t *testing.T, model []byte, voices ...string) Files {
	t.Helper()
	styles := make([]byte, 4*kokoroRows*kokoroStyle)
	for row := range kokoroRows {
		binary.LittleEndian.PutUint32(styles[4*row*kokoroStyle:], math.Float32bits(float32(row)/100))
	}
	dir := t.TempDir()
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "kokoro-82m", "voices"), 0o750), os.WriteFile(filepath.Join(dir, "kokoro-82m", "model_fp16.onnx"), model, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, v := range voices {
		if err := os.WriteFile(filepath.Join(dir, "kokoro-82m", "voices", v+".bin"), styles, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return FilesIn(dir)
}

// TestTinyKokoro opens American and British voices on a model that shows what it was given.
func TestTinyKokoro(t *testing.T) {
	rt := tinyRuntime(t)
	files := tinyKokoroFiles(t, tinyKokoro(t, "input_ids"), "af_sky", "bm_lewis")
	for name, language := range map[string]string{"af_sky": "en-us", "bm_lewis": "en-gb"} {
		var log bytes.Buffer
		v, err := Open(t.Context(), rt, "kokoro:"+name, files, WithSpeed(2), WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
		if err != nil {
			t.Fatal(err)
		}
		if v.Name() != "kokoro:"+name || v.SampleRate() != 24000 || v.(*kokoro).speech.Voice() != language || !strings.Contains(log.String(), "tensors=0") {
			t.Errorf("%s at %d Hz in %s, log %s", v.Name(), v.SampleRate(), v.(*kokoro).speech.Voice(), log.String())
		}
		pcm := heard(t, v, "Yes.")
		tokens := len(pcm)/2000 - 2
		loudest := float32(0)
		for _, s := range pcm {
			loudest = max(loudest, s)
		}
		if len(pcm)%2000 != 0 || tokens < 3 || math.Abs(float64(loudest)-float64(tokens)/200) > 1e-3 {
			t.Errorf("%s: %d samples, loudest %v", name, len(pcm), loudest)
		}
		closed(t, v)
		if _, err := v.(*kokoro).speech.Phonemes(t.Context(), []string{"a"}); err == nil {
			t.Errorf("%s: its process outlives it", name)
		}
	}
}

// TestTinyKokoroThatIsBroken is refused when it is opened.
func TestTinyKokoroThatIsBroken(t *testing.T) {
	rt := tinyRuntime(t)
	for name, c := range map[string]struct {
		model []byte
		opts  []Option
		want  error
		says  string
	}{
		"other input":  {tinyKokoro(t, "tokens"), nil, ErrModelCorrupt, `wants an input called "tokens"`},
		"half a file":  {tinyKokoro(t, "input_ids")[:500], nil, ErrModelCorrupt, "model_fp16.onnx of kokoro-82m"},
		"no model":     {[]byte("<html>"), nil, ErrModelCorrupt, "models verify kokoro-82m"},
		"no espeak-ng": {tinyKokoro(t, "input_ids"), []Option{WithEspeak("no-such-program")}, ErrEspeakMissing, "apt-get"},
	} {
		v, err := Open(t.Context(), rt, "kokoro:af_sky", tinyKokoroFiles(t, c.model, "af_sky"), c.opts...)
		if v != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	files := tinyKokoroFiles(t, tinyKokoro(t, "input_ids"), "af_sky")
	silent := Files{Path: func(model, file string) (string, error) {
		path, err := files.Path(model, file)
		if file == "voices/af_sky.bin" {
			path = filepath.Join(t.TempDir(), "zeros")
			err = os.WriteFile(path, make([]byte, 4*kokoroRows*kokoroStyle), 0o600)
		}
		return path, err
	}}
	if v, err := Open(t.Context(), rt, "kokoro:af_sky", silent); v != nil || !errors.Is(err, ErrSilent) || !errors.Is(err, ErrModelCorrupt) {
		t.Errorf("silence: %v", err)
	}
}

// TestTinyRuntimeIsClosed: what the runtime is to blame for is not the model's fault.
func TestTinyRuntimeIsClosed(t *testing.T) {
	rt := tinyRuntime(t)
	closed(t, rt)
	for spec, files := range map[string]Files{"kokoro:af_sky": tinyKokoroFiles(t, tinyKokoro(t, "input_ids"), "af_sky")} {
		if v, err := Open(t.Context(), rt, spec, files); v != nil || !errors.Is(err, ort.ErrClosed) || errors.Is(err, ErrModelCorrupt) {
			t.Errorf("%s: %v", spec, err)
		}
	}
	for _, conv := range []string{"/dec/conv_pre", "/other"} {
		p := voiceLike()
		p.conv = conv
		if v, err := tinyVoice(t, rt, p.bytes(t)); v != nil || !errors.Is(err, ort.ErrClosed) || errors.Is(err, ErrModelCorrupt) {
			t.Errorf("%s: %v", conv, err)
		}
	}
}

// TestOwnKokoroVoiceSpeaks gives a copy of a style a name of its own: it says the same as the
// style.
func TestOwnKokoroVoiceSpeaks(t *testing.T) {
	rt := tinyRuntime(t)
	installed := tinyKokoroFiles(t, tinyKokoro(t, "input_ids"), "af_bella")
	files := Files{Path: func(model, file string) (string, error) {
		if model == "kokoro-af_mine" && file == "af_mine.bin" {
			model, file = "kokoro-82m", "voices/af_bella.bin"
		}
		return installed.Path(model, file)
	}}
	var said [2][]float32
	for i, name := range []string{"kokoro:af_bella", "kokoro:af_mine"} {
		v, err := Open(t.Context(), rt, name, files)
		if err != nil {
			t.Fatal(err)
		}
		if said[i] = heard(t, v, "Good morning."); v.Name() != name {
			t.Errorf("name %q", v.Name())
		}
		closed(t, v)
	}
	if len(said[0]) == 0 || !slices.Equal(said[0], said[1]) {
		t.Errorf("a copy said %d samples, the style it is a copy of %d", len(said[1]), len(said[0]))
	}
}
