package model_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// costs are those of a model that needs 200 ms a square on the processor of these tests.
func costs() *model.SightCosts {
	return &model.SightCosts{
		Provider: "cpu", Device: "some processor", Unit: model.Squares, Allowed: []int{1, 3, 5, 13},
		Costs: []model.SightCost{{Pieces: 1, EncodeMS: 150, ReadMS: 50}, {Pieces: 3, EncodeMS: 450, ReadMS: 150}, {Pieces: 5, EncodeMS: 750, ReadMS: 251}},
	}
}

// waiting is what is wanted where an answer may wait so long for one picture.
func waiting(wait time.Duration) model.Sight { return model.Sight{WaitMS: wait.Milliseconds()} }

func TestTheLargestThatFitsIsAgreed(t *testing.T) {
	for wait, want := range map[time.Duration]int{
		199 * time.Millisecond: 0, 200 * time.Millisecond: 1, 599 * time.Millisecond: 1, 600 * time.Millisecond: 3, time.Second: 3,
		1001 * time.Millisecond: 5, time.Minute: 5,
	} {
		got, err := model.AgreeSight(waiting(wait), costs())
		if err == nil && (got.Pictures != 1 || got.Wanted != 0) {
			t.Errorf("%v: %d pictures of %d", wait, got.Pictures, got.Wanted)
		}
		if got.Pieces != want || (err != nil) != (want == 0) || got.Wait() != wait {
			t.Errorf("%v: %+v, %v", wait, got, err)
		}
		var slow *model.SightError
		if want == 0 && (!errors.As(err, &slow) || !errors.Is(err, model.ErrSight) || slow.Least.Pieces != 1) {
			t.Errorf("%v: %v", wait, err)
		}
	}
	for _, nothing := range []*model.SightCosts{nil, {Provider: "cpu"}} {
		if got, err := model.AgreeSight(waiting(time.Second), nothing); err != nil || got.Pieces != 0 || got.Measured != nil {
			t.Errorf("without a measurement %+v, %v", got, err)
		}
	}
}

// seeing is the profile of a laptop whose answers wait so long for a picture.
func seeing(wait time.Duration) model.Profile {
	p := embedded()
	p.Models, p.SightWait = []string{"small-eye"}, wait
	return p
}

func measured(costs ...model.SightCosts) model.Readiness {
	ready := at(model.StageVerified)
	ready.States["small-eye"] = model.State{Stage: model.StageVerified, Sight: costs}
	return ready
}

func TestResolutionsSayWhatPicturesCost(t *testing.T) {
	other := *costs()
	other.Device, other.Costs = "another processor", []model.SightCost{{Pieces: 1, EncodeMS: 9000}}
	for name, c := range map[string]struct {
		profile model.Profile
		ready   model.Readiness
		want    int
		say     string
	}{
		"fits":                     {seeing(time.Second), measured(other, *costs()), 3, "pictures of 3 squares: 600ms of the 1s that an answer may wait for one (measured: 1 in 200ms, 3 in 600ms, 5 in 1.001s; not up to 13)"},
		"one":                      {seeing(300 * time.Millisecond), measured(*costs()), 1, "pictures of 1 square: 200ms of the 300ms"},
		"not measured":             {seeing(time.Second), measured(), 0, "measured when the model is loaded"},
		"measured somewhere else":  {seeing(time.Second), measured(other), 0, "measured when the model is loaded"},
		"nothing is said of sight": {seeing(0), measured(*costs()), -1, ""},
	} {
		got, err := model.Resolve(c.profile, registry(t, base()), laptop(), c.ready)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.want < 0 {
			if got.Sight != nil {
				t.Errorf("%s: %+v", name, got.Sight)
			}
			continue
		}
		if got.Sight == nil || got.Sight.Pieces != c.want || !strings.Contains(got.Sight.String(), c.say) {
			t.Errorf("%s: %v", name, got.Sight)
		}
	}
}

// TestTooSlowIsRefused: no other model takes the place of one whose pictures cost too much; the
// refusal says what they cost and what to change, as does the explanation.
func TestTooSlowIsRefused(t *testing.T) {
	p := seeing(100 * time.Millisecond)
	got := refusal(t, p, base(), laptop(), measured(*costs()))
	if got.Reason != model.ReasonSight || !errors.Is(got, model.ErrSight) || got.Command != "" {
		t.Errorf("%+v", got)
	}
	for _, part := range []string{"small-eye", "a picture of 1 square costs", "200ms on some processor (150ms to encode, 50ms to read)", "may wait 100ms", "longer sight wait"} {
		if !strings.Contains(got.Error(), part) {
			t.Errorf("%q is not in %s", part, got)
		}
	}
	wide := p
	wide.Models = nil
	ready := measured()
	ready.States["big-eye"] = model.State{Stage: model.StageVerified, Sight: []model.SightCosts{*costs()}}
	if got := refusal(t, wide, base(), laptop(), ready); got.Reason != model.ReasonSight || got.Nearest.Model != "big-eye" {
		t.Errorf("another model was to take its place: %+v", got)
	}
	x, err := model.Explain(p, registry(t, base()), laptop(), measured(*costs()))
	if err != nil || x.Refusal == nil || x.Resolution != nil || x.Steps[len(x.Steps)-1].Filter != "sight" || len(x.Steps[len(x.Steps)-1].Dropped) != 1 {
		t.Errorf("%+v, %v", x, err)
	}
}

func TestSightOfProfilesIsChecked(t *testing.T) {
	blind := seeing(time.Second)
	blind.Needs = []model.Need{{Capability: model.Chat}}
	for name, p := range map[string]model.Profile{
		"negative": seeing(-time.Second), "long": seeing(time.Hour), "fine": seeing(time.Microsecond), "blind": blind,
		"many": several(9, 0, 0), "less than none": several(-1, 0, 0), "back": several(2, -time.Second, 0), "apart": several(2, time.Hour, 0),
		"fine spacing": several(2, time.Microsecond, 0), "old": several(2, 0, 6*time.Minute), "too far apart": several(2, 2*time.Second, 2*time.Second),
		"farther than usual": several(2, 40*time.Second, 0), "blind, several": func() model.Profile { p := several(2, 0, 0); p.Needs = blind.Needs; return p }(),
	} {
		if err := p.Validate(); !errors.Is(err, model.ErrBadProfile) || !strings.Contains(err.Error(), "sight") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSightIsPlainData: what was agreed survives being written down.
func TestSightIsPlainData(t *testing.T) {
	agreed, err := model.AgreeSight(waiting(time.Second), costs())
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(agreed)
	if err != nil {
		t.Fatal(err)
	}
	var again model.Sight
	if err := json.Unmarshal(data, &again); err != nil || again.String() != agreed.String() || !strings.Contains(string(data), `"pieces":3`) {
		t.Errorf("%s: %v, %v", data, again.String(), err)
	}
}

// TestAReaderSeesForItsModel: what a profile lets an adapter see is seen by the adapter, whatever
// the model can do itself.
func TestAReaderSeesForItsModel(t *testing.T) {
	entries := append(base(), model.Entry{
		ID: "reader", Kind: model.KindAdapter, Family: "f-reader", Capabilities: model.SetOf(model.Vision), Licence: "MIT",
		Provider: model.LocalProvider, Files: []string{"reader.bin"}, ExecutionProviders: []string{model.ProviderCPU}, MemoryBytes: gib / 10,
	})
	ready := at(model.StageVerified)
	p := embedded()
	p.ID = "assisted"
	for i := range p.Needs {
		if p.Needs[i].Capability == model.Vision {
			p.Needs[i].AdapterAllowed, p.Needs[i].Adapters = true, []string{"reader"}
		}
	}
	if got := refusal(t, p, entries, laptop(), ready); got.Reason != model.ReasonInstall || !strings.Contains(got.Error(), "reader") {
		t.Errorf("without the reader's files: %+v", got)
	}
	ready.States["reader"] = model.State{Stage: model.StageVerified}
	got, err := model.Resolve(p, registry(t, entries), laptop(), ready)
	if err != nil {
		t.Fatal(err)
	}
	if got.Reader.ID != "reader" || got.Base.ID != "big-eye" || got.Sight != nil || !slices.Contains(got.Sources, model.Source{Capability: model.Vision, From: "reader"}) {
		t.Errorf("%+v", got)
	}
}

// several is a profile that says which pictures an answer is made from.
func several(pictures int, spacing, within time.Duration) model.Profile {
	p := seeing(0)
	p.SightPictures, p.SightSpacing, p.SightWithin = pictures, spacing, within
	return p
}

// TestSeveralPicturesAreAgreed: as many as the model takes and the profile allows, where an answer
// may wait until all are read, though only the newest is encoded then; of pieces the largest that
// fits so many.
func TestSeveralPicturesAreAgreed(t *testing.T) {
	for _, c := range []struct {
		wait           time.Duration
		wanted         int
		pictures, says int // how many were wanted, where that is more
		pieces         int
		took           int64
	}{
		{199 * time.Millisecond, 2, 0, 0, 0, 0},
		{249 * time.Millisecond, 2, 1, 2, 1, 200},
		{250 * time.Millisecond, 2, 2, 0, 1, 250},
		{749 * time.Millisecond, 2, 2, 0, 1, 250},
		{750 * time.Millisecond, 2, 2, 0, 3, 750},
		{299 * time.Millisecond, 4, 2, 4, 1, 250},
		{time.Minute, 3, 3, 0, 5, 1503},
	} {
		got, err := model.AgreeSight(model.Sight{WaitMS: c.wait.Milliseconds(), Pictures: c.wanted, SpacingMS: 1000, WithinMS: 9000}, costs())
		if (err != nil) != (c.pieces == 0) {
			t.Errorf("%+v: %v", c, err)
		}
		if err == nil && (got.Pictures != c.pictures || got.Wanted != c.says || got.Pieces != c.pieces || got.TookMS != c.took || got.Spacing() != time.Second || got.Within() != 9*time.Second) {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

// TestResolutionsSayHowManyPictures: the entry says how many its model takes, the profile bounds
// that and says which; nothing is said of more than one to a model that is not declared to take
// more.
func TestResolutionsSayHowManyPictures(t *testing.T) {
	takes := func(n int) []model.Entry {
		entries := base()
		for i := range entries {
			if entries[i].ID == "small-eye" {
				entries[i].Pictures = n
			}
		}
		return entries
	}
	bounded := several(2, 2*time.Second, 30*time.Second)
	quick := seeing(249 * time.Millisecond)
	for name, c := range map[string]struct {
		profile model.Profile
		takes   int
		ready   model.Readiness
		want    int
		say     string
	}{
		"not declared":             {bounded, 0, measured(), 0, ""},
		"one":                      {several(1, 0, 0), 4, measured(), 0, ""},
		"as many as the model":     {seeing(0), 4, measured(), 4, "up to 4 pictures an answer, 1s or more apart, of the last 40s"},
		"as many as the profile":   {bounded, 4, measured(), 2, "up to 2 pictures an answer, 2s or more apart, of the last 30s"},
		"not measured":             {seeing(time.Second), 2, measured(), 2, "up to 2 pictures an answer, 1s or more apart, of the last 40s; an answer may wait 1s for a picture, whose"},
		"measured":                 {seeing(time.Second), 2, measured(*costs()), 2, "; pictures of 3 squares: 750ms of the 1s that an answer may wait for 2 of them (measured: 1 in 200ms"},
		"measured, they cost much": {quick, 2, measured(*costs()), 1, "one picture an answer (not 2: they take too long, or too much of the window); pictures of 1 square: 200ms of the 249ms that an answer may wait for one"},
		"not declared, with cost":  {seeing(time.Second), 0, measured(*costs()), 1, "pictures of 3 squares: 600ms"},
	} {
		got, err := model.Resolve(c.profile, registry(t, takes(c.takes)), laptop(), c.ready)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.want == 0 {
			if got.Sight != nil {
				t.Errorf("%s: %v", name, got.Sight)
			}
			continue
		}
		if got.Sight == nil || got.Sight.Pictures != c.want || !strings.Contains(got.Sight.String(), c.say) {
			t.Errorf("%s: %v, want %d with %q", name, got.Sight, c.want, c.say)
		}
	}
}
