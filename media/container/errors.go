package container

import "errors"

var (
	// ErrUnknown means that the data are neither WebM nor Ogg.
	ErrUnknown = errors.New("neither webm nor ogg")
	// ErrCodec means that the sound is in another codec than Opus.
	ErrCodec = errors.New("the sound is not opus")
	// ErrBroken means that the container makes no sense, or has no packet.
	ErrBroken = errors.New("broken container")
)
