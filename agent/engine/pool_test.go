package engine_test

import (
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// TestEngineListsItsModels: every graph is loaded once, is held, and has a name that an operator
// understands.
func TestEngineListsItsModels(t *testing.T) {
	m := machine(t)
	got, err := calibrated(t, m, func(*engine.Config) {})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := got.Close(); err != nil {
			t.Error(err)
		}
	}()
	st := m.Pool()
	if st.Loads != uint64(len(st.Models)) || st.Failed+st.Evictions+st.Expired+st.Refusals != 0 {
		t.Errorf("counts %+v for %d models", st.PoolCounts, len(st.Models))
	}
	var names []string
	var bytes int64
	for _, s := range st.Models {
		if s.State != ort.StateHeld || s.Holders < 1 || s.Bytes < 1 || s.Place != "cpu" {
			t.Errorf("%+v", s)
		}
		names = append(names, s.Name)
		bytes += s.Bytes
	}
	for _, name := range []string{"voice activity", "moonshine encoder", "moonshine decoder", "whisper encoder", "whisper decoder", "vision_encoder", "decoder_model_merged", "(vocoder)"} {
		if !strings.Contains(strings.Join(names, "\n"), name) {
			t.Errorf("%q is not among %q", name, names)
		}
	}
	if len(st.Places) != 1 || st.Places[0].Used != bytes || st.Places[0].Limit < bytes {
		t.Errorf("places %+v for %d bytes", st.Places, bytes)
	}
}
