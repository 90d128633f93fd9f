package prompt_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

func TestFinishOf(t *testing.T) {
	for want, words := range map[prompt.Finish][]string{
		prompt.FinishEnd: {"stop", "end", " STOP ", "eos"}, prompt.FinishLimit: {"length", "context", "MAX_TOKENS"},
		prompt.FinishFilter: {"content_filter", "SAFETY"}, prompt.FinishTool: {"tool_calls", "function_call"},
		prompt.FinishOther: {"", "x"},
	} {
		for _, w := range words {
			if got := prompt.FinishOf(w); got != want {
				t.Errorf("%q is %q, want %q", w, got, want)
			}
		}
	}
}

func TestSamplingIsChecked(t *testing.T) {
	for _, good := range []prompt.Sampling{
		{},
		{Temperature: new(0.0), TopP: new(0.0), TopK: new(0), Seed: new(int64(-1))},
		{Temperature: new(100.0), TopP: new(1.0), TopK: new(1)},
	} {
		if err := good.Check(); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
	for want, bad := range map[string]prompt.Sampling{
		"temperature -0.1": {Temperature: new(-0.1)}, "temperature 100.1": {Temperature: new(100.1)},
		"temperature NaN": {Temperature: new(math.NaN())}, "top-p -0.1": {TopP: new(-0.1)},
		"top-p 1.1": {TopP: new(1.1)}, "top-p NaN": {TopP: new(math.NaN())}, "top-k -1": {TopK: new(-1)},
	} {
		if err := bad.Check(); !errors.Is(err, prompt.ErrSampling) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestTooLongSaysBothNumbers(t *testing.T) {
	err := error(&prompt.TooLongError{Tokens: 30, Limit: 19})
	if !errors.Is(err, prompt.ErrTooLong) || err.Error() != "prompt exceeds the context window: 30 tokens, at most 19" {
		t.Error(err)
	}
}
