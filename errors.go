package sensory

import (
	"errors"
	"fmt"

	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/models"
	"github.com/sensory-agent/sensory-agent/tts"
)

var (
	// ErrConfig says that what was asked for is wrong in itself, on whatever machine: a profile or
	// a voice that nobody knows, a number out of its bounds.
	ErrConfig = errors.New("bad configuration")
	// ErrLibrary says that a persona wants another inference library than the process has.
	ErrLibrary = errors.New("a process loads one inference library")
)

// configError is what is wrong, and an ErrConfig, without saying so again.
type configError struct{ err error }

func (e *configError) Error() string   { return e.err.Error() }
func (e *configError) Unwrap() []error { return []error{ErrConfig, e.err} }

func wrong(format string, args ...any) error {
	return &configError{fmt.Errorf(format, args...)}
}

// choiceError adds to a refusal what else can be asked for on this machine.
type choiceError struct{ err error }

func (e *choiceError) Error() string { return e.err.Error() + choice }
func (e *choiceError) Unwrap() error { return e.err }

// choice is said where a profile wants a GPU and there is none: nothing falls back by itself.
const choice = "\nwithout a GPU ask for less, and say so: --profile embedded"

// WithChoice names the profile that needs no GPU in a refusal that is for want of one.
func WithChoice(err error) error {
	var refusal *model.RefusalError
	if errors.As(err, &refusal) && refusal.Reason == model.ReasonResidency {
		return &choiceError{err}
	}
	return err
}

// voice is what a specification means; zero for none.
func voice(spec string) (tts.Choice, error) {
	if spec == "" {
		return tts.Choice{}, nil
	}
	chosen, err := tts.Parse(spec)
	if err != nil {
		return chosen, &configError{err}
	}
	return chosen, nil
}

// profile is a requirement profile of the catalog, with another voice where one is asked for.
func profile(catalog *models.Catalog, name, spec string) (model.Profile, error) {
	p, err := catalog.Profile(name)
	if err != nil {
		return p, &configError{err}
	}
	chosen, err := voice(spec)
	switch {
	case err != nil:
		return p, err
	case chosen.Model != "":
		return p.WithVoice(chosen.Model), nil
	case !chosen.IsZero():
		return p.WithVoice(), nil
	}
	return p, nil
}
