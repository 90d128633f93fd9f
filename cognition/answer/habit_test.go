package answer_test

import (
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
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
