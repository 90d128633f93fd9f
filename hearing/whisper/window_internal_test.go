package whisper

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/hearing/internal/scripted"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
)

// Published encoders declare a fixed number of frames; the one used here takes any, so the test declares it in its place.
func TestFixedWindowHearsTheSame(t *testing.T) {
	rt, err := ort.Open(ort.Config{LibraryPath: testmodels.Runtime(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rt.Close() }()
	encoder := testmodels.Path(t, "whisper-base.en", "encoder_model.onnx")
	m, err := Open(t.Context(), rt, Files{
		Encoder: encoder,
		Decoder: testmodels.Path(t, "whisper-base.en", "decoder_model_merged.onnx"),
		Config:  os.DirFS(filepath.Dir(encoder)),
	}, Options{Session: ort.Options{Threads: 2}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	m.frames = 3000
	got, err := m.Transcribe(t.Context(), scripted.Flite(t, "slt", "The library is closed on Sunday afternoon.", 1))
	if err != nil || !strings.Contains(got.Text, "library is closed on Sunday afternoon") {
		t.Errorf("%+v, %v", got, err)
	}
}
