package bot_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/bot"
	"github.com/sensory-agent/sensory-agent/media"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRecordingsAreReadAgain: what is written is a WAV file of mono sound at 48 kHz.
func TestRecordingsAreReadAgain(t *testing.T) {
	pcm := make([]float32, 4800)
	for i := range pcm {
		pcm[i] = float32(0.5 * math.Sin(2*math.Pi*440*float64(i)/48_000))
	}
	path := filepath.Join(t.TempDir(), "a.wav")
	if err := bot.WriteWAV(path, pcm); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := media.ReadWAV(bytes.NewReader(data))
	if err != nil || got.Rate != 48_000 || got.Channels != 1 || len(got.Samples) != len(pcm) {
		t.Fatalf("%+v, %v", got, err)
	}
	for i, v := range pcm {
		if d := got.Samples[i] - v; d > 1e-3 || d < -1e-3 {
			t.Fatalf("sample %d is %v, want %v", i, got.Samples[i], v)
		}
	}
	if err := bot.WriteWAV(filepath.Join(path, "no folder"), pcm); err == nil {
		t.Error("written where there is no folder")
	}
}
