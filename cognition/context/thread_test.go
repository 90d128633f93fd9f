package context_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

// sound is a part of a prompt.
type sound struct{}

func (sound) Modality() prompt.Modality { return prompt.Sound }

// TestThreadSaysWhyAPromptWasComputed follows four prompts: the first one, one that goes on, one
// behind another memory, and one whose cache went.
func TestThreadSaysWhyAPromptWasComputed(t *testing.T) {
	c := conversation(t, 2000)
	var thread context.Thread
	next := func(seq uint64) (context.Step, prompt.Prompt) {
		asked := prompt.Line{Seq: seq, Speaker: "Ada", Text: "And now?"}
		c.Append(noon, asked)
		p, err := c.Ask(noon, asked, prompt.Tail{})
		if err != nil {
			t.Fatal(err)
		}
		return thread.Next(p), p
	}
	result := func(reused int) prompt.Result { return prompt.Result{Reused: reused, PromptTokens: 100} }
	first, p := next(1)
	if got := first.Reuse(result(0), time.Time{}).String(); got != "0/100 prompt tokens reused; first reply" {
		t.Error(got)
	}
	req := first.Request(p, 7, sound{})
	if req.MaxTokens != 7 || len(req.CacheKey) != 24 || req.CacheKey != string(first.Chain.Persona()) {
		t.Errorf("%+v", req)
	}
	last := len(p.Messages) - 1
	if diff := cmp.Diff([]prompt.Part{sound{}}, req.Messages[last].Parts); diff != "" || p.Messages[last].Parts != nil {
		t.Errorf("%s; the prompt has %v", diff, p.Messages[last].Parts)
	}
	if diff := cmp.Diff(p.Messages[:last], req.Messages[:last]); diff != "" {
		t.Error(diff)
	}
	second, _ := next(2)
	if got := second.Reuse(result(90), time.Time{}).String(); got != "90/100 prompt tokens reused" {
		t.Error(got)
	}
	if err := c.SetMemory("new", "consolidated 14:03"); err != nil {
		t.Fatal(err)
	}
	third, _ := next(3)
	if got := third.Reuse(result(20), noon).String(); got != "20/100 prompt tokens reused; prefix broke in memory at byte 0 (consolidated 14:03)" {
		t.Error(got)
	}
	fourth, _ := next(4)
	if got := fourth.Reuse(result(0), noon).String(); got != "0/100 prompt tokens reused; prompt cache evicted 12:03" {
		t.Error(got)
	}
	if second.Chain.Persona() != fourth.Chain.Persona() {
		t.Error("the persona's key changed")
	}
}
