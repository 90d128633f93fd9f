package agent

import "errors"

var (
	// ErrSeated means that somebody of this name or identity has a seat in the room already.
	ErrSeated = errors.New("persona has a seat in the room already")
	// ErrUnseated means that the persona has no seat in the room, or none any more.
	ErrUnseated = errors.New("persona has no seat in the room")
	// ErrContextSize means that a context is larger than any window holds: give a shorter one.
	ErrContextSize = errors.New("the context is too large")
	// ErrFull means that as many personas sit here as may: see HostConfig.Seats.
	ErrFull = errors.New("no seat is free")
	// ErrOfFile means that a persona sits where it does because the file says so: change the file
	// and reload it.
	ErrOfFile = errors.New("persona is seated by the configuration file: change that")
)
