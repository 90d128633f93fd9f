package smoke_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/smoke"
)

// fair is an observation of five personas that replied one after the other, one of them muted.
func fair() smoke.TimingObservation {
	return smoke.TimingObservation{
		Personas: []string{"amber", "boris", "clara", "dmitri", "edith"}, Kept: true,
		Answers: []smoke.Answer{
			{Persona: "amber", TextMS: 1200, HeardMS: 2000, WrittenMS: 4000},
			{Persona: "boris", TextMS: 2400, HeardMS: 9000, WrittenMS: 12000},
			{Persona: "clara", TextMS: 3600, HeardMS: 14000, WrittenMS: 18000},
			{Persona: "dmitri", TextMS: 30000, HeardMS: 29000, WrittenMS: 31000},
		},
		Silences: []smoke.Silence{{Persona: "edith", Reason: "muted"}},
		Storm:    &smoke.Storm{Planned: 5, Generations: 4, Turns: 1, CPUSeconds: 9, CPUAllowed: 9},
	}
}

func TestTimingsAreJudged(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*smoke.TimingObservation)
		budgets func(*smoke.TimingBudgets)
		want    smoke.Bucket
		says    string
	}{
		"all in time":        {want: smoke.Passed, says: "4 of 5 personas replied, 1 gave a reason not to: the first after 1.2s, all after 30s"},
		"all in time, aloud": {budgets: func(b *smoke.TimingBudgets) { b.Aloud = true }, want: smoke.Passed, says: "the first after 2s, all after 29s"},
		"not kept":           {change: func(o *smoke.TimingObservation) { o.Kept = false }, want: smoke.ProbeNotPersisted, says: "is not in the export"},
		"not kept, and why": {
			change: func(o *smoke.TimingObservation) { o.Kept, o.Problem = false, "no room" }, want: smoke.ProbeNotPersisted, says: "export: no room",
		},
		"nobody": {change: func(o *smoke.TimingObservation) { o.Answers = nil }, want: smoke.NoPersonasReplied, says: "edith: muted, amber: nothing is known of it"},
		"all muted": {
			change: func(o *smoke.TimingObservation) {
				o.Answers, o.Personas = nil, []string{"edith"}
			}, want: smoke.NoPersonasReplied, says: "nobody replied; edith: muted",
		},
		"the first just in time": {budgets: func(b *smoke.TimingBudgets) { b.First = 1200 * time.Millisecond }, want: smoke.Passed},
		"the first too late": {
			budgets: func(b *smoke.TimingBudgets) { b.First = 1199 * time.Millisecond }, want: smoke.FirstResponseBudgetExceeded, says: "came after 1.2s, the budget is 1.199s",
		},
		"the first heard too late": {
			budgets: func(b *smoke.TimingBudgets) { b.First, b.Aloud = 1999*time.Millisecond, true }, want: smoke.FirstResponseBudgetExceeded, says: "came after 2s",
		},
		"late is told before too few": {
			budgets: func(b *smoke.TimingBudgets) { b.First, b.Minimum = time.Second, 5 }, want: smoke.FirstResponseBudgetExceeded,
		},
		"nobody heard": {
			change: func(o *smoke.TimingObservation) {
				for i := range o.Answers {
					o.Answers[i].HeardMS = 0
				}
			}, budgets: func(b *smoke.TimingBudgets) { b.Aloud = true }, want: smoke.FirstResponseBudgetExceeded, says: "never came",
		},
		"just enough": {budgets: func(b *smoke.TimingBudgets) { b.Minimum = 4 }, want: smoke.Passed},
		"too few": {
			budgets: func(b *smoke.TimingBudgets) { b.Minimum = 5 }, want: smoke.FairnessViolated, says: "4 of 5 personas replied, 1 gave a reason not to, at least 5 are to reply; edith: muted",
		},
		"one alone": {
			change: func(o *smoke.TimingObservation) {
				o.Personas, o.Answers, o.Silences = o.Personas[:1], o.Answers[:1], nil
			}, want: smoke.FairnessViolated, says: "nobody was silent",
		},
		"one missing": {
			change: func(o *smoke.TimingObservation) { o.Answers = o.Answers[:3] }, want: smoke.AllResponseBudgetExceeded, says: "edith: muted, dmitri: nothing is known of it",
		},
		"the last too late": {
			budgets: func(b *smoke.TimingBudgets) { b.All = 29999 * time.Millisecond }, want: smoke.AllResponseBudgetExceeded, says: "came after 30s, the budget is 29.999s",
		},
		"one not heard": {
			change: func(o *smoke.TimingObservation) { o.Answers[1].HeardMS = 0 }, budgets: func(b *smoke.TimingBudgets) { b.Aloud = true },
			want: smoke.AllResponseBudgetExceeded, says: "nobody heard boris within 1m0s",
		},
		"not heard does not matter in text": {change: func(o *smoke.TimingObservation) { o.Answers[1].HeardMS = 0 }, want: smoke.Passed},
		"what was written was there":        {change: func(o *smoke.TimingObservation) { o.Answers[3].TextMS, o.Answers[3].WrittenMS = 0, 30000 }, want: smoke.Passed},
		"nothing came after":                {change: func(o *smoke.TimingObservation) { o.Storm.Generations = 5 }, want: smoke.Passed},
		"a storm": {
			change: func(o *smoke.TimingObservation) { o.Storm.Generations, o.Storm.Turns = 6, 3 }, want: smoke.StormDetected, says: "6 generations in 3 turns, the plan has 5",
		},
		"a burnt processor": {change: func(o *smoke.TimingObservation) { o.Storm.CPUSeconds = 9.1 }, want: smoke.StormDetected, says: "9.1 s of processor, 9.0 s are allowed for 5 replies"},
		"not measured":      {change: func(o *smoke.TimingObservation) { o.Storm = nil }, want: smoke.Passed},
	} {
		o, b := fair(), smoke.DefaultTimingBudgets()
		if c.change != nil {
			c.change(&o)
		}
		if c.budgets != nil {
			c.budgets(&b)
		}
		got, why := smoke.JudgeTiming(o, b)
		if got != c.want || !strings.Contains(why, c.says) {
			t.Errorf("%s: %q: %s, want %q with %q", name, got, why, c.want, c.says)
		}
	}
}

func TestCallsOfTheTimingSmoke(t *testing.T) {
	good := smoke.TimingConfig{Personas: 5, Budgets: smoke.DefaultTimingBudgets(), CPUPerReply: time.Second}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for says, change := range map[string]func(*smoke.TimingConfig){
		"0 personas":      func(c *smoke.TimingConfig) { c.Personas = 0 },
		"17 personas":     func(c *smoke.TimingConfig) { c.Personas = smoke.MaxPersonas() + 1 },
		"budgets of 0s":   func(c *smoke.TimingConfig) { c.Budgets.First = 0 },
		"no shorter":      func(c *smoke.TimingConfig) { c.Budgets.All = c.Budgets.First - 1 },
		"a minimum of 0":  func(c *smoke.TimingConfig) { c.Budgets.Minimum = 0 },
		"0s of processor": func(c *smoke.TimingConfig) { c.CPUPerReply = 0 },
	} {
		c := good
		change(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", says, err)
		}
		if record := smoke.Timing(t.Context(), c); record.Bucket != smoke.HarnessError || record.Passed || !strings.Contains(record.Reason, says) {
			t.Errorf("%q: %+v", says, record)
		}
	}
	for _, b := range []smoke.Bucket{smoke.ProbeNotPersisted, smoke.NoPersonasReplied, smoke.FirstResponseBudgetExceeded, smoke.FairnessViolated, smoke.AllResponseBudgetExceeded, smoke.StormDetected} {
		if b.ExitCode() != 1 {
			t.Errorf("%s ends with %d", b, b.ExitCode())
		}
	}
}
