package scripted

import (
	"os"
	"testing"
)

// heldOutEnv chooses what a measurement plays: unset, the sounds, voices and words that rules were
// tuned on; set, others, drawn with other seeds, so that a rule is judged by what it never met.
const heldOutEnv = "SENSORY_AGENT_HELD_OUT"

// HeldOut reports whether measurements play what no rule was tuned on.
func HeldOut() bool { return os.Getenv(heldOutEnv) != "" }

// Seed returns the seed of a drawn sound: its own, or one far from all of those when held out.
func Seed(seed uint64) uint64 {
	if HeldOut() {
		return seed + 1_000_003
	}
	return seed
}

// Speaker says a text, mono at 16 kHz.
type Speaker func(tb testing.TB, text string) []float32

// Cast returns the speakers of a measurement by name: those of flite and espeak-ng that HeldOut
// chooses, and piper, which has one voice.
func Cast(piper *Piper) map[string]Speaker {
	flite := func(voice string) Speaker {
		return func(tb testing.TB, text string) []float32 {
			tb.Helper()
			return Flite(tb, voice, text, 1)
		}
	}
	if HeldOut() {
		british := func(tb testing.TB, text string) []float32 {
			tb.Helper()
			return EspeakVoice(tb, "en-gb+f3", text)
		}
		return map[string]Speaker{"awb": flite("awb"), "kal16": flite("kal16"), "espeak-gb-f3": british, "piper": piper.Speak}
	}
	return map[string]Speaker{"slt": flite("slt"), "rms": flite("rms"), "espeak": Espeak, "piper": piper.Speak}
}
