package store

import "errors"

// Why is one stable word for what keeps a store from being read or written.
type Why string

// The words. docs/store.md says what to do about each.
const (
	WhyFull     Why = "full"      // ErrFull
	WhyLocked   Why = "locked"    // ErrBusy
	WhyReadOnly Why = "read_only" // ErrReadOnly, ErrExposed
	WhyNewer    Why = "newer"     // ErrSchema: another program has migrated it
	WhyAway     Why = "away"      // ErrUnreachable
	WhyDenied   Why = "denied"    // ErrDenied
	WhyDamaged  Why = "damaged"   // ErrCorrupt, ErrForeign
	WhyFailed   Why = "failed"    // anything else
)

// Whys returns all of them.
func Whys() []Why {
	return []Why{WhyFull, WhyLocked, WhyReadOnly, WhyNewer, WhyAway, WhyDenied, WhyDamaged, WhyFailed}
}

// WhyOf is the word for an error of this package; empty where the store is not to blame.
func WhyOf(err error) Why {
	var typed *Error
	if !errors.As(err, &typed) {
		return ""
	}
	for _, known := range []struct {
		kind error
		why  Why
	}{
		{ErrFull, WhyFull},
		{ErrBusy, WhyLocked},
		{ErrReadOnly, WhyReadOnly},
		{ErrExposed, WhyReadOnly},
		{ErrSchema, WhyNewer},
		{ErrUnreachable, WhyAway},
		{ErrDenied, WhyDenied},
		{ErrCorrupt, WhyDamaged},
		{ErrForeign, WhyDamaged},
	} {
		if errors.Is(typed, known.kind) {
			return known.why
		}
	}
	return WhyFailed
}
