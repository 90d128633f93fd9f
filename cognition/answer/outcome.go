package answer

import "github.com/sensory-agent/sensory-agent/cognition/prompt"

// Outcome is what is known of an answer when it has ended.
type Outcome struct {
	// Visible says that something can be shown.
	Visible bool
	// Thought says that the model thought, beside the answer or inside its text; Tool that it wrote
	// a tool call.
	Thought, Tool bool
	// Finish is why it ended, Reason the word that said so.
	Finish prompt.Finish
	Reason string
	// Limit is the answer's limit in tokens; 0 where it is not known.
	Limit int
}

// Err is nil where the model ended an answer that can be shown; otherwise it is an [*Error].
func (o Outcome) Err() error {
	e := &Error{Partial: o.Visible, Reason: o.Reason, Limit: o.Limit}
	switch {
	case o.Finish == prompt.FinishFilter:
		e.Kind, e.Next = ErrFiltered, "ask in other words, or look at the filter's settings at the provider"
	case !o.Visible && (o.Tool || o.Finish == prompt.FinishTool):
		e.Kind, e.Next = ErrToolCall, "take the tools out of the server's own prompt, or choose a model that answers without them"
	case !o.Visible && o.Thought && o.Finish == prompt.FinishLimit:
		e.Kind, e.Next = ErrOnlyReasoning, "raise the answer's limit of tokens, or switch thinking off at the server"
	case !o.Visible && o.Thought:
		e.Kind, e.Next = ErrOnlyReasoning, "switch thinking off at the server, or choose another model"
	case o.Finish == prompt.FinishLimit:
		e.Kind, e.Next = ErrCutOff, "raise the answer's limit of tokens, or ask for shorter answers"
	case !o.Visible:
		e.Kind, e.Next = ErrEmpty, "look at the server's log; its template may not fit the model"
	default:
		return nil
	}
	return e
}
