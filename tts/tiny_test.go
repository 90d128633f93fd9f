package tts

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// tinyPiper is a model with the inputs, the output and the cut of a Piper voice, and no noise: two
// channels of frames made of the ids, a convolution over them, and samples made of each frame.
type tinyPiper struct {
	radius int     // frames on either side that the convolution looks at
	gain   float32 // of the whole; 0 is silence
	text   string  // name of the input of ids
	conv   string  // name of the convolution
	more   int     // samples behind the last frame
	half   bool    // samples are half precision
}

// tinyHop is the number of samples of a frame, tinyFrames that of frames of an id.
const tinyHop, tinyFrames = 32, 4

func voiceLike() tinyPiper {
	return tinyPiper{radius: 3, gain: 1, text: "input", conv: "/dec/conv_pre"}
}

// bytes writes the model.
func (p tinyPiper) bytes(t *testing.T) []byte {
	t.Helper()
	b := onnx.NewBuilder("tiny")
	free := onnx.Free("n")
	ids := b.Cast(b.Input(p.text, onnx.Int64, onnx.Fixed(1), free), onnx.Float32)
	lengths := b.Cast(b.Input("input_lengths", onnx.Int64, onnx.Fixed(1)), onnx.Float32)
	scales := b.Input("scales", onnx.Float32, onnx.Fixed(3))
	part := func(i int64) string { return b.Op("Gather", []string{scales, b.Scalar(i)}) }
	scale := b.Op("Add", []string{b.Op("Mul", []string{part(1), b.Float(0.1)}), b.Op("Sub", []string{part(0), part(2)})})
	whole := b.Op("Div", []string{lengths, b.Cast(b.SizeVector(p.text, 1), onnx.Float32)}) // one, where the length is right
	wave := b.Op("Sin", []string{b.Op("Mul", []string{ids, b.Float(0.7)})})
	wave = b.Op("Mul", []string{b.Op("Mul", []string{wave, scale}), whole})
	spread := b.Op("Expand", []string{b.Op("Unsqueeze", []string{wave, b.Ints(1, 3)}), b.Ints(1, 2, 1, tinyFrames)})
	frames := b.Op("Reshape", []string{spread, b.Ints(1, 2, -1)})
	weights := make([]float32, 2*(2*p.radius+1))
	for i := range weights {
		weights[i] = p.gain * float32(1+i%3) / 3
	}
	b.Node("Conv", "", []string{frames, b.Constant(onnx.Float32s("pre", weights, 1, 2, int64(2*p.radius+1)))}, []string{p.conv},
		onnx.Ints("pads", int64(p.radius), int64(p.radius)))
	up := make([]float32, tinyHop)
	for i := range up {
		up[i] = float32(1 - 2*(i%2))
	}
	out := b.Op("ConvTranspose", []string{p.conv, b.Constant(onnx.Float32s("up", up, 1, 1, tinyHop))}, onnx.Ints("strides", tinyHop))
	out = b.Op("Tanh", []string{out})
	if p.more > 0 {
		out = b.Op("Concat", []string{out, b.Constant(onnx.Float32s("more", make([]float32, p.more), 1, 1, int64(p.more)))}, onnx.Int("axis", 2))
	}
	kind := onnx.Float32
	if p.half {
		kind, out = onnx.Float16, b.Cast(out, onnx.Float16)
	}
	b.Name(out, "output")
	b.Output("output", kind, onnx.Fixed(1), onnx.Fixed(1), onnx.Free("samples"))
	data, err := b.Model(8, 17, "").Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// tinyRuntime opens the runtime for one test.
func tinyRuntime(t *testing.T) *ort.Runtime {
	t.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, rt) })
	return rt
}

// tinyVoice installs a model under the name piper:tiny and opens it.
func tinyVoice(t *testing.T, rt *ort.Runtime, model []byte, opts ...Option) (Voice, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "piper-tiny")
	if err := errors.Join(os.Mkdir(dir, 0o750), os.WriteFile(filepath.Join(dir, "tiny.onnx"), model, 0o600),
		os.WriteFile(filepath.Join(dir, "tiny.onnx.json"), []byte(smallConfig), 0o600)); err != nil {
		t.Fatal(err)
	}
	v, err := Open(t.Context(), rt, "piper:tiny", FilesIn(filepath.Dir(dir)), append([]Option{WithThreads(1)}, opts...)...)
	if err == nil {
		t.Cleanup(func() { closed(t, v) })
	}
	return v, err
}

// heard returns what a voice says, in one piece.
func heard(t *testing.T, v Voice, clause string) []float32 {
	t.Helper()
	var pcm []float32
	if err := v.Synthesize(t.Context(), clause, func(p []float32) error { pcm = append(pcm, p...); return nil }); err != nil {
		t.Fatalf("%q: %v", clause, err)
	}
	return pcm
}

// TestTinyVoiceIsCut opens a voice whose graph can be cut, with kernels of several sizes: what it
// learns about it is in the log, and what it says is what the graph says that cannot be cut.
func TestTinyVoiceIsCut(t *testing.T) {
	rt := tinyRuntime(t)
	for radius, context := range map[int]int{3: 10, 10: 10, 13: 16, 22: 24, 39: 40} {
		p := voiceLike()
		p.radius = radius
		var log bytes.Buffer
		v, err := tinyVoice(t, rt, p.bytes(t), WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
		if err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprintf("piper graph cut\" voice=piper:tiny samples_per_frame=%d context_frames=%d\n", tinyHop, context); !strings.HasSuffix(log.String(), text) {
			t.Errorf("radius %d: %s", radius, log.String())
		}
		log.Reset()
		p.conv = "/other"
		w, err := tinyVoice(t, rt, p.bytes(t), WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		if err != nil || !strings.Contains(log.String(), "cannot be cut") {
			t.Fatalf("%v, %s", err, log.String())
		}
		if v.Name() != "piper:tiny" || v.SampleRate() != 22050 {
			t.Errorf("%s at %d Hz", v.Name(), v.SampleRate())
		}
		for _, clause := range []string{"ba", "a ba", strings.Repeat("a ba ", 20), strings.Repeat("ba, ", 100)} {
			if len(clause) > 5 && radius != 3 {
				continue // long ones take long
			}
			got, want := heard(t, v, clause), heard(t, w, clause)
			if len(got) != len(want) || len(want) < 10*tinyHop {
				t.Fatalf("radius %d, %d letters: %d samples, %d in the whole", radius, len(clause), len(got), len(want))
			}
			for i := range want {
				if math.Abs(float64(got[i]-want[i])) > pieceTolerance {
					t.Fatalf("radius %d: sample %d of %d is %v, %v in the whole", radius, i, len(want), got[i], want[i])
				}
			}
		}
	}
}

// TestTinyPieces are small at first and then longer, as many as needed; the last one is not tiny.
func TestTinyPieces(t *testing.T) {
	rt := tinyRuntime(t)
	v, err := tinyVoice(t, rt, voiceLike().bytes(t))
	if err != nil {
		t.Fatal(err)
	}
	cut, ok := v.(*piper).graph.(*cutGraph)
	if !ok {
		t.Fatal("the graph was not cut")
	}
	session, err := rt.Load(t.Context(), ort.Source{Name: "whole", Bytes: voiceLike().bytes(t)}, ort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	whole := &wholeGraph{session}
	t.Cleanup(func() { closed(t, whole) })
	for ids, want := range map[int][]int{
		1: {4}, 5: {20}, 7: {28}, 9: {20, 16}, 10: {20, 20}, 14: {20, 36}, 15: {20, 40}, 75: {20, 40, 80, 160}, 100: {20, 40, 80, 160, 100},
		135: {20, 40, 80, 160, 160, 80}, 134: {20, 40, 80, 160, 236},
	} {
		in := make([]int64, ids)
		for i := range in {
			in[i] = int64(i%7 + 1)
		}
		comparePieces(t, whole, cut, in)
		var got []int
		err := cut.run(t.Context(), in, [3]float32{0, 1, 0}, func(pcm []float32) error {
			got = append(got, len(pcm)/tinyHop)
			return nil
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d frames in pieces of %v, %v, want %v", ids*tinyFrames, got, err, want)
		}
	}
	full := errors.New("full")
	count := 0
	if err := cut.run(t.Context(), make([]int64, 100), [3]float32{0, 1, 0}, func([]float32) error { count++; return full }); !errors.Is(err, full) || count != 1 {
		t.Errorf("%v after %d pieces", err, count)
	}
}

// TestTinySpeed: the length scale of the voice is divided by the speed, and nothing else is.
func TestTinySpeed(t *testing.T) {
	rt := tinyRuntime(t)
	for speed, want := range map[float64]float32{1: 1.1, 2: 0.55, 0.5: 2.2} {
		v, err := tinyVoice(t, rt, voiceLike().bytes(t), WithSpeed(speed))
		if err != nil {
			t.Fatal(err)
		}
		if got := v.(*piper).scales; got[0] != 0.5 || math.Abs(float64(got[1]-want)) > 1e-6 || got[2] != 0.7 {
			t.Errorf("speed %v: scales %v", speed, got)
		}
	}
}

// TestTinyVoicesThatAreBroken are refused when they are opened, with what is wrong; nothing stays
// open.
func TestTinyVoicesThatAreBroken(t *testing.T) {
	rt := tinyRuntime(t)
	for name, c := range map[string]struct {
		change func(p *tinyPiper)
		says   string
		want   error
	}{
		"silent":               {func(p *tinyPiper) { p.gain = 0 }, "silence", ErrSilent},
		"silent as a whole":    {func(p *tinyPiper) { p.gain = 0; p.conv = "/other" }, "silence", ErrSilent},
		"no number":            {func(p *tinyPiper) { p.gain = float32(math.NaN()) }, "", ErrModelCorrupt},
		"no number as a whole": {func(p *tinyPiper) { p.gain = float32(math.NaN()); p.conv = "/other" }, "not finite", ErrNotFinite},
		"other input":          {func(p *tinyPiper) { p.text = "text" }, `wants an input called "text"`, ErrModelCorrupt},
		"other input, whole":   {func(p *tinyPiper) { p.text = "text"; p.conv = "/other" }, `wants an input called "text"`, ErrModelCorrupt},
		"half precision":       {func(p *tinyPiper) { p.half = true }, "samples", ErrModelCorrupt},
		"a sample too many":    {func(p *tinyPiper) { p.more = 1 }, "vocoder gave", ErrModelCorrupt},
		"wide kernels":         {func(p *tinyPiper) { p.radius = 41 }, "more than 40 frames", ErrModelCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			p := voiceLike()
			c.change(&p)
			v, err := tinyVoice(t, rt, p.bytes(t))
			var model *ModelError
			if v != nil || !errors.Is(err, c.want) || !errors.As(err, &model) || model.Model != "piper-tiny" || model.File != "tiny.onnx" ||
				!strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
	g := &cutGraph{channels: 3}
	session, err := rt.Load(t.Context(), ort.Source{Name: "whole", Bytes: voiceLike().bytes(t)}, ort.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closed(t, session) })
	g.head = session
	if _, err := g.encode(t.Context(), []int64{1, 2}, [3]float32{0, 1, 0}); err == nil || !strings.Contains(err.Error(), "shape [1 1 256]") {
		t.Errorf("an encoder of other channels: %v", err)
	}
}

// TestTinyVoiceAndFiles: what cannot be read, and a program that is not there, are told as they
// are.
func TestTinyVoiceAndFiles(t *testing.T) {
	rt := tinyRuntime(t)
	model := voiceLike().bytes(t)
	if _, err := tinyVoice(t, rt, model, WithEspeak("no-such-program")); !errors.Is(err, ErrEspeakMissing) {
		t.Errorf("got %v", err)
	}
	damaged := errors.New("damaged")
	if _, err := Open(t.Context(), rt, "piper:tiny", Files{Path: func(string, string) (string, error) { return "", damaged }}); !errors.Is(err, damaged) || errors.Is(err, ErrNotInstalled) {
		t.Errorf("got %v", err)
	}
	var missing *NotInstalledError
	dir := t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "piper-tiny"), 0o750), os.WriteFile(filepath.Join(dir, "piper-tiny", "tiny.onnx.json"), []byte(smallConfig), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), rt, "piper:tiny", FilesIn(dir)); !errors.As(err, &missing) || missing.File != "tiny.onnx" {
		t.Errorf("got %v", err)
	}
	if v, err := tinyVoice(t, rt, model[:len(model)/2]); !errors.Is(err, ErrModelCorrupt) {
		t.Errorf("half a model: %v, %v", v, err)
	}
}
