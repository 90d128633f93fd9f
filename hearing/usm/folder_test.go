package usm_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/hearing/usm"
	"github.com/sensory-agent/sensory-agent/internal/processorfile"
)

// A folder is read in the form of version 4 of the transformers library and in that of version 5,
// to the same settings.
func TestFoldersOfBothForms(t *testing.T) {
	flat := config(t, nil)
	want, err := usm.ParseConfig(flat)
	if err != nil {
		t.Fatal(err)
	}
	nested := func(data []byte) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(`{"audio_seq_length": 6, "feature_extractor": ` + string(data) + `}`)}
	}
	for name, folder := range map[string]fstest.MapFS{
		"version 4":   {processorfile.Flat: {Data: flat}},
		"version 5":   {processorfile.Nested: nested(flat)},
		"saved twice": {processorfile.Flat: {Data: flat}, processorfile.Nested: nested(flat)},
	} {
		got, err := usm.ReadConfig(folder)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	bad := config(t, map[string]any{"hop_length": 0})
	_, err = usm.ReadConfig(fstest.MapFS{processorfile.Nested: nested(bad)})
	if !errors.Is(err, usm.ErrConfig) || !strings.Contains(err.Error(), `processor_config.json: field "feature_extractor.hop_length"`) {
		t.Error(err)
	}
	other := config(t, map[string]any{"hop_length": 80})
	_, err = usm.ReadConfig(fstest.MapFS{processorfile.Flat: {Data: flat}, processorfile.Nested: nested(other)})
	if !errors.Is(err, processorfile.ErrContradiction) || !strings.Contains(err.Error(), "Hop: 160 and 80") {
		t.Error(err)
	}
}
