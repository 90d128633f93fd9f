package hearing_test

import (
	"slices"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/installed"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/wer"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/tts"
)

// castings are rooms with the names of their personas.
func castings() [][]string {
	return [][]string{
		{"Iris", "Bella", "Otto", "Max"},
		{"Luna", "Felix", "Nova", "Hugo"},
		{"Ada", "Theo", "Juno", "Milo"},
		{"Clara", "Sage", "Viktor", "Pia"},
		{"Atlas", "Mira", "Rex", "Yuki"},
	}
}

// callers are the voices that call personas.
func callers(tb testing.TB, rt *ort.Runtime) []scripted.Speaker {
	tb.Helper()
	testmodels.Path(tb, "kokoro-82m", "model_fp16.onnx")
	kokoro, err := tts.Open(tb.Context(), rt, "kokoro:af_heart", tts.FilesIn(testmodels.Dir()))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := kokoro.Close(); err != nil {
			tb.Error(err)
		}
	})
	flite := func(voice string) scripted.Speaker {
		return scripted.Speaker{Name: voice, Say: func(tb testing.TB, text string) []float32 {
			tb.Helper()
			return scripted.Flite(tb, voice, text, 1)
		}}
	}
	synthesize := func(tb testing.TB, text string) (pcm []float32) {
		tb.Helper()
		if err := kokoro.Synthesize(tb.Context(), text, func(piece []float32) error { pcm = append(pcm, piece...); return nil }); err != nil {
			tb.Fatal(err)
		}
		return scripted.To16k(tb, pcm, kokoro.SampleRate())
	}
	return []scripted.Speaker{flite("slt"), flite("awb"), {Name: "espeak", Say: scripted.Espeak}, {Name: "kokoro", Say: synthesize}}
}

// called is who is called by a text in a room of two people, where only who is called answers.
func called(text string, names []string) []string {
	call := turn.Call{
		From: "ann", Text: text, Humans: []turn.Human{{Identity: "ann"}, {Identity: "ben"}},
		Mode: turn.ModeMentions, Responders: turn.Responders{Named: len(names), Group: len(names)},
	}
	for _, n := range names {
		call.Personas = append(call.Personas, turn.Persona{Name: n})
	}
	return turn.Address(call).Responders
}

// hints are what an engine is told of a room: nothing, and its names.
func hints() map[string]func(room []string) []string {
	return map[string]func(room []string) []string{
		"plain": func([]string) []string { return nil },
		"names": func(room []string) []string { return room },
	}
}

// BenchmarkNames calls twenty personas by name, in rooms of four, and reports the share of calls
// that reach who was called (right-%), and somebody else (wrong-%), with and without telling the
// accurate ear the names.
func BenchmarkNames(b *testing.B) {
	rt := installed.Runtime(b)
	final := installed.Whisper(b, rt, installed.Weights8, whisper.Options{Session: ort.Options{Threads: 2}})
	for _, who := range callers(b, rt) {
		clips := map[string][]float32{}
		for _, name := range slices.Concat(castings()...) {
			clips[name] = scripted.AsHeard(who.Say(b, name+", what is the capital of France?"))
		}
		for hint, of := range hints() {
			b.Run(who.Name+"/"+hint, func(b *testing.B) {
				right, wrong := 0, 0
				for b.Loop() {
					right, wrong = callAll(b, final, clips, of)
				}
				b.ReportMetric(100*float64(right)/float64(len(clips)), "right-%")
				b.ReportMetric(100*float64(wrong)/float64(len(clips)), "wrong-%")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// callAll counts the calls that reach who was called, and those that reach somebody else.
func callAll(b *testing.B, engine hearing.Transcriber, clips map[string][]float32, hint func(room []string) []string) (right, wrong int) {
	b.Helper()
	for _, room := range castings() {
		for _, name := range room {
			got, err := hearing.Transcribe(b.Context(), engine, clips[name], hint(room))
			if err != nil {
				b.Fatal(err)
			}
			switch meant := called(got.Text, room); {
			case slices.Equal(meant, []string{name}):
				right++
				continue
			case len(meant) > 0:
				wrong++
			}
			b.Logf("%s: %q", name, got.Text)
		}
	}
	return right, wrong
}

// BenchmarkNamesWordErrors has two voices say the sentences that word errors are counted with, and
// some that sound like a call, and reports word errors (wer-%) and sentences by which somebody is
// called though nobody is (called).
func BenchmarkNamesWordErrors(b *testing.B) {
	rt := installed.Runtime(b)
	final := installed.Whisper(b, rt, installed.Weights8, whisper.Options{Session: ort.Options{Threads: 2}})
	room := castings()[0]
	texts := append(wer.Sentences(), "I asked what is the capital of France.", "Auto repair is expensive.", "It is a belated gift, is it not?",
		"Maximum speed is sixty.", "Also the belt is too long.", "Eyes are on the road.", "Ought to be finished by now.", "Bell towers are high.")
	for _, voice := range []string{"slt", "rms"} {
		clips := map[string][]float32{}
		for _, text := range texts {
			clips[text] = scripted.AsHeard(scripted.Flite(b, voice, text, 1))
		}
		for hint, of := range hints() {
			b.Run(voice+"/"+hint, func(b *testing.B) {
				var sum wer.Errors
				falsely := 0
				for b.Loop() {
					sum, falsely = wer.Errors{}, 0
					for _, text := range texts {
						got, err := hearing.Transcribe(b.Context(), final, clips[text], of(room))
						if err != nil {
							b.Fatal(err)
						}
						errors := wer.Count(text, got.Text)
						if errors.Total() > 0 {
							b.Logf("%q heard as %q", text, got.Text)
						}
						sum = sum.Add(errors)
						falsely += min(1, len(called(got.Text, room)))
					}
				}
				b.Logf("%v", sum)
				b.ReportMetric(sum.Percent(), "wer-%")
				b.ReportMetric(float64(falsely), "called")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
