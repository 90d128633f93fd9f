package engine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/tts"
)

// mute is a voice that says nothing.
type mute struct{ tts.Voice }

func (mute) Synthesize(context.Context, string, func([]float32) error) error { return nil }

// TestLeasesNameWhereTheWorkRuns: beside a model on a GPU the fast ear runs on the processor, and
// so does a voice that is a program of its own.
func TestLeasesNameWhereTheWorkRuns(t *testing.T) {
	for name, c := range map[string]struct {
		provider string
		voice    tts.Choice
		onGPU    uint64 // of an interim and a final transcript and a clause
	}{
		"a GPU, and a voice on it":     {model.ProviderCUDA, tts.Choice{Engine: "piper", Model: "piper-x", Name: "x"}, 2},
		"a GPU, and a voice beside it": {model.ProviderCUDA, tts.Choice{Engine: "espeak"}, 1},
		"a processor":                  {model.ProviderCPU, tts.Choice{Engine: "piper", Model: "piper-x", Name: "x"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			broker, err := compute.NewBroker(compute.Config{Budgets: []compute.Budget{
				{Pool: compute.Pool{Silicon: compute.SiliconCPU}, Slots: 1, Units: 1000},
				{Pool: compute.Pool{Silicon: compute.SiliconGPU}, Slots: 1, Units: 100},
			}})
			if err != nil {
				t.Fatal(err)
			}
			var cfg engine.Config
			cfg.Resolution.ExecutionProvider, cfg.Voice = c.provider, c.voice
			models, err := engine.OnGPU(broker, cfg, mute{})
			if err != nil {
				t.Fatal(err)
			}
			lab := engine.Holder{Room: "lab", Persona: "iris"}
			_, err1 := models.Interim(lab).Transcribe(t.Context(), nil)
			if n := granted(broker, compute.SiliconGPU); n != 0 {
				t.Errorf("%d interim transcripts took the GPU", n)
			}
			_, err2 := models.Final(engine.Holder{Room: "lab"}).Transcribe(t.Context(), nil)
			err3 := models.Voice(lab).Synthesize(t.Context(), "Hello.", nil)
			if err := errors.Join(err1, err2, err3); err != nil {
				t.Fatal(err)
			}
			if gpu, cpu := granted(broker, compute.SiliconGPU), granted(broker, compute.SiliconCPU); gpu != c.onGPU || gpu+cpu != 3 {
				t.Errorf("%d leases of the GPU and %d of the processor", gpu, cpu)
			}
			if err := broker.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// granted counts the leases of a silicon.
func granted(b *compute.Broker, on compute.Silicon) (n uint64) {
	for _, p := range b.Snapshot().Pools {
		if p.Silicon == on {
			n += p.Granted
		}
	}
	return n
}
