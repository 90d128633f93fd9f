package scripted

import (
	"os"
	"testing"
)

// heldOutEnv chooses what a measurement plays: unset, the sounds, voices and words that rules were
// first tuned on; 1, others, which the rules are tuned on too; 2, a third set that judges them and
// that no rule may be tuned on.
const heldOutEnv = "SENSORY_AGENT_HELD_OUT"

// Set returns which set of sounds, voices and words measurements play: 0, 1 or 2.
func Set() int {
	switch os.Getenv(heldOutEnv) {
	case "":
		return 0
	case "2":
		return 2
	}
	return 1
}

// Choose returns the value of the set that is played.
func Choose[T any](sets ...T) T { return sets[Set()] }

// Seed returns the seed of a drawn sound: each set draws its own, far from those of the others.
func Seed(seed uint64) uint64 { return seed + uint64(Set())*1_000_003 }

// Speaker is somebody who says texts, mono at 16 kHz.
type Speaker struct {
	Name string
	Say  func(tb testing.TB, text string) []float32
}

// Cast returns the speakers of flite and espeak-ng of the first two sets.
func Cast() []Speaker {
	flite := func(voice string) Speaker {
		return Speaker{voice, func(tb testing.TB, text string) []float32 {
			tb.Helper()
			return Flite(tb, voice, text, 1)
		}}
	}
	british := func(tb testing.TB, text string) []float32 {
		tb.Helper()
		return EspeakVoice(tb, "en-gb+f3", text)
	}
	return Choose(
		[]Speaker{flite("slt"), flite("rms"), {"espeak", Espeak}},
		[]Speaker{flite("awb"), flite("kal16"), {"espeak-gb-f3", british}},
		nil,
	)
}
