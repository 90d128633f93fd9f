package tts_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/tts"
)

// engines are the voices that every test of the contract runs on.
func engines() []string { return []string{joe, "espeak", "kokoro:af_heart"} }

// TestVoice runs the contract of Voice on every engine, each opened once.
func TestVoice(t *testing.T) {
	for _, spec := range engines() {
		t.Run(spec, func(t *testing.T) {
			v := openVoice(t, spec)
			if v.Name() != spec {
				t.Errorf("name %q", v.Name())
			}
			t.Run("sounds like speech", func(t *testing.T) { soundsLikeSpeech(t, v) })
			t.Run("grows with the text", func(t *testing.T) { growsWithText(t, v) })
			t.Run("has nothing to say", func(t *testing.T) { nothingToSay(t, v) })
			t.Run("can be stopped", func(t *testing.T) { canBeStopped(t, v) })
			t.Run("clauses side by side", func(t *testing.T) { sideBySide(t, v) })
			t.Run("closes twice", func(t *testing.T) {
				if err := errors.Join(v.Close(), v.Close()); err != nil {
					t.Error(err)
				}
				if err := v.Synthesize(t.Context(), "Hello.", nil); !errors.Is(err, tts.ErrClosed) {
					t.Errorf("after close: %v", err)
				}
			})
		})
	}
}

// soundsLikeSpeech: speech has a loudness, a rhythm and a spectrum of its own; a tone, noise or
// silence fails at least one of them.
func soundsLikeSpeech(t *testing.T, v tts.Voice) {
	pcm := say(t, v, "I can see a red circle, and a blue square below it.")
	if s := float64(len(pcm)) / float64(v.SampleRate()); s < 2 || s > 5 {
		t.Errorf("%.2f s for 12 words", s)
	}
	frames := levels(pcm, v.SampleRate())
	loud, quiet, lead := 0, 0, -1
	for i, l := range frames {
		if l > 0.03 {
			loud++
		}
		if l < 0.005 {
			quiet++
		}
		if lead < 0 && l > 0.01 {
			lead = i
		}
	}
	if share := float64(loud) / float64(len(frames)); share < 0.3 || share > 0.95 {
		t.Errorf("%.0f %% of the frames are loud", 100*share)
	}
	if quiet < 2 {
		t.Error("no pauses and stops")
	}
	if lead > 5 {
		t.Errorf("sound starts after %d ms", 20*lead)
	}
	b := bands(pcm, v.SampleRate())
	if b[0] > 0.1 || b[1] < 0.4 || b[2] < 0.01 || b[3] > 0.3 {
		t.Errorf("energy by band %.3f", b)
	}
	for i, s := range pcm {
		if s >= 1 || s <= -1 || math.IsNaN(float64(s)) {
			t.Fatalf("sample %d is %v", i, s)
		}
	}
}

func growsWithText(t *testing.T, v tts.Voice) {
	last := 0
	for _, clause := range []string{"Yes.", "Yes, I see a cube.", "Yes, I see a cube, and a small green ring beside it."} {
		n := len(say(t, v, clause))
		if n < last+v.SampleRate()/4 {
			t.Errorf("%q has %d samples, the shorter one %d", clause, n, last)
		}
		last = n
	}
}

func nothingToSay(t *testing.T, v tts.Voice) {
	for _, clause := range []string{"", " ", "😀", "---", "**"} {
		err := v.Synthesize(t.Context(), clause, func([]float32) error { t.Error("sound"); return nil })
		if !errors.Is(err, tts.ErrNothingToSay) {
			t.Errorf("%q: got %v", clause, err)
		}
	}
}

func canBeStopped(t *testing.T, v tts.Voice) {
	const clause = "This is a long sentence, so that something is left of it when it is stopped in the middle."
	ctx, cancel := context.WithCancel(t.Context())
	pieces := 0
	err := v.Synthesize(ctx, clause, func(pcm []float32) error {
		pieces++
		if len(pcm) > v.SampleRate()/10 {
			t.Errorf("piece of %d samples", len(pcm))
		}
		if pieces == 2 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || pieces != 2 {
		t.Errorf("got %v after %d pieces", err, pieces)
	}
	full := errors.New("queue is gone")
	if err := v.Synthesize(t.Context(), "Hello there.", func([]float32) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v, want the consumer's error", err)
	}
	if n := len(say(t, v, "Still here.")); n < v.SampleRate()/3 {
		t.Errorf("after a stopped clause only %d samples", n)
	}
	if err := v.Synthesize(ctx, clause, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

// sideBySide: a clause that comes while another is being said is said too.
func sideBySide(t *testing.T, v tts.Voice) {
	inside, release := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		once := false
		first <- v.Synthesize(t.Context(), "Hello.", func([]float32) error {
			if !once {
				once = true
				close(inside)
				<-release
			}
			return nil
		})
	}()
	<-inside
	samples := 0
	err := v.Synthesize(t.Context(), "Hello.", func(pcm []float32) error { samples += len(pcm); return nil })
	if err != nil || samples < v.SampleRate()/10 {
		t.Errorf("the clause beside it: %d samples, %v", samples, err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestSpeed(t *testing.T) {
	const clause = "One, two, three, four, five, six."
	slow, fast := len(say(t, openVoice(t, "espeak", tts.WithSpeed(0.8)), clause)), len(say(t, openVoice(t, "espeak", tts.WithSpeed(1.6)), clause))
	if ratio := float64(slow) / float64(fast); ratio < 1.5 || ratio > 3.2 {
		t.Errorf("espeak at half the speed takes %.2f times as long", ratio)
	}
	// Piper draws its rhythm at random, so two far speeds are compared.
	slow, fast = len(say(t, openVoice(t, joe, tts.WithSpeed(0.6)), clause)), len(say(t, openVoice(t, joe, tts.WithSpeed(2)), clause))
	if ratio := float64(slow) / float64(fast); ratio < 1.5 || ratio > 6 {
		t.Errorf("piper at 0.6 times the speed takes %.2f times as long as at twice the speed", ratio)
	}
}

func TestUnknownVoices(t *testing.T) {
	for _, spec := range []string{"", "piper", "piper:", "piper:../x", "kokoro:xx_nobody", "kokoro:jf_alpha", "festival", "espeak:", "espeak:-q", "espeak:qqq"} {
		_, err := tts.Open(t.Context(), nil, spec, tts.FilesIn(t.TempDir()))
		var unknown *tts.UnknownVoiceError
		if !errors.Is(err, tts.ErrUnknownVoice) || !errors.As(err, &unknown) {
			t.Errorf("%q: got %v", spec, err)
			continue
		}
		for _, known := range []string{joe, "kokoro:af_heart", "kokoro:bm_lewis", "espeak"} {
			if !slices.Contains(unknown.Known, known) || !strings.Contains(err.Error(), known) {
				t.Errorf("%q: %v does not name %s", spec, err, known)
			}
		}
	}
}

func TestMissingModelNamesTheCommand(t *testing.T) {
	for spec, command := range map[string]string{
		joe: "models pull piper-en_US-joe-medium", "kokoro:am_adam": "models pull kokoro-82m", "piper:de_DE-x-low": "models pull piper-de_DE-x-low",
	} {
		_, err := tts.Open(t.Context(), nil, spec, tts.FilesIn(t.TempDir()))
		if !errors.Is(err, tts.ErrNotInstalled) || !strings.Contains(err.Error(), command) {
			t.Errorf("%s: got %v", spec, err)
		}
		if _, err := tts.Open(t.Context(), nil, spec, tts.Files{}); !errors.Is(err, tts.ErrNotInstalled) {
			t.Errorf("%s without files: got %v", spec, err)
		}
	}
}

func TestMissingEspeakNamesTheCommand(t *testing.T) {
	_, err := tts.Open(t.Context(), nil, "espeak", tts.Files{}, tts.WithEspeak(filepath.Join(t.TempDir(), "espeak-ng")))
	if !errors.Is(err, tts.ErrEspeakMissing) || !strings.Contains(err.Error(), "apt-get install espeak-ng") {
		t.Errorf("got %v", err)
	}
	requireFiles(t, joe)
	_, err = tts.Open(t.Context(), openRuntime(t), joe, tts.FilesIn(testmodels.Dir()), tts.WithEspeak("no-such-espeak"))
	if !errors.Is(err, tts.ErrEspeakMissing) {
		t.Errorf("piper: got %v", err)
	}
}

// A damaged file is an error that names the file and the command that checks it, whatever the
// damage.
func TestCorruptModels(t *testing.T) {
	weights := testmodels.Path(t, "piper-en_US-joe-medium", "en_US-joe-medium.onnx")
	data, err := os.ReadFile(weights)
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(weights + ".json")
	if err != nil {
		t.Fatal(err)
	}
	rt := openRuntime(t)
	for name, c := range map[string]struct{ weights, config []byte }{
		"half a file":   {data[:len(data)/2], config},
		"no model":      {[]byte("<html>not found</html>"), config},
		"empty":         {nil, config},
		"half a config": {data, config[:len(config)/2]},
	} {
		dir := t.TempDir()
		model := filepath.Join(dir, "piper-en_US-joe-medium")
		if err := errors.Join(os.Mkdir(model, 0o750), os.WriteFile(filepath.Join(model, "en_US-joe-medium.onnx"), c.weights, 0o600),
			os.WriteFile(filepath.Join(model, "en_US-joe-medium.onnx.json"), c.config, 0o600)); err != nil {
			t.Fatal(err)
		}
		_, err := tts.Open(t.Context(), rt, joe, tts.FilesIn(dir))
		if !errors.Is(err, tts.ErrModelCorrupt) || !strings.Contains(err.Error(), "models verify piper-en_US-joe-medium") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestOwnKokoroVoice takes a style from an entry of its own, and the weights from the model.
func TestOwnKokoroVoice(t *testing.T) {
	dir := t.TempDir()
	style := make([]byte, 4*510*256)
	var missing *tts.NotInstalledError
	if _, err := tts.Open(t.Context(), nil, "kokoro:bm_mine", tts.FilesIn(dir)); !errors.As(err, &missing) || missing.Model != "kokoro-bm_mine" || missing.File != "bm_mine.bin" {
		t.Errorf("without the style: %v", err)
	}
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "kokoro-bm_mine"), 0o750), os.WriteFile(filepath.Join(dir, "kokoro-bm_mine", "bm_mine.bin"), style, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := tts.Open(t.Context(), nil, "kokoro:bm_mine", tts.FilesIn(dir)); !errors.As(err, &missing) || missing.Model != "kokoro-82m" {
		t.Errorf("without the model: %v", err)
	}
	var unknown *tts.UnknownVoiceError
	if _, err := tts.Open(t.Context(), nil, "kokoro:zf_mine", tts.FilesIn(dir)); !errors.As(err, &unknown) {
		t.Errorf("a voice of another language: %v", err)
	}
}

func TestCorruptKokoroVoice(t *testing.T) {
	dir := t.TempDir()
	voices := filepath.Join(dir, "kokoro-82m", "voices")
	if err := os.MkdirAll(voices, 0o750); err != nil {
		t.Fatal(err)
	}
	nan := make([]byte, 4*510*256)
	nan[2], nan[3] = 0xc0, 0x7f
	for name, data := range map[string][]byte{"short": make([]byte, 1000), "not a number": nan} {
		if err := os.WriteFile(filepath.Join(voices, "af_sky.bin"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := tts.Open(t.Context(), nil, "kokoro:af_sky", tts.FilesIn(dir)); !errors.Is(err, tts.ErrModelCorrupt) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
