package model_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// playing is a host whose build runs every family of base as what it is, but for the changed ones.
func playing(change map[string][]model.Role) model.Host {
	h := laptop()
	for _, e := range base() {
		part := map[model.Kind]model.Role{model.KindModel: model.RoleBase, model.KindComponent: model.RoleDetector, model.KindRuntime: model.RoleRuntime}[e.Kind]
		if part == "" {
			part = model.RoleEar
			if e.Capabilities.Has(model.AudioOutput) {
				part = model.RoleVoice
			}
		}
		parts := []model.Role{part}
		if other, ok := change[e.ID]; ok {
			parts = other
		}
		h.Families = append(h.Families, model.Family{Name: e.Family, Roles: parts})
	}
	return h
}

// What a build's runners cannot do with an entry is a blocker, whatever its capabilities are.
func TestPartsAreBlockers(t *testing.T) {
	if got, err := model.Resolve(embedded(), registry(t, base()), playing(nil), at(model.StageVerified)); err != nil || got.Base.ID != "big-eye" {
		t.Fatalf("%+v, %v", got, err)
	}
	interim := embedded()
	interim.Requires = []string{"vad", "ear-2"}
	host := playing(map[string][]model.Role{"ear-2": {model.RoleInterim}})
	if got, err := model.Resolve(interim, registry(t, base()), host, at(model.StageVerified)); err != nil || got.Base.ID != "big-eye" {
		t.Errorf("an interim ear beside the detector: %+v, %v", got, err)
	}
	both := embedded()
	both.Needs[2].Adapters = []string{"ear-2", "ear"}
	if got, err := model.Resolve(both, registry(t, base()), host, at(model.StageVerified)); err != nil || got.Sources[2].From != "ear" {
		t.Errorf("the second ear is the first that can: %+v, %v", got, err)
	}
	for name, c := range map[string]struct {
		change map[string][]model.Role
		says   string
	}{
		"interim ear":             {map[string][]model.Role{"ear": {model.RoleInterim}}, `an adapter for audio-input (none of ear can be used: ear: family "f-ear" is for interim transcripts, not for final transcripts)`},
		"ear without a runner":    {map[string][]model.Role{"ear": nil}, `ear: this build has no runner for family "f-ear"`},
		"voice that is an ear":    {map[string][]model.Role{"voice": {model.RoleEar, model.RoleInterim}}, `family "f-voice" is for final transcripts, interim transcripts, not for voice`},
		"component without a use": {map[string][]model.Role{"vad": nil}, `a use for the component vad: this build has no runner for family "f-vad"`},
		"voice as component":      {map[string][]model.Role{"vad": {model.RoleVoice}}, `family "f-vad" is for voice, not for voice activity, interim transcripts, end of turn or names of things`},
		"mind that is an ear":     {map[string][]model.Role{"big-eye": {model.RoleEar}, "small-eye": nil, "all-senses": nil}, `family "f-big-eye" is for final transcripts, not for a base model`},
	} {
		deaf := slices.DeleteFunc(base(), func(e model.Entry) bool { return e.ID == "all-senses" })
		got := refusal(t, embedded(), deaf, playing(c.change), at(model.StageVerified))
		if got.Reason != model.ReasonNoMatch || !strings.Contains(got.Error(), c.says) {
			t.Errorf("%s: %v", name, got)
		}
	}
	// Why a named adapter does not do.
	p := embedded()
	p.Needs[2].Adapters = []string{"gone", "voice", "ear"}
	p.Licences = []string{"MIT"}
	entries := slices.DeleteFunc(base(), func(e model.Entry) bool { return e.ID == "all-senses" })
	for i := range entries {
		if entries[i].ID == "ear" {
			entries[i].Licence = "GPL"
		}
	}
	got := refusal(t, p, entries, laptop(), at(model.StageVerified))
	for _, says := range []string{"gone is not registered", "voice is no adapter for audio-input", "ear has the licence GPL"} {
		if !strings.Contains(got.Error(), says) {
			t.Errorf("%v does not say %q", got, says)
		}
	}
}

// Older files of a host list families by name: those can be everything.
func TestFamilyIsReadInBothForms(t *testing.T) {
	var h model.Host
	text := `{"families": ["a", {"name": "b", "parts": ["voice"]}, {"name": "c", "roles": ["voice activity"]}]}`
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		t.Fatal(err)
	}
	want := []model.Family{{Name: "a", Roles: model.Roles()}, {Name: "b", Roles: []model.Role{model.RoleVoice}}, {Name: "c", Roles: []model.Role{model.RoleDetector}}}
	if diff := cmp.Diff(want, h.Families); diff != "" {
		t.Error(diff)
	}
	again, err := json.Marshal(h)
	var back model.Host
	if err != nil || json.Unmarshal(again, &back) != nil || cmp.Diff(h.Families, back.Families) != "" {
		t.Errorf("%s, %v", again, err)
	}
	if json.Unmarshal([]byte(`{"families": [7]}`), &h) == nil {
		t.Error("a number is a family")
	}
}
