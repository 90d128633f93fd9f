package context

import (
	"errors"
	"fmt"
)

var (
	// ErrBudget means that something does not fit into what a store may hold beside what is in use.
	// The error is a [*BudgetError].
	ErrBudget = errors.New("does not fit into the budget of the store")
	// ErrSize means that a size or a budget is below 0.
	ErrSize = errors.New("size below 0")
)

// BudgetError says what did not fit, in bytes.
type BudgetError struct {
	Need   int64 // of what was to be kept
	Held   int64 // by what is in use
	Budget int64
}

// Error gives the numbers.
func (e *BudgetError) Error() string {
	return fmt.Sprintf("%v: %d bytes, %d of %d are in use", ErrBudget, e.Need, e.Held, e.Budget)
}

// Unwrap returns [ErrBudget].
func (e *BudgetError) Unwrap() error { return ErrBudget }
