package scripted

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/media"
)

// Flite speaks with a voice of flite ("slt", "awb", "rms"). stretch scales the duration: 0.8 is
// faster than 1.
func Flite(tb testing.TB, voice, text string, stretch float64) []float32 {
	tb.Helper()
	return speak(tb, func(path string) *exec.Cmd {
		scale := "duration_stretch=" + strconv.FormatFloat(stretch, 'f', -1, 64)
		return exec.CommandContext(tb.Context(), "flite", "-voice", voice, "--setf", scale, "-t", text, "-o", path)
	})
}

// Espeak speaks with the American English voice of espeak-ng.
func Espeak(tb testing.TB, text string) []float32 {
	tb.Helper()
	return EspeakVoice(tb, "en-us", text)
}

// EspeakVoice speaks with a voice of espeak-ng by its name, for example "en-gb+f3".
func EspeakVoice(tb testing.TB, voice, text string) []float32 {
	tb.Helper()
	return speak(tb, func(path string) *exec.Cmd {
		return exec.CommandContext(tb.Context(), "espeak-ng", "-v", voice, "-w", path, text)
	})
}

// speak runs a synthesizer that writes a WAV file.
func speak(tb testing.TB, command func(path string) *exec.Cmd) []float32 {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "speech.wav")
	cmd := command(path)
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("%s: %v: %s", cmd.Args[0], err, out)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	wav, err := media.ReadWAV(bytes.NewReader(data))
	if err != nil {
		tb.Fatalf("%s: %v", cmd.Args[0], err)
	}
	return Trim(To16k(tb, wav.Samples, wav.Rate))
}

// Trim cuts the silence at both ends, so that a test knows when speech starts and ends.
func Trim(pcm []float32) []float32 {
	const floor = 0.01
	first, last := 0, len(pcm)
	for first < last && pcm[first] < floor && pcm[first] > -floor {
		first++
	}
	for last > first && pcm[last-1] < floor && pcm[last-1] > -floor {
		last--
	}
	return pcm[first:last]
}

// To16k resamples.
func To16k(tb testing.TB, pcm []float32, rate int) []float32 {
	tb.Helper()
	if rate == hearing.SampleRate {
		return pcm
	}
	r, err := media.NewResampler(rate, hearing.SampleRate)
	if err != nil {
		tb.Fatal(err)
	}
	out := r.Process(nil, pcm)
	return r.Flush(out)
}

// Silence returns digital silence.
func Silence(d time.Duration) []float32 {
	return make([]float32, int(d*hearing.SampleRate/time.Second))
}

// Noise returns white noise of a level, the same for the same seed.
func Noise(d time.Duration, rms float32, seed uint64) []float32 {
	pcm := Silence(d)
	for i := range pcm {
		seed = seed*6364136223846793005 + 1442695040888963407
		pcm[i] = (float32(seed>>40)/(1<<23) - 1) * rms * 1.7320508
	}
	return pcm
}

// Join puts clips one after the other.
func Join(clips ...[]float32) []float32 {
	var all []float32
	for _, c := range clips {
		all = append(all, c...)
	}
	return all
}
