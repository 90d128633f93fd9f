package answer

import "strings"

// Finish is why an answer ended, in the words of this package.
type Finish string

// The reasons.
const (
	FinishEnd    Finish = "end"    // the model ended it
	FinishLimit  Finish = "limit"  // the limit of tokens, or the window, was reached
	FinishFilter Finish = "filter" // the server withheld the rest
	FinishTool   Finish = "tool"   // the model asked for a tool
	FinishOther  Finish = "other"  // a word that is not known here, or none
)

// FinishOf reads the word of a server of the OpenAI-compatible API, or a stop reason of package generate. Case does not matter.
func FinishOf(word string) Finish {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "stop", "end", "eos", "eos_token", "end_turn", "stop_sequence", "complete", "completed":
		return FinishEnd
	case "length", "context", "max_tokens", "max_output_tokens", "model_length", "max_completion_tokens", "model_context_window_exceeded":
		return FinishLimit
	case "content_filter", "safety", "refusal", "recitation", "blocklist", "prohibited_content", "spii", "guardrail_intervened",
		"content_filtered", "sensitive":
		return FinishFilter
	case "tool_calls", "tool_call", "tool_use", "function_call", "malformed_function_call":
		return FinishTool
	}
	return FinishOther
}

// Outcome is what is known of an answer when it has ended.
type Outcome struct {
	// Visible says that something can be shown.
	Visible bool
	// Thought says that the model thought, beside the answer or inside its text; Tool that it wrote a tool call.
	Thought, Tool bool
	// Finish is why it ended, Reason the word that said so.
	Finish Finish
	Reason string
	// Limit is the answer's limit in tokens; 0 where it is not known.
	Limit int
}

// Err is nil where the model ended an answer that can be shown; otherwise it is an [*Error].
func (o Outcome) Err() error {
	e := &Error{Partial: o.Visible, Reason: o.Reason, Limit: o.Limit}
	switch {
	case o.Finish == FinishFilter:
		e.Kind, e.Next = ErrFiltered, "ask in other words, or look at the filter's settings at the provider"
	case !o.Visible && (o.Tool || o.Finish == FinishTool):
		e.Kind, e.Next = ErrToolCall, "take the tools out of the server's own prompt, or choose a model that answers without them"
	case !o.Visible && o.Thought && o.Finish == FinishLimit:
		e.Kind, e.Next = ErrOnlyReasoning, "raise the answer's limit of tokens, or switch thinking off at the server"
	case !o.Visible && o.Thought:
		e.Kind, e.Next = ErrOnlyReasoning, "switch thinking off at the server, or choose another model"
	case o.Finish == FinishLimit:
		e.Kind, e.Next = ErrCutOff, "raise the answer's limit of tokens, or ask for shorter answers"
	case !o.Visible:
		e.Kind, e.Next = ErrEmpty, "look at the server's log; its template may not fit the model"
	default:
		return nil
	}
	return e
}
