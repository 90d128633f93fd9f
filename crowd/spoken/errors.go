package spoken

import "errors"

var (
	// ErrConfig means that nothing can be measured like that; the text says why.
	ErrConfig = errors.New("nothing can be measured like that")
	// ErrKept means that a file of what was heard cannot be read, or is another one. Name a new
	// one, or remove it.
	ErrKept = errors.New("invalid file of what was heard")
	// ErrMissed means that a figure is not as good as it is to be. The result is whole all the
	// same.
	ErrMissed = errors.New("recall or false responses miss their goal")
)
