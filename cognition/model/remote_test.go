package model_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// afar is embedded with another provider policy.
func afar(policy model.ProviderPolicy) model.Profile {
	p := embedded()
	p.ID, p.Providers = "afar", policy
	return p
}

// Nothing local is installed: a profile that allows no provider does not get one.
func TestLocalOnlyDoesNotGoToAServer(t *testing.T) {
	none := at(model.StageVerified, "small-eye", "big-eye", "all-senses")
	if got := refusal(t, afar(model.LocalOnly), base(), laptop(), none); got.Reason != model.ReasonInstall {
		t.Errorf("local-only: %+v", got)
	}
}

// A remote model still hears and speaks here: its companions, their library and their memory count.
func TestRemoteModelWithLocalCompanions(t *testing.T) {
	got, err := model.Resolve(afar(model.CloudOnly), registry(t, base()), laptop(), at(model.StageVerified))
	if err != nil {
		t.Fatal(err)
	}
	want := model.Resolution{
		Profile: "afar", Base: played("far-eye"), Ear: played("ear"), Detector: played("vad"), Voice: played("voice"),
		Library: played("lib-cpu"), Provider: "lab", Backend: "openai-http", Silicon: model.SiliconCloud,
		Device: "lab", DeviceIndex: -1, Stage: "verified",
		Sources: []model.Source{
			{Capability: model.Chat, From: "far-eye", Native: true},
			{Capability: model.Vision, From: "far-eye", Native: true},
			{Capability: model.AudioInput, From: "ear"},
			{Capability: model.AudioOutput, From: "voice"},
		},
		Reason: "far-eye is the first of 1 models that satisfy profile afar; it runs on cloud (lab)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	missing := refusal(t, afar(model.CloudOnly), base(), laptop(), at(model.StageVerified, "lib-cpu", "voice"))
	if missing.Reason != model.ReasonInstall || missing.Command != "sensory-agent models pull lib-cpu voice" {
		t.Errorf("without library and voice: %v", missing)
	}
	tight := laptop()
	tight.MemoryFree = gib / 8
	small := refusal(t, afar(model.CloudOnly), base(), tight, at(model.StageVerified))
	if small.Reason != model.ReasonFit || !strings.Contains(small.Error(), "main memory for ears and voice") {
		t.Errorf("without memory: %v", small)
	}
	words := model.Profile{ID: "words", Needs: []model.Need{{Capability: model.Chat}}, Residency: model.ResidencyAny, Providers: model.CloudOnly}
	if got, err := model.Resolve(words, registry(t, base()), tight, model.Readiness{}); err != nil || got.Base.ID != "far-eye" || got.Library.ID != "" {
		t.Errorf("nothing runs here, so nothing is needed: %+v, %v", got, err)
	}
}

func TestExplainShowsRemoteModelsFallingOut(t *testing.T) {
	for _, c := range []struct {
		profile model.Profile
		filter  string
		lacks   string
	}{
		{embedded(), "provider", `an allowed provider, "lab" is not local-only`},
		{standard(), "residency", "gpu-or-unified residency, it would run on cloud (lab)"},
	} {
		x, err := model.Explain(c.profile, registry(t, base()), gpuHost(), at(model.StageVerified))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, step := range x.Steps {
			for _, b := range step.Dropped {
				if b.Model != "far-eye" {
					continue
				}
				found = true
				if step.Filter != c.filter || b.Lacks != c.lacks {
					t.Errorf("%s: fell out at %s: %q", c.profile.ID, step.Filter, b.Lacks)
				}
			}
		}
		if !found || x.Resolution == nil || x.Resolution.Provider != model.LocalProvider {
			t.Errorf("%s: found %v, resolution %+v", c.profile.ID, found, x.Resolution)
		}
	}
}
