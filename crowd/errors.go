package crowd

import (
	"errors"
	"fmt"
)

var (
	// ErrConfig means that a measurement cannot be done as it was asked for; the text says why.
	ErrConfig = errors.New("nothing can be measured like that")
	// ErrHumans means that the humans could not do their part; what they said is on standard error.
	ErrHumans = errors.New("the humans of the benchmark failed")
	// ErrGreeting means that a persona did not greet the human: its voice or its room does not
	// work.
	ErrGreeting = errors.New("a persona did not say its greeting")
	// ErrNothingAsked means that no question ended within the time: measure for 10 s or more.
	ErrNothingAsked = errors.New("nothing was asked: measure for 10 s or more")
)

// TurnsError says that turns were lost or answered wrong. The record is whole all the same, and
// names each of them.
type TurnsError struct{ Sessions, Asked, Answered, Wrong int }

// Error gives the counts.
func (e *TurnsError) Error() string {
	return fmt.Sprintf("%d sessions: of %d questions %d were not answered and %d answered wrong",
		e.Sessions, e.Asked, e.Asked-e.Answered, e.Wrong)
}
