package naming

import "errors"

var (
	// ErrModel means that a model is not of this family: other inputs or outputs than the package
	// comment says, or numbers that are none. The text says which.
	ErrModel = errors.New("no classifier of this family")
	// ErrPicture means that there is no picture, or an empty one.
	ErrPicture = errors.New("no picture to name")
)
