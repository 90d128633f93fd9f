package whisper_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sensory-agent/sensory-agent/hearing/whisper"
	"github.com/sensory-agent/sensory-agent/internal/processorfile"
)

// A folder is read in the form of version 4 of the transformers library and in that of version 5,
// to the same settings.
func TestFoldersOfBothForms(t *testing.T) {
	want := features(t)
	nested := func(text string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(`{"feature_extractor": ` + text + `}`)}
	}
	flat := &fstest.MapFile{Data: []byte(preprocessor)}
	for name, folder := range map[string]fstest.MapFS{
		"version 4":   {processorfile.Flat: flat},
		"version 5":   {processorfile.Nested: nested(preprocessor)},
		"saved twice": {processorfile.Flat: flat, processorfile.Nested: nested(preprocessor)},
	} {
		got, err := whisper.ReadFeatures(folder)
		if err != nil || got.Mels != want.Mels || got.FFT != want.FFT || got.Hop != want.Hop || got.MaxFrames != want.MaxFrames {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	_, err := whisper.ReadFeatures(fstest.MapFS{processorfile.Nested: nested(`{"sampling_rate": 8000}`)})
	if !errors.Is(err, whisper.ErrConfig) || !strings.Contains(err.Error(), "processor_config.json") {
		t.Error(err)
	}
	other := strings.Replace(preprocessor, `"feature_size": 80`, `"feature_size": 128`, 1)
	if other == preprocessor {
		other = strings.Replace(preprocessor, `"feature_size":80`, `"feature_size":128`, 1)
	}
	_, err = whisper.ReadFeatures(fstest.MapFS{processorfile.Flat: flat, processorfile.Nested: nested(other)})
	if !errors.Is(err, processorfile.ErrContradiction) || !strings.Contains(err.Error(), "Mels: 80 and 128") {
		t.Error(err)
	}
}
