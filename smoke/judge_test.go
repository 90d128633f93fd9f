package smoke_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/smoke"
)

func TestJudgeNamesTheFirstThingThatIsMissing(t *testing.T) {
	zero := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	good := smoke.Observation{
		Spoke: zero, FirstAudio: zero.Add(time.Second), Transcribed: zero.Add(4 * time.Second), Speech: 3 * time.Second,
		Transcript: "I see a red circle.", Facts: []string{"name [circle]", "colour [circle red]"}, Controlled: true,
		ControlTranscribed: zero.Add(9 * time.Second),
	}
	for _, c := range []struct {
		name   string
		change func(*smoke.Observation)
		want   smoke.Bucket
		says   string
	}{
		{"all there", func(*smoke.Observation) {}, smoke.Passed, "2 facts"},
		{"no model", func(o *smoke.Observation) { o.Refused = "no GPU" }, smoke.NoQualifiedModel, "no GPU"},
		{"not joined", func(o *smoke.Observation) { o.NotJoined = "wrong key" }, smoke.PersonaFailedToJoin, "wrong key"},
		{"no packet", func(o *smoke.Observation) { o.FirstAudio = time.Time{} }, smoke.NoAudioPublished, "no packet"},
		{"silence", func(o *smoke.Observation) { o.Speech = 100 * time.Millisecond }, smoke.NoAudioPublished, "100ms of speech"},
		{"no transcript", func(o *smoke.Observation) { o.Transcribed = time.Time{} }, smoke.NoTranscription, "no final transcript"},
		{"one fact", func(o *smoke.Observation) { o.Facts = o.Facts[:1] }, smoke.VisionBlind, "1 facts"},
		{"late audio", func(o *smoke.Observation) { o.FirstAudio = zero.Add(31 * time.Second) }, smoke.BudgetExceeded, "31s"},
		{"late transcript", func(o *smoke.Observation) { o.Transcribed = zero.Add(61 * time.Second) }, smoke.BudgetExceeded, "1m1s"},
		{"a control without an answer", func(o *smoke.Observation) { o.ControlTranscribed = time.Time{} }, smoke.HarnessError, "the control got no answer"},
		{"guessable", func(o *smoke.Observation) { o.ControlFacts = []string{"a", "b"} }, smoke.HarnessError, "proves nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := good
			c.change(&o)
			bucket, reason := smoke.Judge(o, smoke.DefaultBudgets())
			if bucket != c.want || !strings.Contains(reason, c.says) {
				t.Errorf("%q: %q, want %q with %q", bucket, reason, c.want, c.says)
			}
		})
	}
}

func TestStimulusIsRandomButReplayable(t *testing.T) {
	answers := map[string]bool{}
	for seed := range uint64(40) {
		s, ask, err := smoke.Stimulus(seed, true)
		if err != nil {
			t.Fatal(err)
		}
		_, again, err := smoke.Stimulus(seed, true)
		if err != nil || again.Answer != ask.Answer || again.Question != ask.Question {
			t.Errorf("seed %d gave another stimulus the second time", seed)
		}
		if n := len(s.StatedFacts(ask.Answer)); n < 2 {
			t.Errorf("seed %d: the right answer %q states %d facts", seed, ask.Answer, n)
		}
		answers[ask.Answer] = true
	}
	if len(answers) < 30 {
		t.Errorf("40 seeds gave %d different answers", len(answers))
	}
}
