package generate

import (
	"errors"
	"fmt"
)

var (
	// ErrFile means that a model file is missing or cannot be read. The error is a [*FileError].
	ErrFile = errors.New("model file cannot be read")
	// ErrField means that a field of a model file is missing or has a value that cannot be used.
	// The error is a [*FileError].
	ErrField = errors.New("invalid field")
	// ErrGraph means that a graph lacks a tensor, or the graphs and the configuration disagree. The
	// error is a [*FileError].
	ErrGraph = errors.New("model files do not fit together")
	// ErrNoMessages means that a request holds no message.
	ErrNoMessages = errors.New("no messages")
	// ErrNoVision means that the request holds an image, but the model takes none.
	ErrNoVision = errors.New("model takes no images")
	// ErrImage means that image features do not have the shape they claim, or not the one this
	// model takes.
	ErrImage = errors.New("invalid image features")
	// ErrImageCount means that prompt and features disagree on the number of images or image
	// tokens.
	ErrImageCount = errors.New("image tokens and features differ in number")
	// ErrNoHearing means that the request holds sound, but the model takes none.
	ErrNoHearing = errors.New("model takes no sound")
	// ErrAudio means that audio features do not have the shape they claim, or not the one this
	// model takes.
	ErrAudio = errors.New("invalid audio features")
	// ErrAudioCount means that prompt and features disagree on the number of clips or audio tokens.
	ErrAudioCount = errors.New("audio tokens and features differ in number")
	// ErrNotFinite means that the model computed no finite scores.
	ErrNotFinite = errors.New("model scores are not finite")
	// ErrBusy means that the cache is in use by another call.
	ErrBusy = errors.New("cache is in use")
	// ErrClosed means that the model or cache was closed.
	ErrClosed = errors.New("closed")
)

// FileError names the model file, and the field where one is concerned.
type FileError struct {
	Kind   error  // ErrFile, ErrField or ErrGraph
	File   string // name inside the model folder
	Field  string // may be empty
	Detail string
	Err    error // cause; may be nil
}

// Error names file, field and what is wrong.
func (e *FileError) Error() string {
	where := e.File
	if e.Field != "" {
		where += ": " + e.Field
	}
	switch {
	case e.Err != nil && e.Detail != "":
		return fmt.Sprintf("%s: %v: %s: %v", where, e.Kind, e.Detail, e.Err)
	case e.Err != nil:
		return fmt.Sprintf("%s: %v: %v", where, e.Kind, e.Err)
	}
	return fmt.Sprintf("%s: %v: %s", where, e.Kind, e.Detail)
}

// Unwrap returns the sentinel and the cause.
func (e *FileError) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}
