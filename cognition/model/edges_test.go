package model_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// only is the embedded profile for one base model.
func only(id string) model.Profile {
	p := embedded()
	p.Models = []string{id}
	return p
}

// Each thing that a persona needs, missing alone, is named alone, with the command that brings it.
func TestEachMissingPartIsNamed(t *testing.T) {
	for _, id := range []string{"big-eye", "ear", "voice", "vad", "lib-cpu"} {
		got := refusal(t, only("big-eye"), base(), laptop(), at(model.StageVerified, id))
		if got.Reason != model.ReasonInstall || got.Command != "sensory-agent models pull "+id {
			t.Errorf("%s: %s, %q", id, got.Reason, got.Command)
		}
		if got.Nearest == nil || got.Nearest.Lacks != "installed files of "+id || got.Nearest.Fix != got.Command {
			t.Errorf("%s: nearest %+v", id, got.Nearest)
		}
	}
	// What the base model does itself comes from it; ears and voice of its own a persona has all
	// the same.
	if got := refusal(t, only("all-senses"), base(), laptop(), at(model.StageVerified, "ear", "voice")); got.Command != "sensory-agent models pull ear voice" {
		t.Errorf("without ear and voice: %q", got.Command)
	}
	got, err := model.Resolve(only("all-senses"), registry(t, base()), laptop(), at(model.StageVerified))
	if err != nil || !got.Sources[2].Native || !got.Sources[3].Native || got.Ear.ID != "ear" || got.Voice.ID != "voice" {
		t.Errorf("%+v, %v", got, err)
	}
	// A remote model needs the library of its companions, and none where it has none.
	far := model.Profile{ID: "far", Residency: model.ResidencyAny, Providers: model.CloudOnly, Needs: embedded().Needs}
	if got := refusal(t, far, base(), laptop(), at(model.StageVerified, "lib-cpu")); got.Command != "sensory-agent models pull lib-cpu" {
		t.Errorf("companions of a remote model: %q", got.Command)
	}
	far.Needs = []model.Need{{Capability: model.Chat}}
	if got, err := model.Resolve(far, registry(t, base()), laptop(), at(model.StageVerified, "lib-cpu")); err != nil || got.Library.ID != "" {
		t.Errorf("a remote model alone: %+v, %v", got, err)
	}
	able := append(base(), model.Entry{
		ID: "far-all", Kind: model.KindModel, Provider: "lab", Backend: "openai-http", Licence: "MIT", Context: 8192,
		Capabilities: model.SetOf(model.Chat, model.Vision, model.AudioInput, model.AudioOutput),
	})
	senses := model.Profile{ID: "far", Residency: model.ResidencyAny, Providers: model.CloudOnly, Needs: embedded().Needs, Models: []string{"far-all"}}
	ready := at(model.StageVerified, "lib-cpu")
	ready.States["far-all"] = model.State{Stage: model.StageVerified}
	if got := refusal(t, senses, able, laptop(), ready); got.Command != "sensory-agent models pull lib-cpu" {
		t.Errorf("a remote model that hears and speaks itself: %q", got.Command)
	}
	far.Requires = []string{"vad"}
	if got := refusal(t, far, base(), laptop(), at(model.StageVerified, "lib-cpu")); got.Command != "sensory-agent models pull lib-cpu" {
		t.Errorf("components of a remote model: %q", got.Command)
	}
}

// A model is taken from the stage on that is wanted, which is never less than verified.
func TestStagesThatAreWanted(t *testing.T) {
	stages := []model.Stage{model.StageDeclared, model.StageVerified, model.StageLoaded, model.StageProbed}
	for _, want := range stages {
		for _, stage := range stages {
			ready := at(model.StageVerified)
			ready.Want = want
			ready.States["big-eye"] = model.State{Stage: stage}
			got, err := model.Resolve(only("big-eye"), registry(t, base()), laptop(), ready)
			switch {
			case stage >= max(want, model.StageVerified):
				if err != nil || got.Stage != stage.String() {
					t.Errorf("%s, %s wanted: %+v, %v", stage, want, got, err)
				}
			case stage < model.StageVerified:
				if !errors.Is(err, model.ErrNotInstalled) {
					t.Errorf("%s, %s wanted: %v", stage, want, err)
				}
			case !errors.Is(err, model.ErrNotReady) || !strings.Contains(err.Error(), "to be "+want.String()+", it is "+stage.String()):
				t.Errorf("%s, %s wanted: %v", stage, want, err)
			}
		}
	}
}

// The reason counts the models that are left after all filters.
func TestReasonCountsWhoIsLeft(t *testing.T) {
	ready := at(model.StageVerified)
	ready.Want = model.StageProbed
	ready.States["big-eye"] = model.State{Stage: model.StageProbed}
	got, err := model.Resolve(embedded(), registry(t, base()), laptop(), ready)
	if err != nil || !strings.HasPrefix(got.Reason, "big-eye is the first of 1 models") {
		t.Errorf("%q, %v", got.Reason, err)
	}
	ready.States["small-eye"] = model.State{Stage: model.StageProbed}
	got, err = model.Resolve(embedded(), registry(t, base()), laptop(), ready)
	if err != nil || !strings.HasPrefix(got.Reason, "big-eye is the first of 2 models") {
		t.Errorf("%q, %v", got.Reason, err)
	}
}

// Memory is compared to the byte: of the place, and of main memory for what stays there.
func TestMemoryToTheByte(t *testing.T) {
	const companions = gib/4 + gib/8 + gib/100
	for name, c := range map[string]struct {
		profile model.Profile
		host    func(free int64) model.Host
		needs   int64
		says    string
	}{
		"on the processor": {only("big-eye"), func(free int64) model.Host {
			h := laptop()
			h.MemoryFree = free
			return h
		}, 2*gib + companions, "bytes on some processor"},
		"on the card": {func() model.Profile { p := standard(); p.Models = []string{"big-eye"}; return p }(), func(free int64) model.Host {
			h := gpuHost()
			h.GPUs = h.GPUs[1:]
			h.GPUs[0].MemoryFree = free
			return h
		}, 2 * gib, "bytes on large card"},
		"beside the card": {func() model.Profile { p := standard(); p.Models = []string{"big-eye"}; return p }(), func(free int64) model.Host {
			h := gpuHost()
			h.MemoryFree = free
			return h
		}, companions, "bytes of main memory for ears and voice"},
		"in unified memory": {func() model.Profile { p := standard(); p.Models = []string{"big-eye"}; return p }(), func(free int64) model.Host {
			h := gpuHost()
			h.GPUs = h.GPUs[1:]
			h.GPUs[0].Unified, h.GPUs[0].MemoryFree = true, free
			return h
		}, 2*gib + companions, "bytes on large card"},
		"beside a server": {func() model.Profile { p := only("far-eye"); p.Providers = model.CloudOnly; return p }(), func(free int64) model.Host {
			h := laptop()
			h.MemoryFree = free
			return h
		}, companions, "bytes of main memory for ears and voice"},
	} {
		if _, err := model.Resolve(c.profile, registry(t, base()), c.host(c.needs), at(model.StageVerified)); err != nil {
			t.Errorf("%s, exactly enough: %v", name, err)
		}
		_, err := model.Resolve(c.profile, registry(t, base()), c.host(c.needs-1), at(model.StageVerified))
		if !errors.Is(err, model.ErrDoesNotFit) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s, one byte short: %v", name, err)
		}
		// What is loaded has its memory.
		ready := at(model.StageVerified)
		for _, id := range c.profile.Models {
			ready.States[id] = model.State{Stage: model.StageLoaded}
		}
		if _, err := model.Resolve(c.profile, registry(t, base()), c.host(c.needs-1), ready); err != nil {
			t.Errorf("%s, loaded: %v", name, err)
		}
	}
}

// The window is compared to the token.
func TestContextToTheToken(t *testing.T) {
	p := only("big-eye")
	p.ContextMin = 8192
	if _, err := model.Resolve(p, registry(t, base()), laptop(), at(model.StageVerified)); err != nil {
		t.Error(err)
	}
	p.ContextMin++
	if got := refusal(t, p, base(), laptop(), at(model.StageVerified)); !strings.Contains(got.Error(), "a context window of 8193 tokens, it has 8192") {
		t.Error(got)
	}
}

// A refusal lists the checks of at most 24 candidates, or the 8 nearest models where there is no
// candidate.
func TestRefusalsAreBounded(t *testing.T) {
	var many []model.Entry
	for _, e := range base() {
		if e.ID != "big-eye" {
			many = append(many, e)
			continue
		}
		for i := range 40 {
			e.ID = "eye-" + string(rune('a'+i/10)) + string(rune('0'+i%10))
			many = append(many, e)
		}
	}
	many = slices.DeleteFunc(many, func(e model.Entry) bool { return e.ID == "small-eye" || e.ID == "all-senses" || e.ID == "far-eye" })
	p := embedded()
	p.ContextMin = 1 << 20
	models := func(r *model.RefusalError) int {
		seen := map[string]bool{}
		for _, b := range r.Blockers {
			seen[b.Model] = true
		}
		return len(seen)
	}
	if got := refusal(t, p, many, laptop(), at(model.StageVerified)); models(got) != 24 || len(got.Candidates) != 40 {
		t.Errorf("%d models with blockers, %d candidates", models(got), len(got.Candidates))
	}
	p.Needs = append(slices.Clone(p.Needs), model.Need{Capability: model.Embedding})
	if got := refusal(t, p, many, laptop(), at(model.StageVerified)); models(got) != 8 || len(got.Candidates) != 0 {
		t.Errorf("without a candidate: %d models with blockers, %d candidates", models(got), len(got.Candidates))
	}
}

// A profile that asks for nothing is refused for that, before anything else.
func TestProfileWithoutNeeds(t *testing.T) {
	p := embedded()
	p.Needs = nil
	if err := p.Validate(); !errors.Is(err, model.ErrBadProfile) || !strings.Contains(err.Error(), "at least one capability is required") {
		t.Error(err)
	}
	for i := range embedded().Needs {
		q := embedded()
		for k := range q.Needs {
			q.Needs[k].AdapterAllowed = true
		}
		if err := q.Validate(); !errors.Is(err, model.ErrBadProfile) || !strings.Contains(err.Error(), "must be native") {
			t.Error(err)
		}
		if q.Needs[i].AdapterAllowed = false; q.Validate() != nil {
			t.Error(q.Validate())
		}
	}
}
