package hearing

import "errors"

var (
	// ErrConfig reports a configuration that no listener or endpointer can work with. The caller
	// must correct it.
	ErrConfig = errors.New("hearing: bad configuration")
	// ErrBusy reports a transcript that was given up because too many earlier ones of the same
	// track still wait.
	ErrBusy = errors.New("hearing: too many transcripts waiting")
	// ErrTooSlow reports a transcript that was given up because its engine took longer than
	// Config.FinalTimeout.
	ErrTooSlow = errors.New("hearing: transcript took too long")
	// ErrAudio reports samples or a window that an engine cannot take: wrong length, or values that
	// are not finite.
	ErrAudio = errors.New("hearing: unusable audio")
	// ErrModel reports a model whose files, names, shapes or outputs do not follow the contract of
	// its engine.
	ErrModel = errors.New("hearing: model does not follow its contract")
)
