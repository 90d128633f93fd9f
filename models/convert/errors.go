package convert

import "errors"

var (
	// ErrUnsupported reports a weight file that is sound but describes a model this package has no
	// graph for.
	ErrUnsupported = errors.New("convert: model is not supported")
	// ErrVocabulary reports a vocabulary from which no tokenizer can be built.
	ErrVocabulary = errors.New("convert: vocabulary is not usable")
)
