package turn_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestWhatLeavesThePlanIsFound changes a result that is as planned.
func TestWhatLeavesThePlanIsFound(t *testing.T) {
	plan := turn.Plan{
		Turn: "t", Fingerprint: "f",
		Replies: []turn.PlannedReply{
			{Persona: "iris", ContextKey: "k", Verdict: turn.Meets}, {Persona: "max", Lane: "far", Verdict: turn.Unknown}, {Persona: "pia", Verdict: turn.Meets},
		},
		Silences: []turn.Quiet{{Seat: "otto", Why: turn.ReasonMuted}},
	}
	for name, c := range map[string]struct {
		change func(*turn.Result)
		budget int64
		want   []turn.Deviation
	}{
		"nothing":      {func(*turn.Result) {}, 0, nil},
		"another plan": {func(r *turn.Result) { r.Fingerprint = "g" }, 0, []turn.Deviation{{Kind: turn.DeviationPlan, Planned: "t f", Was: "t g"}}},
		"another turn": {func(r *turn.Result) { r.Turn = "u" }, 0, []turn.Deviation{{Kind: turn.DeviationPlan, Planned: "t f", Was: "u f"}}},
		"another lane": {
			func(r *turn.Result) { r.Replies[1].Lane = "near" }, 0,
			[]turn.Deviation{{Kind: turn.DeviationLane, Persona: "max", Planned: "far", Was: "near"}},
		},
		"another context": {
			func(r *turn.Result) { r.Replies[0].ContextKey = "" }, 0,
			[]turn.Deviation{{Kind: turn.DeviationContext, Persona: "iris", Planned: "k"}},
		},
		"late": {
			func(r *turn.Result) { r.Replies[0].Finish = 30_001 }, 0,
			[]turn.Deviation{{Kind: turn.DeviationLate, Persona: "iris", Planned: "30000", Was: "30001"}},
		},
		"late for a shorter budget": {
			func(*turn.Result) {}, 29_999, []turn.Deviation{
				{Kind: turn.DeviationLate, Persona: "iris", Planned: "29999", Was: "30000"},
				{Kind: turn.DeviationLate, Persona: "pia", Planned: "29999", Was: "30000"},
			},
		},
		"late, which nobody had promised": {func(r *turn.Result) { r.Replies[1].Finish = 99_000 }, 0, nil},
		"not heard":                       {func(r *turn.Result) { r.Replies[1].Heard = 0 }, 0, nil},
		"heard in another order": {
			func(r *turn.Result) { r.Replies[0].Heard = 3; r.Replies[2].Heard = 2; r.Replies[1].Heard = 4 }, 0,
			[]turn.Deviation{{Kind: turn.DeviationOrder, Persona: "pia"}},
		},
		"silent": {
			func(r *turn.Result) {
				r.Replies = r.Replies[:2]
				r.Silences = []turn.Quiet{{Seat: "otto", Why: turn.ReasonMuted}, {Seat: "pia", Why: turn.ReasonFailed}}
			}, 0,
			[]turn.Deviation{{Kind: turn.DeviationSilent, Persona: "pia", Was: "failed"}},
		},
		"gone":              {func(r *turn.Result) { r.Replies = r.Replies[:2] }, 0, []turn.Deviation{{Kind: turn.DeviationMissing, Persona: "pia"}}},
		"a silent one gone": {func(r *turn.Result) { r.Silences = nil }, 0, []turn.Deviation{{Kind: turn.DeviationMissing, Persona: "otto", Planned: "muted"}}},
		"who was to be silent": {
			func(r *turn.Result) { r.Silences, r.Replies = nil, append(r.Replies, turn.Told{Persona: "otto"}) }, 0,
			[]turn.Deviation{{Kind: turn.DeviationUnplanned, Persona: "otto"}},
		},
		"two replies": {
			func(r *turn.Result) { r.Replies = append(r.Replies, r.Replies[0]) }, 0,
			[]turn.Deviation{{Kind: turn.DeviationTwice, Persona: "iris"}},
		},
		"two silences": {
			func(r *turn.Result) { r.Silences = append(r.Silences, r.Silences...) }, 0,
			[]turn.Deviation{{Kind: turn.DeviationTwice, Persona: "otto"}},
		},
		"both": {
			func(r *turn.Result) {
				r.Silences = append([]turn.Quiet{{Seat: "max", Why: turn.ReasonFailed}}, r.Silences...)
			}, 0,
			[]turn.Deviation{{Kind: turn.DeviationTwice, Persona: "max"}},
		},
	} {
		r := asPlanned(plan)
		r.Silences = append([]turn.Quiet{}, plan.Silences...)
		c.change(&r)
		if c.want == nil {
			c.want = []turn.Deviation{}
		}
		if diff := cmp.Diff(c.want, turn.Compare(plan, r, c.budget)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
