package model_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

func drawEntries(t *rapid.T) []model.Entry {
	n := rapid.IntRange(0, 14).Draw(t, "entries")
	out := make([]model.Entry, 0, n)
	for i := range n {
		e := model.Entry{
			ID: fmt.Sprintf("e%02d", i), Family: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "family"),
			Kind:         rapid.SampledFrom([]model.Kind{model.KindModel, model.KindModel, model.KindModel, model.KindAdapter, model.KindComponent, model.KindRuntime}).Draw(t, "kind"),
			Capabilities: model.SetOf(rapid.SliceOf(rapid.SampledFrom(model.Capabilities())).Draw(t, "caps")...),
			Context:      rapid.SampledFrom([]int{0, 256, 8192}).Draw(t, "context"), Licence: rapid.SampledFrom([]string{"MIT", "own"}).Draw(t, "licence"),
			Provider:    rapid.SampledFrom([]string{"local", "local", "lab"}).Draw(t, "provider"),
			MemoryBytes: rapid.Int64Range(0, 8*gib).Draw(t, "memory"), Rank: rapid.IntRange(0, 3).Draw(t, "rank"),
			ExecutionProviders: rapid.SampledFrom([][]string{{"cpu"}, {"cuda"}, {"cuda", "cpu"}}).Draw(t, "providers"),
		}
		if e.Kind == model.KindRuntime {
			e.Provider, e.Provides = "local", rapid.SampledFrom([]string{"cpu", "cuda"}).Draw(t, "provides")
		}
		out = append(out, e)
	}
	return out
}

func drawProfile(t *rapid.T) model.Profile {
	p := model.Profile{
		ID: "p", ContextMin: rapid.SampledFrom([]int{0, 4096}).Draw(t, "min"),
		Residency: rapid.SampledFrom([]model.Residency{model.ResidencyAny, model.ResidencyGPU}).Draw(t, "residency"),
		Providers: rapid.SampledFrom([]model.ProviderPolicy{model.LocalOnly, model.PreferLocal, model.PreferCloud, model.CloudOnly, model.AnyProvider}).Draw(t, "policy"),
		Needs:     []model.Need{{Capability: model.Chat}},
	}
	if rapid.Bool().Draw(t, "eye") {
		p.Needs = append(p.Needs, model.Need{Capability: model.Vision})
	}
	if rapid.Bool().Draw(t, "ear") {
		p.Needs = append(p.Needs, model.Need{Capability: model.AudioInput, AdapterAllowed: true})
	}
	if rapid.Bool().Draw(t, "licensed") {
		p.Licences = []string{"MIT"}
	}
	if rapid.Bool().Draw(t, "component") {
		p.Requires = []string{"e01"}
	}
	id := rapid.SampledFrom([]string{"e00", "e02", "e03", "e04", "e05", "e06", "e07"})
	for _, role := range []model.Role{model.RoleEar, model.RoleInterim, model.RoleVoice, model.RoleDetector} {
		if rapid.IntRange(0, 3).Draw(t, "default") == 0 {
			if p.Defaults == nil {
				p.Defaults = map[model.Role][]string{}
			}
			p.Defaults[role] = rapid.SliceOfN(id, 1, 4).Draw(t, string(role))
		}
	}
	return p
}

func drawHost(t *rapid.T) model.Host {
	h := model.Host{Arch: "amd64", MemoryFree: rapid.Int64Range(0, 16*gib).Draw(t, "free")}
	for i := range rapid.IntRange(0, 2).Draw(t, "gpus") {
		h.GPUs = append(h.GPUs, model.GPU{
			Index: i, Name: fmt.Sprintf("card %d", i), Provider: "cuda",
			MemoryFree: rapid.Int64Range(0, 16*gib).Draw(t, "card"), Unified: rapid.Bool().Draw(t, "unified"),
		})
	}
	if rapid.Bool().Draw(t, "families") {
		h.Families = []model.Family{{Name: "x", Roles: model.Roles()}}
	}
	return h
}

func drawReadiness(t *rapid.T, entries []model.Entry) model.Readiness {
	r := model.Readiness{Want: rapid.SampledFrom([]model.Stage{model.StageVerified, model.StageProbed}).Draw(t, "want"), States: map[string]model.State{}}
	for _, e := range entries {
		r.States[e.ID] = model.State{Stage: model.Stage(rapid.IntRange(0, 3).Draw(t, "stage"))}
	}
	return r
}

// qualifies restates the rules without the resolver's order or bookkeeping.
func qualifies(e model.Entry, p model.Profile, r *model.Registry, entries []model.Entry, h model.Host, ready model.Readiness, res model.Resolution) error {
	local := e.Provider == "local"
	usable := func(x model.Entry) bool {
		return x.Provider != "local" || ready.States[x.ID].Stage >= model.StageVerified
	}
	switch {
	case e.Kind != model.KindModel:
		return errors.New("not a base model")
	case e.Context < p.ContextMin:
		return errors.New("context")
	case len(p.Licences) > 0 && !slices.Contains(p.Licences, e.Licence):
		return errors.New("licence")
	case p.Providers == model.LocalOnly && !local, p.Providers == model.CloudOnly && local:
		return errors.New("provider")
	case p.Residency == model.ResidencyGPU && res.Silicon != model.SiliconGPU && res.Silicon != model.SiliconUnified:
		return errors.New("residency")
	case local && res.ExecutionProvider == "cuda" && len(h.GPUs) == 0:
		return errors.New("a GPU that is not there")
	case local && !slices.Contains(e.ExecutionProviders, res.ExecutionProvider):
		return errors.New("execution provider")
	case local && len(h.Families) > 0 && !slices.ContainsFunc(h.Families, func(f model.Family) bool { return f.Name == e.Family }):
		return errors.New("runner")
	case ready.States[e.ID].Stage < ready.Want && (local || ready.Want > model.StageVerified):
		return errors.New("ready")
	case local && ready.States[e.ID].Stage < model.StageLoaded && res.ExpectedBytes > res.FreeBytes:
		return errors.New("memory")
	}
	for i, s := range res.Sources {
		from, ok := r.Entry(s.From)
		if !ok || !from.Capabilities.Has(s.Capability) || !usable(from) || !s.Native && (from.Kind != model.KindAdapter || !p.Needs[i].AdapterAllowed) || s.Native && s.From != e.ID {
			return fmt.Errorf("source %+v", s)
		}
	}
	if local {
		if rt, ok := r.Entry(res.Library.ID); !ok || rt.Provides != res.ExecutionProvider || !usable(rt) {
			return errors.New("runtime")
		}
	}
	for _, id := range p.Requires {
		if c, ok := r.Entry(id); !ok || !usable(c) {
			return errors.New("component")
		}
		if id != res.Detector.ID && id != res.Interim.ID {
			return fmt.Errorf("component %s is no part", id)
		}
	}
	return partsQualify(p, r, h, usable, res)
}

// partsQualify restates the rules of the roles beside the base model.
func partsQualify(p model.Profile, r *model.Registry, h model.Host, usable func(model.Entry) bool, res model.Resolution) error {
	adapted := func(c model.Capability) bool {
		return slices.ContainsFunc(p.Needs, func(n model.Need) bool { return n.Capability == c && n.AdapterAllowed })
	}
	memory, seen := int64(0), map[string]bool{}
	for role, c := range map[model.Role]struct {
		part   model.Part
		kind   model.Kind
		needs  model.Capability
		wanted bool
	}{
		model.RoleEar:      {res.Ear, model.KindAdapter, model.AudioInput, adapted(model.AudioInput)},
		model.RoleVoice:    {res.Voice, model.KindAdapter, model.AudioOutput, adapted(model.AudioOutput)},
		model.RoleInterim:  {res.Interim, model.KindAdapter, model.AudioInput, false},
		model.RoleDetector: {res.Detector, model.KindComponent, "", false},
	} {
		e, ok := r.Entry(c.part.ID)
		switch {
		case c.part.IsZero():
			if c.wanted || len(p.Defaults[role]) > 0 {
				return fmt.Errorf("nobody for %s", role)
			}
			continue
		case !ok || e.Provider != "local" || !usable(e) || e.Family != c.part.Family:
			return fmt.Errorf("%s: %+v", role, c.part)
		case len(h.Families) == 0 && (e.Kind != c.kind || c.needs != "" && !e.Capabilities.Has(c.needs)), len(h.Families) > 0 && e.Family != "x":
			return fmt.Errorf("%s cannot be %s", e.ID, role)
		case !c.wanted && !slices.Contains(p.Defaults[role], e.ID) && !slices.Contains(p.Requires, e.ID):
			return fmt.Errorf("nobody named %s for %s", e.ID, role)
		}
		if !seen[e.ID] {
			memory += e.MemoryBytes
		}
		seen[e.ID] = true
	}
	if base, _ := r.Entry(res.Base.ID); res.ExpectedBytes > 0 && res.Silicon != model.SiliconGPU && res.ExpectedBytes != base.MemoryBytes+memory {
		return fmt.Errorf("%d bytes expected, %d counted", res.ExpectedBytes, base.MemoryBytes+memory)
	}
	if res.Silicon == model.SiliconCloud && memory > h.MemoryFree && res.Stage != "loaded" && res.Stage != "probed" {
		return errors.New("memory beside a server")
	}
	return nil
}

// Resolve gives the same answer for every order of the registry, changes nothing of its input,
// never breaks a rule, and every refusal ends with a filter that leaves nobody.
func TestResolveProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries, p, h := drawEntries(t), drawProfile(t), drawHost(t)
		ready := drawReadiness(t, entries)
		r, err := model.NewRegistry(entries)
		if err != nil {
			t.Fatal(err)
		}
		first, firstErr := model.Resolve(p, r, h, ready)
		shuffled := slices.Clone(entries)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 0))
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		r2, err := model.NewRegistry(shuffled)
		if err != nil {
			t.Fatal(err)
		}
		second, secondErr := model.Resolve(p, r2, h, ready)
		if diff := cmp.Diff(first, second); diff != "" {
			t.Fatalf("order matters: %s", diff)
		}
		x, err := model.Explain(p, r2, h, ready)
		if err != nil {
			t.Fatal(err)
		}
		if firstErr == nil {
			e, _ := r.Entry(first.Base.ID)
			if err := qualifies(e, p, r, entries, h, ready, first); err != nil {
				t.Fatalf("%+v breaks a rule: %v", first, err)
			}
			if x.Resolution == nil || x.Resolution.Base.ID != first.Base.ID {
				t.Fatalf("explained as %+v", x.Resolution)
			}
			return
		}
		var a, b *model.RefusalError
		if !errors.As(firstErr, &a) || !errors.As(secondErr, &b) {
			t.Fatalf("untyped: %v, %v", firstErr, secondErr)
		}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Fatalf("order matters: %s", diff)
		}
		if diff := cmp.Diff(a, x.Refusal); diff != "" {
			t.Fatalf("explained otherwise: %s", diff)
		}
		if a.Filters[len(a.Filters)-1].Left != 0 {
			t.Fatalf("refused with candidates left: %+v", a.Filters)
		}
	})
}

// Installing more never turns an answer into a refusal.
func TestInstallingNeverHurts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries, p, h := drawEntries(t), drawProfile(t), drawHost(t)
		ready := drawReadiness(t, entries)
		ready.Want = model.StageVerified
		h.GPUs = nil
		r, err := model.NewRegistry(entries)
		if err != nil {
			t.Fatal(err)
		}
		before, err := model.Resolve(p, r, h, ready)
		if err != nil {
			return
		}
		for _, e := range entries {
			// Another adapter or component would be taken instead, and may be larger.
			if (e.Kind == model.KindModel || e.Kind == model.KindRuntime) && ready.States[e.ID].Stage < model.StageVerified {
				ready.States[e.ID] = model.State{Stage: model.StageVerified}
			}
		}
		if after, err := model.Resolve(p, r, h, ready); err != nil {
			t.Fatalf("%s qualified, then %v (%+v)", before.Base.ID, err, after)
		}
	})
}
