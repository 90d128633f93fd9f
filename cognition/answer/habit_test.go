package answer_test

import (
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
)

func TestBeginsAfter(t *testing.T) {
	for prompt, want := range map[string]answer.Beginning{
		"<|im_start|>assistant\n":                        answer.Plain,
		"<|im_start|>assistant\n<think>\n":               answer.Thinking,
		"<|im_start|>assistant\n<think>\n\n</think>\n\n": answer.Plain,
		"[THINK]":          answer.Thinking,
		"say <think> here": answer.Plain,
		"":                 answer.Plain,
	} {
		if got := answer.BeginsAfter(prompt); got != want {
			t.Errorf("%q: %d, want %d", prompt, got, want)
		}
	}
}

func TestStructuralTokens(t *testing.T) {
	for token, want := range map[string]bool{
		"<think>": true, "</think>": true, "[THINK]": true, "<tool_call>": true, "<|channel|>": true, "<|start|>": true, "<|assistant|>": true, "[/INST]": true,
		"<|im_end|>": false, "<|special|>": false, "</s>": false, "<|image_pad|>": false, "<think": false, "word": false, "": false, "<think> ": false,
		"<|message|>": true, "<|end|>": true, "<|call|>": true, "<|end_header_id|>": true,
	} {
		if got := answer.Structural(token); got != want {
			t.Errorf("%q: %v", token, got)
		}
	}
}

// Only what can be no word is a token.
func TestMarkLike(t *testing.T) {
	for token, want := range map[string]bool{
		"<zap>": true, "[x]": true, "<|1|>": false, "<a": false, "a>b": false, "1a>": false, "<a1": false, " a>": false, "<a ": false, "<a\xff": false, "ab": false, "<>": false,
		"": false, "<" + strings.Repeat("a", answer.MaxMark-2) + ">": true, "<" + strings.Repeat("a", answer.MaxMark-1) + ">": false,
	} {
		if got := answer.MarkLike(token); got != want {
			t.Errorf("%q: %v", token, got)
		}
	}
	if got, _ := shown(answer.NewMarkup("<Zap>"), answer.Plain, prompt.FinishEnd, "a<ZAP>b<zap>"); got != "ab" {
		t.Errorf("%q", got)
	}
}

func TestErrorWithoutFacts(t *testing.T) {
	for want, e := range map[string]*answer.Error{
		"the model wrote nothing":                         {Kind: answer.ErrEmpty},
		"the model wrote nothing; look":                   {Kind: answer.ErrEmpty, Next: "look"},
		"the model wrote nothing (limit 1 tokens)":        {Kind: answer.ErrEmpty, Limit: 1},
		"the model wrote nothing (finish reason x); look": {Kind: answer.ErrEmpty, Reason: "x", Next: "look"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
