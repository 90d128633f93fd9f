package smoke_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/smoke"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// TestOtherKindsFollowTheCard: two pictures and real ones are asked by questions that the
// calibration model is known to answer, in words that cannot be guessed; the same seed asks the
// same.
func TestOtherKindsFollowTheCard(t *testing.T) {
	for kind, asks := range map[string][]scene.QuestionKind{
		smoke.KindChange: {scene.AskChange, scene.AskHeldUp}, smoke.KindReal: {scene.AskReal},
	} {
		for seed := range uint64(6) {
			s, ask, known, err := smoke.StimulusOf(seed, kind)
			if err != nil || !known {
				t.Fatalf("seed %d of kind %s is known: %v, %v", seed, kind, known, err)
			}
			again, same, _, err := smoke.StimulusOf(seed, kind)
			if err != nil || again.Seed != s.Seed || same.Question != ask.Question {
				t.Errorf("seed %d gave another stimulus the second time: %v", seed, err)
			}
			if string(s.Kind) != kind || !slices.Contains(asks, ask.Kind) || !s.Reliable(ask) || len(ask.Keywords) < 2 || !s.Check(ask, ask.Answer) {
				t.Errorf("seed %d: %+v of a picture of kind %s", seed, ask, s.Kind)
			}
		}
	}
}

// TestKindsAreAskedOfWhoKnowsThem: of the calibration model, two pictures where it is shown two;
// else asking for them is a fault of the call. Where it knows them the human shows that kind, and
// what the persona says must be right as a whole.
func TestKindsAreAskedOfWhoKnowsThem(t *testing.T) {
	for _, c := range []struct {
		kind, resolve string
		may           bool
	}{
		{smoke.KindChange, `{"base":{"id":"calibration"},"sight":{"pictures":2}}`, true},
		{smoke.KindChange, `{"base":{"id":"calibration"},"sight":{"pictures":1}}`, false},
		{smoke.KindChange, `{"base":{"id":"tiny"},"sight":{"pictures":2}}`, false},
		{smoke.KindReal, `{"base":{"id":"calibration"}}`, true},
		{smoke.KindReal, `{"base":{"id":"tiny"}}`, false},
	} {
		t.Run(c.kind+" "+c.resolve, func(t *testing.T) {
			picture, ask, known, err := smoke.StimulusOf(11, c.kind)
			if err != nil || !known {
				t.Fatal(known, err)
			}
			s := good(t, 11)
			s.Resolve = c.resolve
			answer, _ := json.Marshal(ask.Answer)
			s.Human = append(s.Human, said(8, `"event":"transcript","who":"persona-under-test","text":`+string(answer)+`,"final":true`))
			record, calls := pretend(t, s, func(cfg *smoke.Config) { cfg.Kind = c.kind })
			if !c.may {
				if record.Bucket != smoke.HarnessError || !strings.Contains(record.Reason, fmt.Sprintf("kind %q", c.kind)) || len(calls["join"]) != 0 {
					t.Errorf("%s: %s", record.Bucket, record.Reason)
				}
				return
			}
			args := calls["bot"][0].Args
			if !record.Passed || record.Kind != c.kind || record.Question != ask.Question || len(record.Facts) < 2 {
				t.Errorf("%s: %+v", record.Reason, record)
			}
			if i := slices.Index(args, "--kind"); i < 0 || args[i+1] != c.kind || args[slices.Index(args, "--scene")+1] != fmt.Sprint(picture.Seed) {
				t.Errorf("shown by %q", args)
			}
		})
	}
	for _, change := range []func(*smoke.Config){
		func(c *smoke.Config) { c.Kind = "opera" },
		func(c *smoke.Config) { c.Kind, c.Profile = smoke.KindReal, smoke.AssistedProfile },
	} {
		cfg := smoke.Config{Budgets: smoke.DefaultBudgets()}
		change(&cfg)
		if err := cfg.Check(); err == nil || !strings.Contains(err.Error(), cfg.Kind) {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}
