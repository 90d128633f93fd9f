package prompt

import "strings"

// Finish is why an answer ended, in words of our own.
type Finish string

// The reasons.
const (
	FinishEnd    Finish = "end"    // the model ended it
	FinishLimit  Finish = "limit"  // the limit of tokens, or the window, was reached
	FinishFilter Finish = "filter" // the server withheld the rest
	FinishTool   Finish = "tool"   // the model asked for a tool
	FinishOther  Finish = "other"  // a word that is not known here, or none
)

// FinishOf reads the word of a server of the OpenAI-compatible API, or of package generate. Case
// does not matter.
func FinishOf(word string) Finish {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "stop", "end", "eos", "eos_token", "end_turn", "stop_sequence", "complete", "completed":
		return FinishEnd
	case "length", "context", "max_tokens", "max_output_tokens", "model_length",
		"max_completion_tokens", "model_context_window_exceeded":
		return FinishLimit
	case "content_filter", "safety", "refusal", "recitation", "blocklist", "prohibited_content",
		"spii", "guardrail_intervened", "content_filtered", "sensitive":
		return FinishFilter
	case "tool_calls", "tool_call", "tool_use", "function_call", "malformed_function_call":
		return FinishTool
	}
	return FinishOther
}
