package reading

import "errors"

var (
	// ErrModel means that a model is not one of this family: other inputs, outputs or characters
	// than the package comment says. The text names the part.
	ErrModel = errors.New("no reader of this family")
	// ErrPicture means that there is no picture, or an empty one.
	ErrPicture = errors.New("no picture to read")
)
