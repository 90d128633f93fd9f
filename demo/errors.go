package demo

import "errors"

var (
	// ErrNoAnswer means that the persona did not answer within a minute, or left its room before.
	ErrNoAnswer = errors.New("no answer")
	// ErrWrongAnswer means that the persona's answer is not true of the picture.
	ErrWrongAnswer = errors.New("the answer is wrong")
	// ErrNothing means that nothing was heard of the persona, or that it saw nothing.
	ErrNothing = errors.New("nothing to keep")
)
