package model

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrUnknownCapability reports a word outside the vocabulary.
	ErrUnknownCapability = errors.New("model: unknown capability")
	// ErrBadProfile reports a profile that cannot be resolved whatever the host has.
	ErrBadProfile = errors.New("model: bad profile")
	// ErrBadEntry reports a registry entry without kind or provider.
	ErrBadEntry = errors.New("model: bad entry")
	// ErrDuplicateID reports an id that is empty or appears twice in a registry.
	ErrDuplicateID = errors.New("model: empty or repeated id")
	// ErrUnknownProfile reports a profile id that nobody declared.
	ErrUnknownProfile = errors.New("model: unknown profile")
	// ErrNoQualifiedModel is matched by every refusal of Resolve.
	ErrNoQualifiedModel = errors.New("model: no qualified model")
	// ErrNoModelMatches is matched by a refusal for ReasonNoMatch.
	ErrNoModelMatches = errors.New("model: no model matches")
	// ErrNoMultimodalBase is matched by a refusal for ReasonNoMultimodal.
	ErrNoMultimodalBase = errors.New("model: no multimodal base")
	// ErrResidency is matched by a refusal for ReasonResidency.
	ErrResidency = errors.New("model: residency violated")
	// ErrDoesNotFit is matched by a refusal for ReasonFit.
	ErrDoesNotFit = errors.New("model: does not fit")
	// ErrNotInstalled is matched by a refusal for ReasonInstall.
	ErrNotInstalled = errors.New("model: not installed")
	// ErrSight is matched by a refusal for ReasonSight, and by a *SightError.
	ErrSight = errors.New("model: pictures cost more than was agreed")
	// ErrNotReady is matched by a refusal for ReasonReady.
	ErrNotReady = errors.New("model: not ready")
)

// UnknownProfileError names a profile that nobody declared, and those that exist.
type UnknownProfileError struct {
	ID    string
	Known []string
}

// Error names both.
func (e *UnknownProfileError) Error() string {
	return fmt.Sprintf("unknown profile %q; known: %s", e.ID, strings.Join(e.Known, ", "))
}

// Unwrap returns ErrUnknownProfile.
func (e *UnknownProfileError) Unwrap() error { return ErrUnknownProfile }

// Reason is the closed list of refusals.
type Reason string

// The refusals, in the order in which they are decided.
const (
	// ReasonNoMatch: no registered model has what the profile asks for.
	ReasonNoMatch Reason = "no_model_matches"
	// ReasonNoMultimodal: no registered base model has all the native senses in one.
	ReasonNoMultimodal Reason = "no_multimodal_base"
	// ReasonResidency: models match, none of them would live on the silicon asked for.
	ReasonResidency Reason = "residency_violated"
	// ReasonFit: models match, none of them fits into the free memory.
	ReasonFit Reason = "does_not_fit"
	// ReasonInstall: models match, the bytes of one or of its companions are not here.
	ReasonInstall Reason = "not_installed"
	// ReasonReady: a model is installed but not loaded or not probed.
	ReasonReady Reason = "not_ready"
	// ReasonSight: the model that would be taken needs longer for the smallest picture than an
	// answer may wait.
	ReasonSight Reason = "sight_too_slow"
)

// FilterCount says how many base models were left after one filter.
type FilterCount struct {
	Filter string `json:"filter"`
	Left   int    `json:"left"`
}

// Blocker is one thing that stands between one candidate and the profile.
type Blocker struct {
	Model string `json:"model"`
	// Filter is the name of the check that it failed.
	Filter string `json:"filter"`
	// Lacks says what is missing, in words.
	Lacks string `json:"lacks"`
	// Fix is a command line that would help, or "".
	Fix string `json:"fix,omitempty"`
}

// Candidate is a base model that has every capability asked for, with the place where it would run.
type Candidate struct {
	Model   string  `json:"model"`
	Silicon Silicon `json:"silicon"`
	// Device names the place, such as the GPU's name.
	Device        string `json:"device"`
	ExpectedBytes int64  `json:"expected_bytes"`
	FreeBytes     int64  `json:"free_bytes"`
}

// RefusalError is the one error type of Resolve. Reason says which rule decided; the details carry
// everything else that is in the way, so that a reader need not fix one thing to learn of the next.
type RefusalError struct {
	Reason  Reason `json:"reason"`
	Profile string `json:"profile"`
	// RegistryCount is the number of base models registered.
	RegistryCount int `json:"registry_count"`
	// Filters are the counts after each filter, in order.
	Filters []FilterCount `json:"filters"`
	// Nearest is the model that came furthest, and what it lacks first.
	Nearest *Blocker `json:"nearest,omitempty"`
	// Candidates are the models with all capabilities, and their silicon.
	Candidates []Candidate `json:"candidates,omitempty"`
	// Blockers are all failed checks of the candidates (the 24 preferred ones; the 8 nearest models
	// when there is no candidate).
	Blockers []Blocker `json:"blockers,omitempty"`
	// Command installs what the nearest candidate lacks; "" unless that alone helps.
	Command string `json:"command,omitempty"`
	// Host is why no accelerator can be used, when that matters.
	Host string `json:"host,omitempty"`
}

// Unwrap returns ErrNoQualifiedModel and the sentinel of the reason.
func (e *RefusalError) Unwrap() []error {
	switch e.Reason {
	case ReasonNoMatch:
		return []error{ErrNoQualifiedModel, ErrNoModelMatches}
	case ReasonNoMultimodal:
		return []error{ErrNoQualifiedModel, ErrNoMultimodalBase}
	case ReasonResidency:
		return []error{ErrNoQualifiedModel, ErrResidency}
	case ReasonFit:
		return []error{ErrNoQualifiedModel, ErrDoesNotFit}
	case ReasonInstall:
		return []error{ErrNoQualifiedModel, ErrNotInstalled}
	case ReasonReady:
		return []error{ErrNoQualifiedModel, ErrNotReady}
	case ReasonSight:
		return []error{ErrNoQualifiedModel, ErrSight}
	}
	return []error{ErrNoQualifiedModel}
}

// Error says the reason, the counts, the nearest miss and every blocker, one to a line.
func (e *RefusalError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "no model qualifies for profile %q: %s", e.Profile, e.sentence())
	fmt.Fprintf(&b, "\n  %d base models registered", e.RegistryCount)
	for _, f := range e.Filters {
		fmt.Fprintf(&b, "; %s: %d left", f.Filter, f.Left)
	}
	if e.Host != "" {
		fmt.Fprintf(&b, "\n  host: %s", e.Host)
	}
	for _, c := range e.Candidates {
		fmt.Fprintf(&b, "\n  candidate %s would run on %s (%s)", c.Model, c.Silicon, c.Device)
	}
	for _, x := range e.Blockers {
		fmt.Fprintf(&b, "\n  %s: %s", x.Model, x.Lacks)
		if x.Fix != "" {
			fmt.Fprintf(&b, "; run: %s", x.Fix)
		}
	}
	if e.Command != "" {
		fmt.Fprintf(&b, "\n  to install what is missing run: %s", e.Command)
	}
	return b.String()
}

func (e *RefusalError) sentence() string {
	nearest := ""
	if e.Nearest != nil {
		nearest = fmt.Sprintf("; nearest is %s, which lacks: %s", e.Nearest.Model, e.Nearest.Lacks)
	}
	switch e.Reason {
	case ReasonNoMultimodal:
		return "no base model has all the native senses in one" + nearest
	case ReasonResidency:
		return "every candidate would live on silicon that the profile forbids"
	case ReasonFit:
		return "no candidate fits into free memory" + nearest
	case ReasonInstall:
		return "what it needs is not installed" + nearest
	case ReasonReady:
		return "what it needs is not ready" + nearest
	case ReasonSight:
		return "its pictures cost more than was agreed"
	case ReasonNoMatch:
	}
	return "no registered model matches" + nearest
}
