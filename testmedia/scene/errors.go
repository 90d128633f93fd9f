package scene

import "errors"

var (
	// ErrSize means that a picture was asked for with a side below MinSide or above 4096 pixels.
	ErrSize = errors.New("scene: picture size out of range")
	// ErrKind means that a kind of picture or question was named that does not exist.
	ErrKind = errors.New("scene: unknown kind")
)
