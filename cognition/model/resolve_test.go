package model_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

func TestResolveOnALaptop(t *testing.T) {
	got, err := model.Resolve(embedded(), registry(t, base()), laptop(), at(model.StageVerified, "big-eye", "all-senses"))
	if err != nil {
		t.Fatal(err)
	}
	want := model.Resolution{
		Profile: "embedded", Base: played("small-eye"), Ear: played("ear"), Detector: played("vad"), Voice: played("voice"),
		Library: played("lib-cpu"), Provider: "local", Backend: "onnxruntime",
		ExecutionProvider: "cpu", Silicon: model.SiliconCPU, Device: "some processor", DeviceIndex: -1,
		Sources: []model.Source{
			{Capability: model.Chat, From: "small-eye", Native: true},
			{Capability: model.Vision, From: "small-eye", Native: true},
			{Capability: model.AudioInput, From: "ear"},
			{Capability: model.AudioOutput, From: "voice"},
		},
		ExpectedBytes: gib/10 + gib/4 + gib/8 + gib/100, FreeBytes: 12 * gib, Stage: "verified",
		Reason: "small-eye is the first of 1 models that satisfy profile embedded; it runs on cpu (some processor) with onnxruntime/cpu",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}

func TestResolvePrefersWhatWasPulled(t *testing.T) {
	got, err := model.Resolve(embedded(), registry(t, base()), laptop(), at(model.StageVerified))
	if err != nil || got.Base.ID != "big-eye" || got.Silicon != model.SiliconCPU {
		t.Fatalf("%+v, %v", got, err)
	}
	only := embedded()
	only.Models = []string{"small-eye"}
	got, err = model.Resolve(only, registry(t, base()), laptop(), at(model.StageVerified))
	if err != nil || got.Base.ID != "small-eye" {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestResolveOnAGPU(t *testing.T) {
	got, err := model.Resolve(standard(), registry(t, base()), gpuHost(), at(model.StageVerified))
	if err != nil {
		t.Fatal(err)
	}
	if got.Base.ID != "big-eye" || got.Silicon != model.SiliconGPU || got.DeviceIndex != 1 || got.ExecutionProvider != "cuda" ||
		got.Library.ID != "lib-cuda" || got.ExpectedBytes != 2*gib || got.FreeBytes != 20*gib {
		t.Fatalf("%+v", got)
	}
	native := standard()
	native.Needs[2].AdapterAllowed, native.Needs[3].AdapterAllowed = false, false
	got, err = model.Resolve(native, registry(t, base()), gpuHost(), at(model.StageVerified))
	if err != nil || got.Base.ID != "all-senses" || !got.Sources[2].Native || !got.Sources[3].Native {
		t.Fatalf("%+v, %v", got, err)
	}
	unified := gpuHost()
	unified.GPUs[1].Unified = true
	got, err = model.Resolve(standard(), registry(t, base()), unified, at(model.StageVerified))
	if err != nil || got.Silicon != model.SiliconUnified || got.ExpectedBytes <= 2*gib {
		t.Fatalf("unified memory also holds the adapters: %+v, %v", got, err)
	}
}

// On any silicon a GPU is used only with its library installed and room on it.
func TestAnySiliconUsesTheGPUOnlyIfItCan(t *testing.T) {
	tight := gpuHost()
	tight.GPUs[1].MemoryFree = gib
	for name, c := range map[string]struct {
		host  model.Host
		ready model.Readiness
		want  model.Silicon
	}{
		"library":    {gpuHost(), at(model.StageVerified), model.SiliconGPU},
		"no library": {gpuHost(), at(model.StageVerified, "lib-cuda"), model.SiliconCPU},
		"no room":    {tight, at(model.StageVerified), model.SiliconCPU},
	} {
		got, err := model.Resolve(embedded(), registry(t, base()), c.host, c.ready)
		if err != nil || got.Base.ID != "big-eye" || got.Silicon != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func refusal(t *testing.T, p model.Profile, entries []model.Entry, h model.Host, ready model.Readiness) *model.RefusalError {
	t.Helper()
	res, err := model.Resolve(p, registry(t, entries), h, ready)
	var out *model.RefusalError
	if !errors.As(err, &out) || !errors.Is(err, model.ErrNoQualifiedModel) {
		t.Fatalf("resolved to %+v, error %v", res, err)
	}
	return out
}

func TestStandardWithoutGPUNamesEveryBlocker(t *testing.T) {
	got := refusal(t, standard(), base(), laptop(), at(model.StageDeclared))
	if got.Reason != model.ReasonResidency || !errors.Is(got, model.ErrResidency) || got.RegistryCount != 5 {
		t.Fatalf("%+v", got)
	}
	silicon := map[string]model.Silicon{}
	for _, c := range got.Candidates {
		silicon[c.Model] = c.Silicon
	}
	want := map[string]model.Silicon{
		"far-eye": model.SiliconCloud, "big-eye": model.SiliconCPU, "all-senses": model.SiliconCPU, "small-eye": model.SiliconCPU,
	}
	if diff := cmp.Diff(want, silicon); diff != "" {
		t.Fatal(diff)
	}
	text := got.Error()
	for _, part := range []string{
		"no usable GPU: no driver", "candidate big-eye would run on cpu (some processor)", "candidate far-eye would run on cloud (lab)",
		"small-eye: a context window of 4096 tokens, it has 256",
		"sensory-agent models pull big-eye lib-cuda ear voice vad", "sensory-agent models pull all-senses lib-cuda ear voice vad",
		"residency: 0 left", "context: 3 left",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("message lacks %q:\n%s", part, text)
		}
	}
	if got.Command != "" {
		t.Errorf("command %q: installing does not help here", got.Command)
	}
}

func TestEveryRefusal(t *testing.T) {
	without := func(ids ...string) []model.Entry {
		return slices.DeleteFunc(base(), func(e model.Entry) bool { return slices.Contains(ids, e.ID) })
	}
	edit := func(p model.Profile, f func(*model.Profile)) model.Profile { f(&p); return p }
	poor := laptop()
	poor.MemoryFree = gib / 10
	noRunner := laptop()
	for _, name := range []string{"f-talker", "f-ear", "f-voice", "f-vad"} {
		noRunner.Families = append(noRunner.Families, model.Family{Name: name, Roles: model.Roles()})
	}
	probed := at(model.StageLoaded)
	probed.Want = model.StageProbed
	probed.States["big-eye"] = model.State{Stage: model.StageLoaded, Problem: "the probe picture does not change the answer"}
	cases := map[string]struct {
		profile  model.Profile
		entries  []model.Entry
		host     model.Host
		ready    model.Readiness
		want     error
		nearest  string
		text     string
		commands string
	}{
		"nothing registered": {embedded(), nil, laptop(), at(model.StageVerified), model.ErrNoModelMatches, "", "0 base models", ""},
		"no eye":             {embedded(), without("small-eye", "big-eye", "all-senses", "far-eye"), laptop(), at(model.StageVerified), model.ErrNoMultimodalBase, "talker", "lacks: vision", ""},
		"no tool user": {
			edit(embedded(), func(p *model.Profile) { p.Needs = []model.Need{{Capability: model.ToolUse}} }), base(), laptop(),
			at(model.StageVerified), model.ErrNoModelMatches, "", "tool-use", "",
		},
		"no ear registered":  {embedded(), without("ear", "all-senses"), laptop(), at(model.StageVerified), model.ErrNoModelMatches, "big-eye", "an adapter for audio-input (none of ear can be used: ear is not registered)", ""},
		"unknown component":  {embedded(), without("vad"), laptop(), at(model.StageVerified), model.ErrNoModelMatches, "", "registered components vad", ""},
		"named by nobody":    {edit(embedded(), func(p *model.Profile) { p.Models = []string{"gone"} }), base(), laptop(), at(model.StageVerified), model.ErrNoModelMatches, "", "is not one of gone", ""},
		"context":            {edit(embedded(), func(p *model.Profile) { p.ContextMin = 1 << 20 }), base(), laptop(), at(model.StageVerified), model.ErrNoModelMatches, "", "a context window of 1048576 tokens", ""},
		"licence":            {edit(embedded(), func(p *model.Profile) { p.Licences = []string{"GPL"} }), base(), laptop(), at(model.StageVerified), model.ErrNoModelMatches, "", "an adapter for", ""},
		"no runner":          {embedded(), base(), noRunner, at(model.StageVerified), model.ErrNoModelMatches, "", `no runner for family "f-big-eye"`, ""},
		"cloud not allowed":  {embedded(), without("small-eye", "big-eye", "all-senses"), laptop(), at(model.StageVerified), model.ErrNoModelMatches, "far-eye", `"lab" is not local-only`, ""},
		"too little memory":  {embedded(), base(), poor, at(model.StageVerified), model.ErrDoesNotFit, "", "bytes on some processor", ""},
		"not installed":      {embedded(), base(), laptop(), at(model.StageVerified, "small-eye", "big-eye", "all-senses", "voice"), model.ErrNotInstalled, "big-eye", "installed files of", "sensory-agent models pull big-eye voice"},
		"runtime missing":    {embedded(), without("lib-cpu"), laptop(), at(model.StageVerified), model.ErrNotInstalled, "", "runtime-cpu", ""},
		"blind after a load": {embedded(), base(), laptop(), probed, model.ErrNotReady, "big-eye", "it is loaded: the probe picture does not change the answer", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := refusal(t, c.profile, c.entries, c.host, c.ready)
			if !errors.Is(got, c.want) {
				t.Fatalf("reason %s, want %v", got.Reason, c.want)
			}
			if c.nearest != "" && (got.Nearest == nil || got.Nearest.Model != c.nearest) {
				t.Errorf("nearest %+v, want %s", got.Nearest, c.nearest)
			}
			if !strings.Contains(got.Error(), c.text) {
				t.Errorf("message lacks %q:\n%s", c.text, got)
			}
			if c.commands != "" && got.Command != c.commands {
				t.Errorf("command %q, want %q", got.Command, c.commands)
			}
			if last := got.Filters[len(got.Filters)-1]; last.Left != 0 {
				t.Errorf("last filter %+v leaves somebody", last)
			}
		})
	}
}

func TestProviderPolicies(t *testing.T) {
	for policy, want := range map[model.ProviderPolicy]string{
		model.LocalOnly: "big-eye", model.PreferLocal: "big-eye", model.PreferCloud: "far-eye", model.CloudOnly: "far-eye", model.AnyProvider: "far-eye",
	} {
		p := embedded()
		p.Providers = policy
		got, err := model.Resolve(p, registry(t, base()), laptop(), at(model.StageVerified))
		if err != nil || got.Base.ID != want {
			t.Errorf("%s: %s, %v; want %s", policy, got.Base.ID, err, want)
		}
	}
	p := embedded()
	p.Providers = model.PreferLocal
	got, err := model.Resolve(p, registry(t, base()), laptop(), at(model.StageVerified, "small-eye", "big-eye", "all-senses"))
	if err != nil || got.Base.ID != "far-eye" || got.Silicon != model.SiliconCloud || got.Library.ID != "lib-cpu" {
		t.Errorf("a remote model is the second choice, with ears and voice here: %+v, %v", got, err)
	}
}

func TestFirstInstalledAdapterOfThoseNamed(t *testing.T) {
	p := embedded()
	p.Needs[2].Adapters = []string{"ear", "ear-2"}
	got, err := model.Resolve(p, registry(t, base()), laptop(), at(model.StageVerified, "ear"))
	if err != nil || got.Sources[2].From != "ear-2" {
		t.Fatalf("%+v, %v", got.Sources, err)
	}
	p.Needs[2].Adapters = nil
	got, err = model.Resolve(p, registry(t, base()), laptop(), at(model.StageVerified))
	if err != nil || got.Sources[2].From != "ear" {
		t.Fatalf("by rank: %+v, %v", got.Sources, err)
	}
}

func TestALoadedModelHasItsMemory(t *testing.T) {
	h := laptop()
	h.MemoryFree = gib
	ready := at(model.StageVerified)
	ready.States["big-eye"] = model.State{Stage: model.StageProbed}
	ready.Want = model.StageProbed
	got, err := model.Resolve(embedded(), registry(t, base()), h, ready)
	if err != nil || got.Base.ID != "big-eye" || got.Stage != "probed" {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestExplainTellsWhoFellOutWhere(t *testing.T) {
	x, err := model.Explain(standard(), registry(t, base()), laptop(), at(model.StageVerified))
	if err != nil || x.Resolution != nil || x.Refusal == nil {
		t.Fatalf("%+v, %v", x, err)
	}
	out := map[string]string{}
	left := x.Models
	for _, s := range x.Steps {
		left -= len(s.Dropped)
		if s.Left != left {
			t.Errorf("%s: %d left, %d remain", s.Filter, s.Left, left)
		}
		for _, d := range s.Dropped {
			out[d.Model] = s.Filter
		}
	}
	want := map[string]string{"talker": "capabilities", "small-eye": "context", "big-eye": "residency", "all-senses": "residency", "far-eye": "residency"}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Fatal(diff)
	}
	x, err = model.Explain(embedded(), registry(t, base()), laptop(), at(model.StageVerified))
	if err != nil || x.Resolution == nil || x.Resolution.Base.ID != "big-eye" || x.Refusal != nil {
		t.Fatalf("%+v, %v", x, err)
	}
}
