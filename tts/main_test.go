package tts_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/tts"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// openRuntime opens ONNX Runtime for one test.
func openRuntime(tb testing.TB) *ort.Runtime {
	tb.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(tb)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := rt.Close(); err != nil {
			tb.Error(err)
		}
	})
	return rt
}

// openVoice opens a voice for one test and skips where its model is not installed.
func openVoice(tb testing.TB, spec string, opts ...tts.Option) tts.Voice {
	tb.Helper()
	var rt *ort.Runtime
	if spec != "espeak" {
		rt = openRuntime(tb)
	}
	requireFiles(tb, spec)
	v, err := tts.Open(context.Background(), rt, spec, tts.FilesIn(testmodels.Dir()), opts...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := v.Close(); err != nil {
			tb.Error(err)
		}
	})
	return v
}

// requireFiles skips a test whose model is not installed, or fails it in CI.
func requireFiles(tb testing.TB, spec string) {
	tb.Helper()
	switch {
	case spec == joe:
		testmodels.Path(tb, "piper-en_US-joe-medium", "en_US-joe-medium.onnx")
	case len(spec) > 7 && spec[:7] == "kokoro:":
		testmodels.Path(tb, "kokoro-82m", "model_fp16.onnx")
		testmodels.Path(tb, "kokoro-82m", "voices/"+spec[7:]+".bin")
	}
}

const joe = "piper:en_US-joe-medium"

// say returns all samples of a clause.
func say(tb testing.TB, v tts.Voice, clause string) []float32 {
	tb.Helper()
	var pcm []float32
	err := v.Synthesize(context.Background(), clause, func(p []float32) error {
		pcm = append(pcm, p...)
		return nil
	})
	if err != nil {
		tb.Fatalf("%s: %q: %v", v.Name(), clause, err)
	}
	return pcm
}
