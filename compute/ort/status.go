package ort

import (
	"errors"
	"strings"
)

// The runtime's codes are too coarse to say who must act, so its words are read as well; only here.

// modelKind classifies what the runtime said while it loaded a model.
func modelKind(detail string) error {
	switch {
	case outOfMemory(detail):
		return ErrOutOfMemory
	case contains(detail, "not a registered function/op", "no op registered", "find an implementation for", "not implemented",
		"is under development and support for this is limited", "unsupported model ir version"):
		return ErrModelUnsupported
	}
	return ErrModelCorrupt
}

// providerKind classifies what the runtime said while it set up an execution provider.
func providerKind(detail string) error {
	switch {
	case outOfMemory(detail):
		return ErrOutOfMemory
	case contains(detail, "libcuda.so", "no cuda-capable device", "driver version is insufficient", "cuda failure 35",
		"cuda failure 100", "invalid device ordinal", "initialization error", "no kernel image"):
		return ErrDriverMissing
	}
	return ErrProviderMissing
}

// providerError classifies a failure to set up an execution provider.
func providerError(provider Provider, err error) error {
	e := &ProviderError{Kind: providerKind(err.Error()), Provider: provider, Detail: err.Error()}
	// The loader's words: NAME: cannot open shared object file.
	if before, _, ok := strings.Cut(e.Detail, ": cannot open shared object file"); ok {
		e.Library = before[strings.LastIndexAny(before, " /")+1:]
	}
	return e
}

// runError turns a failed run into an error that names the model.
func runError(model string, err error) error {
	kind := ErrRun
	if outOfMemory(err.Error()) {
		kind = ErrOutOfMemory
	}
	return &ModelError{Kind: kind, Model: model, Detail: err.Error()}
}

// outOfMemory tells an exhausted device or host from other failures.
func outOfMemory(detail string) bool {
	return contains(detail, "out of memory", "failed to allocate memory", "bad_alloc", "cuda failure 2:", "available memory of")
}

// terminated tells a run that was stopped by its run options from other failures.
func terminated(err error) bool {
	return err != nil && contains(err.Error(), "terminate flag")
}

// contains reports whether any phrase occurs in text, in any case.
func contains(text string, phrases ...string) bool {
	text = strings.ToLower(text)
	for _, phrase := range phrases {
		if strings.Contains(text, phrase) {
			return true
		}
	}
	return false
}

// joinClose keeps the first error of several Close calls and the rest behind it.
func joinClose(errs ...error) error { return errors.Join(errs...) }
