package turn_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestWhatLeavesThePlanIsFound changes a result that is as planned.
func TestWhatLeavesThePlanIsFound(t *testing.T) {
	plan := turn.Plan{
		Turn: "t", Fingerprint: "f",
		Replies: []turn.PlannedReply{
			{Persona: "iris", ContextKey: "k", SourceKeys: []string{"cam/41", "sound/1"}, Verdict: turn.Meets}, {Persona: "max", Lane: "far", Verdict: turn.Misses}, {Persona: "pia", Verdict: turn.Meets},
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
		"a newer picture": {
			func(r *turn.Result) { r.Replies[0].SourceKeys = []string{"sound/1", "cam/42"} }, 0,
			[]turn.Deviation{{Kind: turn.DeviationSource, Persona: "iris", Planned: "cam/41 sound/1", Was: "cam/42 sound/1"}},
		},
		"no picture": {
			func(r *turn.Result) { r.Replies[0].SourceKeys = nil }, 0,
			[]turn.Deviation{{Kind: turn.DeviationSource, Persona: "iris", Planned: "cam/41 sound/1"}},
		},
		"a picture that was not planned": {
			func(r *turn.Result) { r.Replies[1].SourceKeys = []string{"cam/1"} }, 0,
			[]turn.Deviation{{Kind: turn.DeviationSource, Persona: "max", Was: "cam/1"}},
		},
		"with an earlier picture of it": {func(r *turn.Result) { r.Replies[0].SourceKeys = []string{"cam/39", "cam/41", "sound/1"} }, 0, nil},
		"with an earlier one, of another": {
			func(r *turn.Result) { r.Replies[0].SourceKeys = []string{"screen/39", "cam/41", "sound/1"} }, 0,
			[]turn.Deviation{{Kind: turn.DeviationSource, Persona: "iris", Planned: "cam/41 sound/1", Was: "cam/41 screen/39 sound/1"}},
		},
		"as the earlier one": {
			func(r *turn.Result) { r.Replies[0].SourceKeys = []string{"cam/41", "cam/43", "sound/1"} }, 0,
			[]turn.Deviation{{Kind: turn.DeviationSource, Persona: "iris", Planned: "cam/41 sound/1", Was: "cam/41 cam/43 sound/1"}},
		},
		"the same in another order": {func(r *turn.Result) { r.Replies[0].SourceKeys = []string{"sound/1", "cam/41"} }, 0, nil},
		"late": {
			func(r *turn.Result) { r.Replies[0].Finish = 30_001 }, 0,
			[]turn.Deviation{{Kind: turn.DeviationLate, Persona: "iris", Planned: "30000", Was: "30001"}},
		},
		"late for a shorter budget": {
			func(*turn.Result) {}, 9_999, []turn.Deviation{
				{Kind: turn.DeviationLate, Persona: "iris", Planned: "9999", Was: "10000"},
				{Kind: turn.DeviationLate, Persona: "pia", Planned: "9999", Was: "10000"},
			},
		},
		"late, as the plan said": {func(r *turn.Result) { r.Replies[1].Finish = 99_000 }, 0, nil},
		"not heard":              {func(r *turn.Result) { r.Replies[1].Heard = 0 }, 0, nil},
		"heard in another order": {
			func(r *turn.Result) { r.Replies[0].Heard = 3; r.Replies[2].Heard = 2; r.Replies[1].Heard = 4 }, 0,
			[]turn.Deviation{{Kind: turn.DeviationOrder, Persona: "pia"}},
		},
		"silent": {
			func(r *turn.Result) {
				r.Replies = r.Replies[:2]
				r.Silences = []turn.Quiet{{Seat: "otto", Why: turn.ReasonMuted}, {Seat: "pia", Why: turn.ReasonFailed}}
			}, 0,
			[]turn.Deviation{{Kind: turn.DeviationFailed, Persona: "pia", Was: "failed"}},
		},
		"cut": {
			func(r *turn.Result) { r.Replies[0].Cut, r.Replies[1].Cut = turn.ReasonInterrupted, turn.ReasonFailed }, 0,
			[]turn.Deviation{{Kind: turn.DeviationCut, Persona: "iris", Was: "interrupted"}, {Kind: turn.DeviationFailed, Persona: "max", Was: "failed"}},
		},
		"gone":              {func(r *turn.Result) { r.Replies = r.Replies[:2] }, 0, []turn.Deviation{{Kind: turn.DeviationMissing, Persona: "pia"}}},
		"a silent one gone": {func(r *turn.Result) { r.Silences = nil }, 0, []turn.Deviation{{Kind: turn.DeviationMissing, Persona: "otto", Planned: "muted"}}},
		"who was to be silent": {
			func(r *turn.Result) { r.Silences, r.Replies = nil, append(r.Replies, turn.Told{Persona: "otto"}) }, 0,
			[]turn.Deviation{{Kind: turn.DeviationUnplanned, Persona: "otto"}},
		},
		"a silent one for another reason": {
			func(r *turn.Result) { r.Silences[0].Why = turn.ReasonNotAddressed }, 0,
			[]turn.Deviation{{Kind: turn.DeviationReason, Persona: "otto", Planned: "muted", Was: "not_addressed"}},
		},
		"one of whom nobody knows": {
			func(r *turn.Result) {
				r.Replies = append(r.Replies, turn.Told{Persona: "eve"})
				r.Silences = append(r.Silences, turn.Quiet{Seat: "tom", Why: turn.ReasonMuted})
			}, 0,
			[]turn.Deviation{{Kind: turn.DeviationUnplanned, Persona: "eve"}, {Kind: turn.DeviationUnplanned, Persona: "tom", Was: "muted"}},
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
		if diff := cmp.Diff(c.want, turn.Compare(plan, r, turn.Budgets{All: c.budget})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestWhyAReplyIsMissing: the kind says what went wrong, and the reason in what way.
func TestWhyAReplyIsMissing(t *testing.T) {
	plan := turn.Plan{Turn: "t", Fingerprint: "f", First: turn.Meets, Replies: []turn.PlannedReply{{Persona: "iris"}, {Persona: "max"}}}
	for i, kind := range turn.DeviationKinds() {
		if kind.Meaning() == "" || slices.Contains(turn.DeviationKinds()[:i], kind) {
			t.Errorf("%q has no meaning, or is there twice", kind)
		}
	}
	for why, kind := range map[turn.Reason]turn.DeviationKind{
		turn.ReasonFailed: turn.DeviationFailed, turn.ReasonLeaseRefused: turn.DeviationFailed, turn.ReasonContextEvicted: turn.DeviationEvicted,
		turn.ReasonRemoved: turn.DeviationLeft, turn.ReasonMuted: turn.DeviationSilent, turn.ReasonSuperseded: turn.DeviationSilent,
	} {
		r := asPlanned(plan)
		r.Replies = r.Replies[1:]
		r.Silences = []turn.Quiet{{Seat: "iris", Why: why}}
		want := []turn.Deviation{{Kind: kind, Persona: "iris", Was: string(why)}}
		if diff := cmp.Diff(want, turn.Compare(plan, r, turn.Budgets{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", why, diff)
		}
	}
}

// TestTheFirstReplyHasABudgetOfItsOwn: it is the first that is there, whoever makes it.
func TestTheFirstReplyHasABudgetOfItsOwn(t *testing.T) {
	for _, c := range []struct {
		promised turn.Verdict
		budget   int64
		late     bool
	}{{turn.Meets, 7000, false}, {turn.Meets, 6999, true}, {turn.Unknown, 6999, true}, {turn.Misses, 6999, false}} {
		plan := turn.Plan{Turn: "t", Fingerprint: "f", First: c.promised, Replies: []turn.PlannedReply{{Persona: "iris"}, {Persona: "max"}}}
		r := asPlanned(plan)
		r.Replies[1].Finish = 7000
		want := []turn.Deviation{}
		if c.late {
			want = append(want, turn.Deviation{Kind: turn.DeviationLate, Planned: "6999", Was: "7000"})
		}
		if diff := cmp.Diff(want, turn.Compare(plan, r, turn.Budgets{First: c.budget})); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c, diff)
		}
	}
}

func TestResultsThatCannotBeRead(t *testing.T) {
	const good = `{"turn": "t", "fingerprint": "f", "replies": [{"persona": "iris", "text": "So.", "start_ms": 5, "finish_ms": 5}], "silences": [{"name": "max", "reason": "muted"}], "divergences": []}`
	got, err := turn.ReadResult(strings.NewReader(good))
	want := turn.Result{
		Turn: "t", Fingerprint: "f", Replies: []turn.Told{{Persona: "iris", Text: "So.", Start: 5, Finish: 5}},
		Silences: []turn.Quiet{{Seat: "max", Why: turn.ReasonMuted}}, Divergences: []turn.Deviation{},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, c := range []struct{ old, now, want string }{
		{`"turn": "t"`, `"turn": " "`, "turn: is missing"},
		{`"turn": "t", `, "", "turn: is missing"},
		{`"fingerprint": "f", `, "", "fingerprint: is missing"},
		{`"iris"`, `""`, "replies[0].persona: is missing"},
		{`"start_ms": 5`, `"start_ms": -1`, "replies[0].start_ms: -1 is not from 0"},
		{`"finish_ms": 5`, `"finish_ms": 4`, "replies[0].finish_ms: 4 is not from 5"},
		{`"finish_ms": 5`, `"finish_ms": 5, "heard_ms": -1`, "replies[0].heard_ms: -1 is not from 0"},
		{`"finish_ms": 5`, `"finish_ms": 5, "cut": "tired"`, `replies[0].cut: "tired" is no reason`},
		{`"max"`, `""`, "silences[0].name: is missing"},
		{`"muted"`, `"tired"`, `silences[0].reason: "tired" is no reason`},
		{`"muted"`, `"yielded"`, `silences[0].reason: "yielded" is no reason`},
		{`"muted"`, `"muted", "why": 1`, `silences[0]."why": is not known; there are name, reason`},
		{`"divergences": []}`, `"divergences": []} 1`, "(all): something stands behind it"},
	} {
		_, err := turn.ReadResult(strings.NewReader(strings.Replace(good, c.old, c.now, 1)))
		var which *turn.ResultError
		if !errors.As(err, &which) || !errors.Is(err, turn.ErrResult) || !strings.HasPrefix(err.Error(), "plan result: "+c.want) {
			t.Errorf("%s: %v, want %s", c.now, err, c.want)
		}
	}
	torn := errors.New("the wire is torn")
	if _, err := turn.ReadResult(iotest.ErrReader(torn)); !errors.Is(err, torn) || errors.Is(err, turn.ErrResult) {
		t.Errorf("of a reader that fails: %v", err)
	}
}

func TestReasonsHaveMeanings(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range turn.Reasons() {
		if m := r.Meaning(); m == "" || seen[m] || seen[string(r)] {
			t.Errorf("%s: %q", r, m)
		}
		seen[r.Meaning()], seen[string(r)] = true, true
	}
	for _, r := range []turn.Reason{turn.ReasonYielded, turn.ReasonBackchannel, turn.ReasonAgent, "", "tired"} {
		if r.Meaning() != "" || slices.Contains(turn.Reasons(), r) {
			t.Errorf("%q is a reason to be silent", r)
		}
	}
	if n := len(turn.Reasons()); n != 26 {
		t.Errorf("%d reasons", n)
	}
}

// FuzzResult compares whatever it is given with a plan.
func FuzzResult(f *testing.F) {
	text, err := os.ReadFile("testdata/plan/five_personas.result")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"turn": "t", "fingerprint": "f", "replies": [{"persona": "a"}, {"persona": "a"}], "silences": [{"name": "a", "reason": "muted"}]}`))
	plan := turn.Plan{
		Turn: "t", Fingerprint: "f", Replies: []turn.PlannedReply{{Persona: "iris", Verdict: turn.Meets}, {Persona: "a"}},
		Silences: []turn.Quiet{{Seat: "max", Why: turn.ReasonMuted}},
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := turn.ReadResult(bytes.NewReader(text))
		if err != nil {
			var which *turn.ResultError
			if !errors.As(err, &which) || which.Field == "" || which.Problem == "" {
				t.Fatalf("%v is not typed", err)
			}
			return
		}
		for _, d := range turn.Compare(plan, r, turn.Budgets{}) {
			if d.Kind.Meaning() == "" || d.Persona == "" && d.Kind != turn.DeviationPlan && d.Kind != turn.DeviationLate {
				t.Fatalf("%+v", d)
			}
		}
	})
}
