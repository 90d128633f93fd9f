package hearing_test

import (
	"context"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing"
	"github.com/sensory-agent/sensory-agent/hearing/internal/installed"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/hearing/wer"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// speakers are the scripted voices that word errors are measured with.
func speakers(tb testing.TB, rt *ort.Runtime) map[string]func(text string) []float32 {
	tb.Helper()
	piper := scripted.OpenPiper(tb, rt, testmodels.Path(tb, "piper-en_US-joe-medium", "en_US-joe-medium.onnx"))
	flite := func(voice string, stretch float64) func(string) []float32 {
		return func(text string) []float32 { return scripted.Flite(tb, voice, text, stretch) }
	}
	return map[string]func(text string) []float32{
		"slt":      flite("slt", 1),
		"slt-fast": flite("slt", 0.8),
		"slt-slow": flite("slt", 1.2),
		"piper":    func(text string) []float32 { return piper.Speak(tb, text) },
	}
}

// BenchmarkWordErrors speaks all sentences with several voices and reports the word error rate and
// the time a clip takes, for the interim engine and the final one. Clips have the silence around
// them that the listener gives them.
func BenchmarkWordErrors(b *testing.B) {
	rt := installed.Runtime(b)
	interim := installed.Moonshine(b, rt, ort.Options{})
	final := installed.Whisper(b, rt, installed.Weights32, whisper.Options{Session: ort.Options{Threads: 2}})
	for name, speak := range speakers(b, rt) {
		clips := map[string][]float32{}
		for _, text := range wer.Sentences() {
			clips[text] = scripted.AsHeard(speak(text))
		}
		for engine, transcriber := range map[string]hearing.Transcriber{"interim": interim, "final": final} {
			b.Run(engine+"/"+name, func(b *testing.B) { measureWords(b, transcriber, clips) })
		}
	}
}

// measureWords runs a trial over clips that were made before.
func measureWords(b *testing.B, engine hearing.Transcriber, clips map[string][]float32) {
	var sum wer.Errors
	for b.Loop() {
		var misses []wer.Miss
		var err error
		sum, misses, err = wer.Trial{
			Speak: func(_ context.Context, text string) ([]float32, error) { return clips[text], nil },
			Hear: func(ctx context.Context, pcm []float32) (string, error) {
				got, err := engine.Transcribe(ctx, pcm)
				return got.Text, err
			},
		}.Run(b.Context(), wer.Sentences())
		if err != nil {
			b.Fatal(err)
		}
		for _, m := range misses {
			b.Logf("%q heard as %q", m.Said, m.Heard)
		}
	}
	b.Logf("%v", sum)
	b.ReportMetric(sum.Percent(), "wer-%")
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*len(clips)), "ms/clip")
	b.ReportMetric(0, "ns/op")
}
