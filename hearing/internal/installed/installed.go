package installed

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing/moonshine"
	"github.com/sensory-agent/sensory-agent/hearing/silero"
	"github.com/sensory-agent/sensory-agent/hearing/smartturn"
	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// Runtime opens the inference library.
func Runtime(tb testing.TB) *ort.Runtime {
	tb.Helper()
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(tb)})
	if err != nil {
		tb.Fatal(err)
	}
	closeLater(tb, rt.Close)
	return rt
}

// Silero opens the voice detector.
func Silero(tb testing.TB, rt *ort.Runtime) *silero.Model {
	tb.Helper()
	session, err := rt.Load(tb.Context(), ort.Source{Path: testmodels.Path(tb, "silero-vad", "silero_vad.onnx")}, ort.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	closeLater(tb, session.Close)
	m, err := silero.New(session)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// SmartTurn opens the detector of the end of turn.
func SmartTurn(tb testing.TB, rt *ort.Runtime) *smartturn.Model {
	tb.Helper()
	path := testmodels.Path(tb, "smart-turn-v3", "smart-turn-v3.2-cpu.onnx")
	m, err := smartturn.Open(tb.Context(), rt, path, ort.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	closeLater(tb, m.Close)
	return m
}

// Moonshine opens the fast ear.
func Moonshine(tb testing.TB, rt *ort.Runtime, opt ort.Options) *moonshine.Model {
	tb.Helper()
	tokenizer, err := os.ReadFile(testmodels.Path(tb, "moonshine-tiny", "tokenizer.bin"))
	if err != nil {
		tb.Fatal(err)
	}
	m, err := moonshine.Open(tb.Context(), rt, moonshine.Files{
		Encoder:   testmodels.Path(tb, "moonshine-tiny", "encoder_model.ort"),
		Decoder:   testmodels.Path(tb, "moonshine-tiny", "decoder_model_merged.ort"),
		Tokenizer: tokenizer,
	}, opt)
	if err != nil {
		tb.Fatal(err)
	}
	closeLater(tb, m.Close)
	return m
}

// The forms in which the accurate ear's weights are installed.
const (
	Weights32 = ""      // 32 bits, as published
	Weights8  = "_int8" // 8 bits, what a persona uses on a processor
)

// Whisper opens the accurate ear with weights of a form.
func Whisper(tb testing.TB, rt *ort.Runtime, weights string, opt whisper.Options) *whisper.Model {
	tb.Helper()
	encoder := testmodels.Path(tb, "whisper-base.en", "encoder_model"+weights+".onnx")
	m, err := whisper.Open(tb.Context(), rt, whisper.Files{
		Encoder: encoder,
		Decoder: testmodels.Path(tb, "whisper-base.en", "decoder_model_merged"+weights+".onnx"),
		Config:  os.DirFS(filepath.Dir(encoder)),
	}, opt)
	if err != nil {
		tb.Fatal(err)
	}
	closeLater(tb, m.Close)
	return m
}

func closeLater(tb testing.TB, end func() error) {
	tb.Helper()
	tb.Cleanup(func() {
		if err := end(); err != nil {
			tb.Error(err)
		}
	})
}
