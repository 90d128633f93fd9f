package model_test

import (
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

const gib = int64(1) << 30

// base is a small registry with one of everything.
func base() []model.Entry {
	both := []string{model.ProviderCUDA, model.ProviderCPU}
	local := func(id string, kind model.Kind, rank int, mem int64, caps ...model.Capability) model.Entry {
		return model.Entry{
			ID: id, Kind: kind, Family: "f-" + id, Capabilities: model.SetOf(caps...), Context: 8192, Licence: "MIT", Rank: rank,
			Provider: model.LocalProvider, Backend: "onnxruntime", Files: []string{id + ".bin"}, ExecutionProviders: both, MemoryBytes: mem,
		}
	}
	small := local("small-eye", model.KindModel, 10, gib/10, model.Chat, model.Vision)
	small.Context = 256
	far := local("far-eye", model.KindModel, 90, 0, model.Chat, model.Vision)
	far.Provider, far.Backend, far.ExecutionProviders = "lab", "openai-http", nil
	cpuLib, cudaLib := local("lib-cpu", model.KindRuntime, 0, 0), local("lib-cuda", model.KindRuntime, 0, 0)
	cpuLib.Provides, cudaLib.Provides = model.ProviderCPU, model.ProviderCUDA
	return []model.Entry{
		small, far, cpuLib, cudaLib,
		local("big-eye", model.KindModel, 50, 2*gib, model.Chat, model.Vision),
		local("all-senses", model.KindModel, 40, 6*gib, model.Chat, model.Vision, model.AudioInput, model.AudioOutput),
		local("talker", model.KindModel, 20, gib, model.Chat),
		local("ear", model.KindAdapter, 30, gib/4, model.AudioInput),
		local("ear-2", model.KindAdapter, 20, gib/4, model.AudioInput),
		local("voice", model.KindAdapter, 30, gib/8, model.AudioOutput),
		local("vad", model.KindComponent, 0, gib/100),
	}
}

func registry(tb testing.TB, entries []model.Entry) *model.Registry {
	tb.Helper()
	r, err := model.NewRegistry(entries)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// played is an entry of base as a part.
func played(id string) model.Part {
	return model.Part{ID: id, Family: "f-" + id, Files: []string{id + ".bin"}}
}

func standard() model.Profile {
	return model.Profile{
		ID: "standard", ContextMin: 4096, Residency: model.ResidencyGPU, Providers: model.PreferLocal, Requires: []string{"vad"},
		Needs: []model.Need{
			{Capability: model.Chat},
			{Capability: model.Vision},
			{Capability: model.AudioInput, AdapterAllowed: true, Adapters: []string{"ear"}},
			{Capability: model.AudioOutput, AdapterAllowed: true, Adapters: []string{"voice"}},
		},
	}
}

func embedded() model.Profile {
	p := standard()
	p.ID, p.ContextMin, p.Residency, p.Providers = "embedded", 0, model.ResidencyAny, model.LocalOnly
	return p
}

func laptop() model.Host {
	return model.Host{OS: "linux", Arch: "amd64", CPU: "some processor", Cores: 2, MemoryBytes: 16 * gib, MemoryFree: 12 * gib, GPUProblem: "no driver"}
}

func gpuHost() model.Host {
	h := laptop()
	h.GPUProblem = ""
	h.GPUs = []model.GPU{
		{Index: 0, Name: "small card", Provider: model.ProviderCUDA, MemoryBytes: 4 * gib, MemoryFree: gib},
		{Index: 1, Name: "large card", Provider: model.ProviderCUDA, MemoryBytes: 24 * gib, MemoryFree: 20 * gib},
	}
	return h
}

// at puts every entry but the named ones at a stage.
func at(stage model.Stage, without ...string) model.Readiness {
	out := model.Readiness{States: map[string]model.State{}}
	for _, e := range base() {
		out.States[e.ID] = model.State{Stage: stage}
	}
	for _, id := range without {
		delete(out.States, id)
	}
	return out
}
