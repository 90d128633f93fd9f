package bot

import "errors"

// ErrNoAnswer means that the agent did not answer in time: look at its log, or wait longer.
var ErrNoAnswer = errors.New("no answer")
