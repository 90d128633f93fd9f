package tokenizer

import (
	"errors"
	"fmt"
)

var (
	// ErrFormat means that the file is not valid JSON, or a field has a wrong or missing value. The
	// error is a [*FieldError].
	ErrFormat = errors.New("invalid tokenizer")
	// ErrUnsupported means that the file is valid but asks for something that this reader does not
	// implement. The error is a [*FieldError].
	ErrUnsupported = errors.New("unsupported tokenizer feature")
	// ErrUnknownWord means that a word has no id and the vocabulary names no token for unknown
	// words.
	ErrUnknownWord = errors.New("word without a token")
	// ErrText means that text with guards is not valid UTF-8: replaced bytes would move the guards.
	ErrText = errors.New("invalid text")
	// ErrTokenID means that an id is outside the vocabulary.
	ErrTokenID = errors.New("no such token id")
)

// FieldError names the field of tokenizer.json that cannot be used.
type FieldError struct {
	Kind   error  // ErrFormat or ErrUnsupported
	Field  string // path inside the file, for example model.merges[3]
	Detail string
}

// Error names the field and what is wrong with it.
func (e *FieldError) Error() string { return fmt.Sprintf("%s: %v: %s", e.Field, e.Kind, e.Detail) }

// Unwrap returns the sentinel.
func (e *FieldError) Unwrap() error { return e.Kind }

// badField is a [*FieldError] of kind [ErrFormat].
func badField(field, format string, args ...any) error {
	return &FieldError{Kind: ErrFormat, Field: field, Detail: fmt.Sprintf(format, args...)}
}

// unsupported is a [*FieldError] of kind [ErrUnsupported].
func unsupported(field, format string, args ...any) error {
	return &FieldError{Kind: ErrUnsupported, Field: field, Detail: fmt.Sprintf(format, args...)}
}
