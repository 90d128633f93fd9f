package answer

import (
	"errors"
	"fmt"
	"strings"
)

// Kinds of [*Error]: compare with errors.Is.
var (
	// ErrNoAnswer is matched by every kind below where nothing can be shown. An answer that was cut
	// off or filtered behind visible text matches its kind and not this one.
	ErrNoAnswer = errors.New("no answer to show")
	// ErrEmpty means that the model ended its answer without having written anything.
	ErrEmpty = errors.New("the model wrote nothing")
	// ErrOnlyReasoning means that the model thought and did not come to an answer.
	ErrOnlyReasoning = errors.New("the model thought and did not answer")
	// ErrFiltered means that the server withheld the answer, or the rest of it, for what it says.
	ErrFiltered = errors.New("the server withheld the answer")
	// ErrToolCall means that the model asked for a tool instead of answering. None is offered to
	// it.
	ErrToolCall = errors.New("the model asked for a tool")
	// ErrCutOff means that the answer reached its limit of tokens.
	ErrCutOff = errors.New("the answer reached its limit")
)

// Error says why an answer cannot be shown, or not as a whole. It holds nothing of what was said.
type Error struct {
	// Kind is one of the sentinels above, but ErrNoAnswer.
	Kind error
	// Partial says that visible text came before: there is something to show.
	Partial bool
	// Reason is the server's or the model's own word for why it ended; empty where there was none.
	Reason string
	// Limit is the answer's limit in tokens; 0 where it is not known.
	Limit int
	// Next says what to do.
	Next string
}

// Error names kind, reason and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.Error())
	var facts []string
	if e.Reason != "" {
		facts = append(facts, "finish reason "+e.Reason)
	}
	if e.Limit > 0 {
		facts = append(facts, fmt.Sprintf("limit %d tokens", e.Limit))
	}
	if len(facts) > 0 {
		b.WriteString(" (" + strings.Join(facts, ", ") + ")")
	}
	if e.Next != "" {
		b.WriteString("; " + e.Next)
	}
	return b.String()
}

// Unwrap returns the kind, and ErrNoAnswer where nothing can be shown.
func (e *Error) Unwrap() []error {
	if e.Partial {
		return []error{e.Kind}
	}
	return []error{e.Kind, ErrNoAnswer}
}
