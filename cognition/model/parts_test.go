package model_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// plain is a profile that names nothing but a base model, with defaults for the rest.
func plain() model.Profile {
	return model.Profile{
		ID: "plain", Needs: []model.Need{{Capability: model.Chat}}, Models: []string{"talker"},
		Residency: model.ResidencyAny, Providers: model.LocalOnly,
		Defaults: map[model.Role][]string{
			model.RoleEar: {"ear-2", "ear"}, model.RoleInterim: {"ear-2"}, model.RoleDetector: {"vad"}, model.RoleVoice: {"voice"},
		},
	}
}

// TestDefaultsCount: what a profile does not name is named by its defaults, must be here, and takes
// memory like what it names.
func TestDefaultsCount(t *testing.T) {
	r := registry(t, base())
	got, err := model.Resolve(plain(), r, laptop(), at(model.StageVerified))
	if err != nil {
		t.Fatal(err)
	}
	parts := []model.Part{got.Base, got.Ear, got.Interim, got.Detector, got.Voice, got.Library}
	want := []model.Part{played("talker"), played("ear-2"), played("ear-2"), played("vad"), played("voice"), played("lib-cpu")}
	if diff := cmp.Diff(want, parts); diff != "" {
		t.Error(diff)
	}
	// ear-2 plays two roles and is loaded once.
	need := gib + gib/4 + gib/100 + gib/8
	if got.ExpectedBytes != need {
		t.Errorf("%d bytes expected, want %d", got.ExpectedBytes, need)
	}
	tight := laptop()
	tight.MemoryFree = need - 1
	if refused := refusal(t, plain(), base(), tight, at(model.StageVerified)); refused.Reason != model.ReasonFit {
		t.Errorf("one byte short: %v", refused)
	}
	absent := refusal(t, plain(), base(), laptop(), at(model.StageVerified, "ear-2", "vad", "voice"))
	if absent.Command != "sensory-agent models pull voice vad ear-2" {
		t.Errorf("of the ears the first installed one, of the interim ears the only one: %q", absent.Command)
	}
	if got, err := model.Resolve(plain(), r, laptop(), at(model.StageVerified)); err != nil || len(got.Sources) != 1 {
		t.Errorf("defaults are no capability that was asked for: %+v, %v", got.Sources, err)
	}
	named := plain()
	named.Needs = append(named.Needs, model.Need{Capability: model.AudioInput, AdapterAllowed: true, Adapters: []string{"ear"}})
	if got, err := model.Resolve(named, r, laptop(), at(model.StageVerified)); err != nil || got.Ear.ID != "ear" || got.Interim.ID != "ear-2" {
		t.Errorf("what is named comes before what is default: %+v, %v", got, err)
	}
	named.Requires = []string{"ear"} // an adapter that takes speech: an interim ear
	if got, err := model.Resolve(named, r, laptop(), at(model.StageVerified)); err != nil || got.Interim.ID != "ear" || got.Detector.ID != "vad" {
		t.Errorf("a component takes the place of its role's default: %+v, %v", got, err)
	}
	none := plain()
	none.Defaults = nil
	if got, err := model.Resolve(none, r, laptop(), at(model.StageVerified)); err != nil || !got.Ear.IsZero() || !got.Voice.IsZero() || got.ExpectedBytes != gib {
		t.Errorf("a role that nobody names is not played: %+v, %v", got, err)
	}
}

// TestDefaultsThatCannotPlay are refused with the role.
func TestDefaultsThatCannotPlay(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(p *model.Profile)
		host model.Host
		says string
	}{
		"unregistered": {func(p *model.Profile) { p.Defaults[model.RoleInterim] = []string{"gone"} }, laptop(), "a model for interim transcripts (none of gone can be used: gone is not registered)"},
		"voice as ear": {func(p *model.Profile) { p.Defaults[model.RoleEar] = []string{"voice"} }, laptop(), "a model for final transcripts (none of voice can be used: voice is no adapter for audio-input)"},
		"ear as voice": {func(p *model.Profile) { p.Defaults[model.RoleVoice] = []string{"ear"} }, laptop(), "ear is no adapter for audio-output"},
		"kind":         {func(p *model.Profile) { p.Defaults[model.RoleDetector] = []string{"ear"} }, laptop(), "ear: the kind adapter is not for voice activity"},
		"family": {
			func(p *model.Profile) { p.Defaults[model.RoleInterim] = []string{"ear"} }, playing(map[string][]model.Role{"ear-2": {model.RoleEar, model.RoleInterim}}),
			`ear: family "f-ear" is for final transcripts, not for interim transcripts`,
		},
		"licence": {func(p *model.Profile) { p.Licences, p.Defaults[model.RoleEar] = []string{"MIT"}, []string{"ear"} }, laptop(), "ear has the licence GPL"},
		"server":  {func(p *model.Profile) { p.Defaults[model.RoleDetector] = []string{"far-eye"} }, laptop(), "far-eye: what a server runs is for base model, not for voice activity"},
		"two": {
			func(p *model.Profile) { p.Requires = []string{"vad", "vad-2"} }, laptop(),
			"one component for voice activity, it requires vad, vad-2",
		},
		"a capability that no adapter gives": {
			func(p *model.Profile) {
				p.Needs = append(p.Needs, model.Need{Capability: model.ToolUse, AdapterAllowed: true, Adapters: []string{"ear"}})
			}, laptop(),
			"tool-use itself: no runner takes an adapter for it",
		},
		"an adapter of another kind": {
			func(p *model.Profile) {
				p.Needs = append(p.Needs, model.Need{Capability: model.Vision, AdapterAllowed: true, Adapters: []string{"ear"}})
			}, laptop(),
			"ear is no adapter for vision",
		},
	} {
		t.Run(name, func(t *testing.T) {
			entries := append(base(), model.Entry{ID: "vad-2", Kind: model.KindComponent, Provider: model.LocalProvider})
			for i := range entries {
				if entries[i].ID == "ear" {
					entries[i].Licence = "GPL"
				}
			}
			p := plain()
			c.edit(&p)
			got := refusal(t, p, entries, c.host, at(model.StageVerified))
			if got.Reason != model.ReasonNoMatch || got.Nearest.Filter != "parts" || !strings.Contains(got.Error(), c.says) {
				t.Errorf("%v\ndoes not say %q", got, c.says)
			}
		})
	}
}

// TestNotInstalledButFirst: where none of the ids is here, the first one that can play is asked
// for.
func TestNotInstalledButFirst(t *testing.T) {
	p := plain()
	p.Defaults[model.RoleEar] = []string{"voice", "ear-2", "ear"}
	got := refusal(t, p, base(), laptop(), at(model.StageVerified, "ear", "ear-2"))
	if got.Command != "sensory-agent models pull ear-2" {
		t.Errorf("%q", got.Command)
	}
}

// TestWithVoice: a voice that somebody chose takes the place of those that the profile names, and
// is checked like them.
func TestWithVoice(t *testing.T) {
	entries := append(base(), model.Entry{
		ID: "own", Kind: model.KindAdapter, Family: "f-own", Provider: model.LocalProvider, Capabilities: model.SetOf(model.AudioOutput), MemoryBytes: 3,
	})
	ready := at(model.StageVerified)
	ready.States["own"] = model.State{Stage: model.StageVerified}
	for _, p := range []model.Profile{plain(), embedded()} {
		before := slices.Clone(p.Needs)
		got, err := model.Resolve(p.WithVoice("own"), registry(t, entries), laptop(), ready)
		if err != nil || cmp.Diff(model.Part{ID: "own", Family: "f-own"}, got.Voice) != "" {
			t.Errorf("%s: %+v, %v", p.ID, got.Voice, err)
		}
		if _, err := model.Resolve(p.WithVoice("ear"), registry(t, entries), laptop(), ready); !errors.Is(err, model.ErrNoModelMatches) {
			t.Errorf("%s with an ear as voice: %v", p.ID, err)
		}
		if got, err := model.Resolve(p.WithVoice(), registry(t, entries), laptop(), ready); err != nil || !got.Voice.IsZero() {
			t.Errorf("%s without a voice: %+v, %v", p.ID, got, err)
		}
		if diff := cmp.Diff(before, p.Needs); diff != "" || p.ID == "plain" && p.Defaults[model.RoleVoice][0] != "voice" {
			t.Errorf("%s was changed: %s", p.ID, diff)
		}
	}
}

// TestWhatAPartIsLoadedWith must be here, takes memory, and is named where it is missing.
func TestWhatAPartIsLoadedWith(t *testing.T) {
	entries := append(base(), model.Entry{
		ID: "style", Kind: model.KindAdapter, Family: "f-style", Provider: model.LocalProvider, MemoryBytes: 3,
		Capabilities: model.SetOf(model.AudioOutput), With: []string{"voice"},
	})
	p := plain().WithVoice("style")
	ready := at(model.StageVerified)
	ready.States["style"] = model.State{Stage: model.StageVerified}
	got, err := model.Resolve(p, registry(t, entries), laptop(), ready)
	if err != nil || got.Voice.ID != "style" || got.ExpectedBytes != gib+gib/4+gib/100+gib/8+3 {
		t.Errorf("%+v, %v", got, err)
	}
	delete(ready.States, "voice")
	if got := refusal(t, p, entries, laptop(), ready); got.Command != "sensory-agent models pull voice" {
		t.Errorf("without its model: %q", got.Command)
	}
	either := plain().WithVoice("style", "voice-2")
	other := model.Entry{ID: "voice-2", Kind: model.KindAdapter, Provider: model.LocalProvider, Capabilities: model.SetOf(model.AudioOutput)}
	ready.States["voice-2"] = model.State{Stage: model.StageVerified}
	if got, err := model.Resolve(either, registry(t, append(entries, other)), laptop(), ready); err != nil || got.Voice.ID != "voice-2" {
		t.Errorf("the first one that is whole: %+v, %v", got.Voice, err)
	}
	alone := slices.DeleteFunc(slices.Clone(entries), func(e model.Entry) bool { return e.ID == "voice" })
	if got := refusal(t, p, alone, laptop(), ready); !strings.Contains(got.Error(), "style is loaded with voice, which is not registered") {
		t.Error(got)
	}
}
