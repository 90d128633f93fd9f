package floor

import "errors"

var (
	// ErrConfig means that nothing can be measured like that; the text says why.
	ErrConfig = errors.New("nothing can be measured like that")
	// ErrStuck means that several turns one after another did not come to an end.
	ErrStuck = errors.New("the conversation does not go on")
	// ErrMissed means that a figure is not as good as it is to be. The result is whole all the
	// same.
	ErrMissed = errors.New("the floor misses its goals")
)
