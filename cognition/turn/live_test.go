package turn_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestARequestOfALiveRoom: what the table knows is in it, and its plan is what the room does.
func TestARequestOfALiveRoom(t *testing.T) {
	p := turn.Default()
	p.Capacity, p.Lanes = 1, []turn.Lane{{Name: "north", Cap: 2}}
	a := newAccount(p, t.Fatalf)
	for _, e := range []turn.Event{
		turn.PersonJoined{Who: "ada", Name: "Ada"},
		turn.PersonJoined{Who: "bot", Agent: true},
		turn.Seated{Seat: "max", Lane: "north", Aliases: []string{"maxi"}, Specialty: []string{"moss"}},
		turn.Seated{Seat: "iris", Sees: true},
		turn.Seated{Seat: "otto"},
		turn.SeatMuted{Seat: "otto", On: true},
		turn.Opened{Who: "ada", Track: "cam", Source: turn.Camera},
		turn.Shown{Track: "cam", Number: 41},
		turn.Opened{Who: "ada", Track: "desk", Source: turn.Screen},
		turn.Opened{Who: "ada", Track: "mic", Source: turn.Microphone},
		turn.Shown{Track: "desk", Number: 7},
		turn.Opened{Who: "ada", Track: "dark", Source: turn.Camera},
		turn.Typed{Who: "ada", Text: "Max, what is a fern?"},
	} {
		a.at(1, e)
	}
	a.at(2, turn.Done{Reply: of("max"), Outcome: turn.Spoken, Text: "A plant."})
	a.at(3, turn.Tick{})
	none, hops := turn.Responders{Group: 4}, 1
	trigger := turn.Trigger{ID: "1", Kind: turn.KindAPI, From: "ada", Text: "And a moss?"}
	want := turn.Request{
		Trigger: trigger, Humans: []turn.Human{{Identity: "ada", Name: "Ada"}},
		Personas: []turn.Candidate{
			{Name: "max", Aliases: []string{"maxi"}, Specialty: []string{"moss"}, LastHeard: 2000, Provider: "north"}, {Name: "iris"}, {Name: "otto", Muted: true},
		},
		Sources: []turn.Material{
			{ID: "cam", Kind: turn.MaterialCamera, Owner: "ada", Key: "cam/41"}, {ID: "desk", Kind: turn.MaterialScreen, Owner: "ada", Key: "desk/7"},
		},
		Capacity: 1, LaneCap: 4, Lanes: p.Lanes,
		Policy: turn.PlanPolicy{Mode: turn.ModeAuto, Front: "max", Context: turn.Sequential, Responders: &none, Hops: &hops},
	}
	want.Trigger.FollowUp = "max"
	got := a.table.Request(trigger)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	a.at(4, turn.Leaving{Seat: "max"})
	if got = a.table.Request(trigger); len(got.Personas) != 2 || got.Trigger.FollowUp != "" {
		t.Errorf("with one that leaves: %+v", got)
	}
	a.at(20, turn.Tick{})
	if got = a.table.Request(turn.Trigger{From: "bob"}); got.Trigger.FollowUp != "" || got.Policy.Front != "iris" {
		t.Errorf("of somebody else: %+v", got)
	}
}

// TestAPlanIsThatOfItsRequest changes one of the two.
func TestAPlanIsThatOfItsRequest(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*turn.Plan, *turn.Request)
		field  string
	}{
		"as it is":      {func(*turn.Plan, *turn.Request) {}, ""},
		"another turn":  {func(p *turn.Plan, _ *turn.Request) { p.Turn = "x" }, "turn"},
		"another text":  {func(_ *turn.Plan, r *turn.Request) { r.Trigger.Text = "Why?" }, "turn"},
		"another print": {func(p *turn.Plan, _ *turn.Request) { p.Fingerprint = "x" }, "fingerprint"},
		"another key":   {func(_ *turn.Plan, r *turn.Request) { r.Personas[0].ContextKey = "x" }, "fingerprint"},
		"another order": {func(p *turn.Plan, _ *turn.Request) { p.Replies[0], p.Replies[1] = p.Replies[1], p.Replies[0] }, "replies"},
		"one left out":  {func(p *turn.Plan, _ *turn.Request) { p.Silences = nil }, "replies"},
	} {
		p, r := planOfThree(t)
		c.change(&p, &r)
		err := r.Verify(p)
		var wrong *turn.PlanError
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.field != "" && (!errors.As(err, &wrong) || !errors.Is(err, turn.ErrPlan) || wrong.Field != c.field):
			t.Errorf("%s: %v, want one of %s", name, err, c.field)
		}
	}
	p, r := planOfThree(t)
	r.Personas[0].Window = -1
	if err := r.Verify(p); !errors.Is(err, turn.ErrRequest) {
		t.Errorf("of a request that cannot be: %v", err)
	}
}

// TestAPlanFitsItsRoom: one that changed since is named, and what a plan does not depend on may
// change.
func TestAPlanFitsItsRoom(t *testing.T) {
	one := 1
	for name, c := range map[string]struct {
		change func(*turn.Request)
		want   turn.ChangedError
	}{
		"as it was": {func(*turn.Request) {}, turn.ChangedError{}},
		"muted, heard, shown, asked otherwise": {func(r *turn.Request) {
			r.Personas[0].Muted, r.Personas[1].LastHeard, r.Personas[1].Speed = true, 9, &turn.Speed{}
			r.Personas[0].ContextKey, r.Personas[0].ContextTokens = "new", 9
			r.Sources, r.Policy.Mode, r.Policy.Hops, r.Trigger.Text = []turn.Material{{}}, turn.ModeAll, &one, ""
		}, turn.ChangedError{}},
		"in another order": {func(r *turn.Request) { r.Personas[0], r.Personas[1] = r.Personas[1], r.Personas[0] }, turn.ChangedError{}},
		"another room":     {func(r *turn.Request) { r.Room = "hall" }, turn.ChangedError{Field: "room", Planned: "lobby", Now: "hall"}},
		"one has come": {
			func(r *turn.Request) { r.Personas = append(r.Personas, turn.Candidate{Name: "eve"}) },
			turn.ChangedError{Persona: "eve", Field: "presence", Planned: "absent", Now: "present"},
		},
		"one has left": {
			func(r *turn.Request) { r.Personas = r.Personas[1:] },
			turn.ChangedError{Persona: "iris", Field: "presence", Planned: "present", Now: "absent"},
		},
		"another prompt": {
			func(r *turn.Request) { r.Personas[0].PersonaKey = "b" },
			turn.ChangedError{Persona: "iris", Field: "persona_key", Now: "b"},
		},
		"another model":    {func(r *turn.Request) { r.Personas[0].Model = "b" }, turn.ChangedError{Persona: "iris", Field: "model", Now: "b"}},
		"another provider": {func(r *turn.Request) { r.Personas[1].Provider = "" }, turn.ChangedError{Persona: "max", Field: "provider", Planned: "north"}},
		"eyes": {
			func(r *turn.Request) { r.Personas[0].Capabilities = []string{"vision"} },
			turn.ChangedError{Persona: "iris", Field: "capabilities", Now: "vision"},
		},
		"a window": {func(r *turn.Request) { r.Personas[0].Window = 9 }, turn.ChangedError{Persona: "iris", Field: "window", Planned: "1000", Now: "9"}},
		"an answer": {
			func(r *turn.Request) { r.Personas[0].AnswerTokens = 9 },
			turn.ChangedError{Persona: "iris", Field: "answer_tokens", Planned: "0", Now: "9"},
		},
		"context":  {func(r *turn.Request) { r.Policy.Context = turn.Parallel }, turn.ChangedError{Field: "policy.context", Planned: "sequential", Now: "parallel"}},
		"capacity": {func(r *turn.Request) { r.Capacity = 2 }, turn.ChangedError{Field: "capacity", Planned: "0", Now: "2"}},
		"lane cap": {func(r *turn.Request) { r.LaneCap = 2 }, turn.ChangedError{Field: "lane_cap", Planned: "4", Now: "2"}},
		"lanes": {
			func(r *turn.Request) { r.Lanes = []turn.Lane{{Name: "north", Cap: 1}} },
			turn.ChangedError{Field: "lanes", Planned: "[]", Now: "[{north 1}]"},
		},
	} {
		_, r := planOfThree(t)
		_, live := planOfThree(t)
		c.change(&live)
		err := r.Fits(live)
		var got *turn.ChangedError
		switch {
		case c.want == turn.ChangedError{} && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != turn.ChangedError{} && (!errors.As(err, &got) || !errors.Is(err, turn.ErrChanged) || *got != c.want):
			t.Errorf("%s: %v, want %+v", name, err, c.want)
		}
	}
}

// TestSpeeds: nothing is said of a few, and the oldest are forgotten.
func TestSpeeds(t *testing.T) {
	var s turn.Speeds
	for i, want := range []*turn.Speed{nil, nil, nil, {P50: 2000, P95: 3000}, {P50: 2000, P95: 4000}} {
		if diff := cmp.Diff(want, s.Speed()); diff != "" {
			t.Errorf("of %d (-want +got):\n%s", i, diff)
		}
		s.Add(time.Duration(i+1) * time.Second)
	}
	for i := range 64 {
		s.Add(time.Duration(i) * time.Millisecond)
	}
	if got := s.Speed(); got.P50 != 47 || got.P95 != 62 {
		t.Errorf("%+v", got)
	}
}
