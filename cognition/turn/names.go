package turn

import (
	"fmt"
	"slices"
	"strings"
)

// NameError says which name of a persona cannot be told from another's.
type NameError struct {
	// Persona bears Name, which is its own or one of its aliases.
	Persona, Name string
	// Problem says what is wrong with it.
	Problem string
}

// Error implements error.
func (e *NameError) Error() string {
	return fmt.Sprintf("persona %q: the name %q %s; give it another", e.Persona, e.Name, e.Problem)
}

// Unwrap returns ErrNames.
func (e *NameError) Unwrap() error { return ErrNames }

// CheckNames refuses personas that people could not call apart: names and aliases that are the
// same, sound the same, or mean everybody. Its error is a *NameError.
func CheckNames(personas []Persona) error {
	var all []name
	var texts []string
	for i, p := range personas {
		for _, n := range append([]string{p.Name}, p.Aliases...) {
			own := namesOf(i, n)
			if len(own) == 0 {
				return &NameError{p.Name, n, "has no letters"}
			}
			words, _ := wordsOf(n)
			if size, _ := group(words); size == len(words) || len(words) == 1 && groupHandle(words[0].text) {
				return &NameError{p.Name, n, "means everybody"}
			}
			for j, other := range all {
				if other.owner == i {
					continue
				}
				if problem := alike(own[0], other); problem != "" {
					return &NameError{p.Name, n, fmt.Sprintf("%s %q of %q", problem, texts[j], personas[other.owner].Name)}
				}
			}
			all, texts = append(all, own...), append(texts, n)
		}
	}
	return nil
}

// alike says how a name is like another; empty where people can tell them apart.
func alike(a, b name) string {
	switch x, y := strings.Join(a.words, " "), strings.Join(b.words, " "); {
	case slices.Equal(a.words, b.words):
		return "is also"
	case len(a.words) == 1 && len(b.words) == 1 && (soundsLike(x, y) || soundsLike(y, x)):
		return "sounds like"
	}
	return ""
}
