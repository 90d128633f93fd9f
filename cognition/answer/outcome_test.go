package answer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

func TestOutcome(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		reason string
		more   func(*answer.Outcome)
		kind   error
		shown  bool
		says   []string
	}{
		"an answer":                  {"Paris.", "stop", nil, nil, true, nil},
		"an answer after a thought":  {"<think>x</think>Paris.", "end", nil, nil, true, nil},
		"an unknown reason":          {"Paris.", "because", nil, nil, true, nil},
		"nothing":                    {"", "stop", nil, answer.ErrEmpty, false, []string{"the model wrote nothing (finish reason stop, limit 96 tokens); ", "template"}},
		"white space":                {" \n", "", nil, answer.ErrEmpty, false, []string{"the model wrote nothing (limit 96 tokens); "}},
		"tokens":                     {"<|im_end|>", "stop", nil, answer.ErrEmpty, false, nil},
		"a thought to the limit":     {"<think>x", "length", nil, answer.ErrOnlyReasoning, false, []string{"(finish reason length, limit 96 tokens)", "raise the answer's limit"}},
		"a thought and no answer":    {"<think>x</think>", "stop", nil, answer.ErrOnlyReasoning, false, []string{"switch thinking off"}},
		"a thought told apart":       {"", "length", func(o *answer.Outcome) { o.Thought = true }, answer.ErrOnlyReasoning, false, []string{"raise"}},
		"nothing up to the limit":    {"", "length", nil, answer.ErrCutOff, false, []string{"raise the answer's limit"}},
		"cut off":                    {"Pari", "max_tokens", nil, answer.ErrCutOff, true, []string{"reached its limit (finish reason max_tokens, limit 96 tokens); raise"}},
		"window full":                {"Pari", "context", nil, answer.ErrCutOff, true, nil},
		"no limit known":             {"Pari", "length", func(o *answer.Outcome) { o.Limit = 0 }, answer.ErrCutOff, true, []string{"(finish reason length); "}},
		"filtered":                   {"", "content_filter", nil, answer.ErrFiltered, false, []string{"withheld", "other words"}},
		"filtered behind text":       {"Well,", "SAFETY", nil, answer.ErrFiltered, true, nil},
		"filtered behind a thought":  {"<think>x", "content_filter", nil, answer.ErrFiltered, false, nil},
		"a tool call":                {"", "tool_calls", nil, answer.ErrToolCall, false, []string{"tools"}},
		"a tool call in the text":    {"<tool_call>{}</tool_call>", "stop", nil, answer.ErrToolCall, false, nil},
		"a tool call after thinking": {"<think>x</think><tool_call>{}</tool_call>", "stop", nil, answer.ErrToolCall, false, nil},
		"an answer and a tool call":  {"I look.", "tool_calls", nil, nil, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, f := shown(answer.NewMarkup(), answer.Plain, prompt.FinishOf(c.reason), c.text)
			o := f.Outcome(c.reason, 96)
			if c.more != nil {
				c.more(&o)
			}
			err := o.Err()
			if c.kind == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var typed *answer.Error
			if !errors.Is(err, c.kind) || !errors.As(err, &typed) {
				t.Fatalf("got %v, want %v", err, c.kind)
			}
			if typed.Partial != c.shown || errors.Is(err, answer.ErrNoAnswer) == c.shown || typed.Next == "" || typed.Reason != c.reason {
				t.Errorf("%+v", typed)
			}
			for _, s := range c.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %q", err, s)
				}
			}
		})
	}
}
