package context

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrEvicted means that something is not, or not any more, in a store. The error is an
	// [*EvictedError] where keys of prefixes were asked for.
	ErrEvicted = errors.New("not in the store")
	// ErrBudget means that an entry does not fit into what a store may hold beside what is in use.
	// The error is a [*BudgetError].
	ErrBudget = errors.New("does not fit into the budget of the store")
	// ErrSize means that a size or a budget is below 0.
	ErrSize = errors.New("size below 0")
)

// EvictedError names what is missing. Who asked sends it again.
type EvictedError[K comparable] struct{ Keys []K }

// Error names the keys.
func (e *EvictedError[K]) Error() string {
	keys := make([]string, len(e.Keys))
	for i, k := range e.Keys {
		keys[i] = fmt.Sprint(k)
	}
	return fmt.Sprintf("%v: %s; send it again", ErrEvicted, strings.Join(keys, ", "))
}

// Unwrap returns [ErrEvicted].
func (e *EvictedError[K]) Unwrap() error { return ErrEvicted }

// BudgetError says what did not fit, in bytes.
type BudgetError struct {
	Need   int64 // of the entry
	Held   int64 // by entries that are in use or pinned
	Budget int64
}

// Error gives the numbers.
func (e *BudgetError) Error() string {
	return fmt.Sprintf("%v: %d bytes, %d of %d are in use or pinned", ErrBudget, e.Need, e.Held, e.Budget)
}

// Unwrap returns [ErrBudget].
func (e *BudgetError) Unwrap() error { return ErrBudget }
