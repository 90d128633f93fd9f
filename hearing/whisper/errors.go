package whisper

import "errors"

var (
	// ErrTokenizer reports a vocabulary that cannot be read or does not fit the model.
	ErrTokenizer = errors.New("whisper: bad tokenizer file")
	// ErrConfig reports a configuration file that cannot be read or contradicts itself.
	ErrConfig = errors.New("whisper: bad configuration file")
)
