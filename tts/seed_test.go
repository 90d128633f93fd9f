package tts_test

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/tts"
)

// speechEnv names the file that another process of the test writes what it says to.
const speechEnv = "SENSORY_AGENT_TEST_SPEECH"

// elsewhere returns what another process says first.
func elsewhere(t *testing.T) (pcm []float32) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "speech")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), speechEnv+"="+file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(file)
	if err == nil {
		pcm = make([]float32, len(data)/4)
		_, err = binary.Decode(data, binary.LittleEndian, pcm)
	}
	if err != nil {
		t.Fatal(err)
	}
	return pcm
}

// TestASeedGivesTheSameSpeech: a voice that is opened anew, in another process too, says the same
// clauses alike; said again, or with another seed, they differ.
func TestASeedGivesTheSameSpeech(t *testing.T) {
	say := func(opts ...tts.Option) (first, second []float32) {
		v := openVoice(t, joe, opts...)
		for _, pcm := range []*[]float32{&first, &second} {
			err := v.Synthesize(t.Context(), "I can see a red circle.", func(p []float32) error { *pcm = append(*pcm, p...); return nil })
			if err != nil {
				t.Fatal(err)
			}
		}
		return first, second
	}
	alike := func(a, b []float32) bool {
		return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) < 1e-4 })
	}
	first, second := say()
	if file := os.Getenv(speechEnv); file != "" {
		data, err := binary.Append(nil, binary.LittleEndian, first)
		if err := errors.Join(err, os.WriteFile(file, data, 0o600)); err != nil {
			t.Fatal(err)
		}
		return
	}
	if other := elsewhere(t); !alike(first, other) {
		t.Errorf("another process says %d samples otherwise than these %d", len(other), len(first))
	}
	if again, after := say(); !alike(first, again) || !alike(second, after) {
		t.Errorf("opened anew, %d and %d samples became %d and %d, or others", len(first), len(second), len(again), len(after))
	}
	if alike(first, second) {
		t.Error("said twice, a clause has the same samples: the voice has no noise")
	}
	if other, _ := say(tts.WithSeed(2)); alike(first, other) {
		t.Error("another seed gives the same samples")
	}
}
