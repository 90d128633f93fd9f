package memory

import (
	"fmt"
	"slices"
)

// Trust is how far one can rely on who said something being who they say they are. Of several it is
// the least that counts.
type Trust int

// The trusts, from least to most.
const (
	// External is what came from outside the room: a tool, a page, another agent.
	External Trust = iota
	// Claimed is what a person said whose identity nobody has vouched for: a guest, a caller.
	Claimed
	// Known is what a person said whose identity was vouched for, by a token that was issued to
	// them.
	Known
	// Operator is what somebody promoted who may change what the persona remembers.
	Operator
)

func trusts() []string { return []string{"external", "claimed", "known", "operator"} }

func (t Trust) valid() bool { return t >= External && t <= Operator }

// String is the trust in one word.
func (t Trust) String() string {
	if !t.valid() {
		return fmt.Sprintf("trust(%d)", int(t))
	}
	return trusts()[t]
}

// MarshalText implements encoding.TextMarshaler.
func (t Trust) MarshalText() ([]byte, error) {
	if !t.valid() {
		return nil, fmt.Errorf("%w: trust", ErrInvalid)
	}
	return []byte(t.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *Trust) UnmarshalText(text []byte) error {
	i := slices.Index(trusts(), string(text))
	if i < 0 {
		return fmt.Errorf("%w: trust", ErrInvalid)
	}
	*t = Trust(i)
	return nil
}
