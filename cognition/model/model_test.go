package model_test

import (
	"errors"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

func TestCapabilities(t *testing.T) {
	seen := model.Set(0)
	for _, c := range model.Capabilities() {
		got, err := model.ParseCapability(string(c))
		if err != nil || got != c || seen.Has(c) || !model.SetOf(c).Has(c) {
			t.Errorf("%s: %v", c, err)
		}
		seen |= model.SetOf(c)
	}
	if len(seen.Words()) != 7 || seen.String() != "chat, vision, audio-input, audio-output, tool-use, streaming, embedding" {
		t.Errorf("vocabulary %s", seen)
	}
	for _, w := range []string{"", "Chat", "vision ", "text-generation"} {
		if _, err := model.ParseCapability(w); !errors.Is(err, model.ErrUnknownCapability) {
			t.Errorf("%q: %v", w, err)
		}
		if model.SetOf(model.Capability(w)) != 0 || seen.Has(model.Capability(w)) {
			t.Errorf("%q is in a set", w)
		}
	}
}

func TestBadRegistries(t *testing.T) {
	ok := model.Entry{ID: "a", Kind: model.KindModel, Provider: "local"}
	for name, c := range map[string]struct {
		entries []model.Entry
		want    error
	}{
		"twice":       {[]model.Entry{ok, ok}, model.ErrDuplicateID},
		"no id":       {[]model.Entry{{Kind: model.KindModel, Provider: "local"}}, model.ErrDuplicateID},
		"no kind":     {[]model.Entry{{ID: "a", Provider: "local"}}, model.ErrBadEntry},
		"no provider": {[]model.Entry{{ID: "a", Kind: model.KindModel}}, model.ErrBadEntry},
	} {
		if _, err := model.NewRegistry(c.entries); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBadProfiles(t *testing.T) {
	for name, edit := range map[string]func(*model.Profile){
		"no id":       func(p *model.Profile) { p.ID = "" },
		"no needs":    func(p *model.Profile) { p.Needs = nil },
		"unknown":     func(p *model.Profile) { p.Needs[0].Capability = "sight" },
		"twice":       func(p *model.Profile) { p.Needs[0].Capability = model.Vision },
		"all adapted": func(p *model.Profile) { p.Needs = p.Needs[2:] },
		"role":        func(p *model.Profile) { p.Defaults = map[model.Role][]string{model.RoleBase: {"big-eye"}} },
		"context":     func(p *model.Profile) { p.ContextMin = -1 },
		"residency":   func(p *model.Profile) { p.Residency = "" },
		"providers":   func(p *model.Profile) { p.Providers = "mine" },
	} {
		p := standard()
		edit(&p)
		_, err := model.Resolve(p, registry(t, base()), laptop(), model.Readiness{})
		if !errors.Is(err, model.ErrBadProfile) || errors.Is(err, model.ErrNoQualifiedModel) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStages(t *testing.T) {
	words := map[model.Stage]string{model.StageDeclared: "declared", model.StageVerified: "verified", model.StageLoaded: "loaded", model.StageProbed: "probed", 9: "unknown"}
	for s, w := range words {
		if s.String() != w {
			t.Errorf("%d: %s, want %s", s, s, w)
		}
	}
}
