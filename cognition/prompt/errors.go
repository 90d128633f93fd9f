package prompt

import (
	"errors"
	"fmt"
)

var (
	// ErrSampling means that a setting of sampling is outside its range, or not known to the model.
	ErrSampling = errors.New("invalid sampling settings")
	// ErrPart means that a message holds a picture or a sound in a form that the model does not
	// take.
	ErrPart = errors.New("the model takes no such part")
	// ErrTooLong means that a prompt leaves no room for an answer. The error is a [*TooLongError]
	// where the tokens were counted.
	ErrTooLong = errors.New("prompt exceeds the context window")
	// ErrNoInstructions means that a persona has instructions or tools, and its model
	// takes none: the chat template has no place for them, or answers one question at a time.
	ErrNoInstructions = errors.New("the model takes no instructions; choose another model, or a persona without a prompt")
	// ErrLimits means that the bounds of a conversation contradict each other or the model's
	// window.
	ErrLimits = errors.New("invalid limits of a conversation")
	// ErrNoQuestion means that a prompt was asked for a line that asks nothing: one without text,
	// or of the persona itself.
	ErrNoQuestion = errors.New("nothing is asked")
)

// TooLongError says how long a prompt is and how long it may be, both in tokens.
type TooLongError struct {
	Tokens, Limit int
	// Kind names the segment that takes the room, where one alone does: a persona's prompt that its
	// model's window does not hold, or a question that is too long.
	Kind Kind
}

// Error gives both numbers.
func (e *TooLongError) Error() string {
	if e.Kind != "" {
		return fmt.Sprintf("%v: %d tokens up to the %s, at most %d", ErrTooLong, e.Tokens, e.Kind, e.Limit)
	}
	return fmt.Sprintf("%v: %d tokens, at most %d", ErrTooLong, e.Tokens, e.Limit)
}

// Unwrap returns [ErrTooLong].
func (e *TooLongError) Unwrap() error { return ErrTooLong }

// limitError names a limit and what is wrong with it.
func limitError(name string, value int, what string) error {
	return fmt.Errorf("%w: %s: %d %s", ErrLimits, name, value, what)
}
