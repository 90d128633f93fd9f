package loop

import "errors"

// ErrNoAnswer means that a question was not answered within a minute.
var ErrNoAnswer = errors.New("no answer")
