package model

import (
	"fmt"
)

// Source says where one capability comes from.
type Source struct {
	Capability Capability `json:"capability"`
	// From is the id of the base model or of the adapter.
	From string `json:"from"`
	// Native is true when the base model itself has it.
	Native bool `json:"native"`
}

// Resolution is the answer to "which models may be this persona here". It is complete: whoever
// loads it loads these parts and no others, and adds nothing of his own. The resolver has checked
// that this build can run each of them in its role, that their bytes are here, and that they fit
// into memory together.
type Resolution struct {
	Profile string `json:"profile"`
	// Base answers. Ear makes the final transcripts, Interim those while somebody still speaks,
	// Detector finds speech, EndOfTurn hears whether somebody has finished, Voice speaks. A part is
	// zero where the profile, with its defaults, names nobody for the role.
	Base      Part `json:"base"`
	Ear       Part `json:"ear,omitzero"`
	Interim   Part `json:"interim,omitzero"`
	Detector  Part `json:"detector,omitzero"`
	EndOfTurn Part `json:"end_of_turn,omitzero"`
	Voice     Part `json:"voice,omitzero"`
	// Reader reads text in pictures, for a base model that is shown none: what a profile lets an
	// adapter see is seen by the adapter, whatever the base model could do itself.
	Reader Part `json:"reader,omitzero"`
	// Namer names what pictures show, for the same model.
	Namer Part `json:"namer,omitzero"`
	// Library is the inference library: of the base model, or, for a remote one, of the other
	// parts; zero where nothing runs here.
	Library  Part   `json:"library,omitzero"`
	Provider string `json:"provider"`
	Backend  string `json:"backend"`
	// ExecutionProvider is "cpu" or "cuda"; "" for remote models.
	ExecutionProvider string  `json:"execution_provider,omitempty"`
	Silicon           Silicon `json:"silicon"`
	// Device names the place; DeviceIndex is the GPU's number, or -1.
	Device      string `json:"device"`
	DeviceIndex int    `json:"device_index"`
	// Sources has one row for each need of the profile, in the profile's order.
	Sources []Source `json:"sources"`
	// ExpectedBytes is what the base model (on a CPU: with its companions) needs, FreeBytes what
	// the place has. Both are 0 for remote models.
	ExpectedBytes int64 `json:"expected_bytes"`
	FreeBytes     int64 `json:"free_bytes"`
	// Stage is how far the base model has come.
	Stage string `json:"stage"`
	// Sight is what pictures may cost and come to; nil where the profile says nothing of it or a
	// server is shown them.
	Sight *Sight `json:"sight,omitempty"`
	// Unverified says why the project claims nothing for this model; "" when it runs it itself.
	Unverified string `json:"unverified,omitempty"`
	// Reason is one sentence.
	Reason string `json:"reason"`
}

// Step is one filter of an explanation.
type Step struct {
	Filter string `json:"filter"`
	Left   int    `json:"left"`
	// Dropped are the models that fell out here, in preference order.
	Dropped []Blocker `json:"dropped,omitempty"`
}

// Explanation is a resolution with every filter, who fell out there and why.
type Explanation struct {
	Profile    string        `json:"profile"`
	Models     int           `json:"models"`
	Steps      []Step        `json:"steps"`
	Resolution *Resolution   `json:"resolution,omitempty"`
	Refusal    *RefusalError `json:"refusal,omitempty"`
}

// Resolve chooses the base model for a profile on a host, or returns a *RefusalError. A profile
// that cannot be understood is ErrBadProfile. It is pure and keeps nothing of its arguments.
func Resolve(p Profile, r *Registry, h Host, ready Readiness) (Resolution, error) {
	s, err := newSolver(p, r, h, ready)
	if err != nil {
		return Resolution{}, err
	}
	best := s.best()
	if best == nil {
		return Resolution{}, s.refusal()
	}
	sight, err := s.sight(best)
	if err != nil {
		return Resolution{}, s.tooSlow(best, err)
	}
	return s.resolution(best, sight), nil
}

// Explain resolves and tells every step. Its Refusal is what Resolve would have returned.
func Explain(p Profile, r *Registry, h Host, ready Readiness) (Explanation, error) {
	s, err := newSolver(p, r, h, ready)
	if err != nil {
		return Explanation{}, err
	}
	out := Explanation{Profile: p.ID, Models: len(s.verdicts)}
	for f := filter(0); f < filterCount; f++ {
		step := Step{Filter: f.String(), Left: s.left[f]}
		for i := range s.verdicts {
			if v := &s.verdicts[i]; v.first == f {
				step.Dropped = append(step.Dropped, s.blocker(v, f))
			}
		}
		out.Steps = append(out.Steps, step)
	}
	best := s.best()
	if best == nil {
		out.Refusal = s.refusal()
		return out, nil
	}
	sight, err := s.sight(best)
	if err != nil {
		out.Refusal = s.tooSlow(best, err)
		out.Steps = append(out.Steps, Step{Filter: sightStep, Dropped: out.Refusal.Blockers})
		return out, nil
	}
	res := s.resolution(best, sight)
	out.Resolution = &res
	return out, nil
}

// best returns the first surviving verdict in the order of the provider policy, or nil.
func (s *solver) best() *verdict {
	var second *verdict
	for i := range s.verdicts {
		v := &s.verdicts[i]
		if v.failed != 0 {
			continue
		}
		local := !v.entry.remote()
		switch {
		case s.profile.Providers == PreferCloud && local, s.profile.Providers == PreferLocal && !local:
			if second == nil {
				second = v
			}
			continue
		}
		return v
	}
	return second
}

func (s *solver) resolution(v *verdict, sight *Sight) Resolution {
	e := v.entry
	out := Resolution{
		Profile: s.profile.ID, Base: part(e), Ear: part(s.part(RoleEar)), Interim: part(s.part(RoleInterim)),
		Detector: part(s.part(RoleDetector)), EndOfTurn: part(s.part(RoleEndOfTurn)), Voice: part(s.part(RoleVoice)), Reader: part(s.part(RoleReader)), Namer: part(s.part(RoleNamer)),
		Provider: e.Provider, Backend: e.Backend,
		ExecutionProvider: v.place.provider, Silicon: v.place.silicon, Device: v.place.device, DeviceIndex: v.place.index,
		ExpectedBytes: s.expected(v), FreeBytes: v.place.free,
		Stage: s.ready.state(e).Stage.String(), Unverified: e.Unverified, Sight: sight,
	}
	if rt := s.runtimes[s.wantedProvider(v)]; rt != nil {
		out.Library = part(rt)
	}
	for _, n := range s.profile.Needs {
		src := Source{Capability: n.Capability, From: e.ID, Native: true}
		if !e.Capabilities.Has(n.Capability) || n.Capability == Vision && n.AdapterAllowed {
			src.From, src.Native = s.part(roleOf(n.Capability)).ID, false
		}
		out.Sources = append(out.Sources, src)
	}
	where := fmt.Sprintf("on %s (%s)", out.Silicon, out.Device)
	if out.ExecutionProvider != "" {
		where += " with " + out.Backend + "/" + out.ExecutionProvider
	}
	out.Reason = fmt.Sprintf("%s is the first of %d models that satisfy profile %s; it runs %s", e.ID, s.left[filterCount-1], s.profile.ID, where)
	return out
}
