package tts

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/sensory-agent/sensory-agent/compute/ort"
)

// Voice turns clauses into speech.
type Voice interface {
	// Name is the specification that the voice was opened with, for example
	// "piper:en_US-joe-medium".
	Name() string
	// SampleRate is the rate of the emitted samples, in Hz.
	SampleRate() int
	// Synthesize says one clause and calls emit with consecutive pieces of mono samples in [-1,1],
	// at most 100 ms each, on the calling goroutine. emit owns the slice. Silence before the first
	// sound is shortened to 20 ms. The clause may hold Markdown, emoji or addresses: see Speakable.
	// When the context ends, or emit returns an error, no further piece is emitted and that error
	// is returned. Calls from several goroutines run side by side: how many may is the caller's
	// business. Errors: ErrNothingToSay, ErrNotFinite, ErrSilent, ErrEspeakMissing,
	// ErrEspeakTimeout, *ProcessError, ErrClosed; after any but ErrClosed the voice can be used
	// again.
	Synthesize(ctx context.Context, clause string, emit func(pcm []float32) error) error
	// Close releases sessions and ends the process, after the running clauses. It may be called
	// more than once and from any goroutine.
	Close() error
}

// Files finds the files of installed models.
type Files struct {
	// Path returns where a file of an installed model is. An error means that it is not installed.
	Path func(model, file string) (string, error)
}

// FilesIn finds files in a models directory: dir/model/file.
func FilesIn(dir string) Files {
	return Files{Path: func(model, file string) (string, error) {
		path := filepath.Join(dir, model, filepath.FromSlash(file))
		if _, err := os.Stat(path); err != nil {
			return "", err
		}
		return path, nil
	}}
}

// Option changes how a voice is opened.
type Option func(*options)

type options struct {
	threads  int
	provider ort.Provider
	device   int
	speed    float64
	program  string
	seed     uint64
	log      *slog.Logger
}

// WithThreads sets the threads inside one operator. Default: two, or one on a machine with one
// processor.
func WithThreads(n int) Option { return func(o *options) { o.threads = n } }

// WithProvider sets the execution provider and device of the models. Default: the processor.
func WithProvider(p ort.Provider, device int) Option {
	return func(o *options) { o.provider, o.device = p, device }
}

// WithSpeed sets the speaking speed: 1 is the voice's own, 2 twice as fast. It is held within 0.5
// and 2.
func WithSpeed(speed float64) Option { return func(o *options) { o.speed = speed } }

// WithEspeak sets the espeak-ng program. Default: "espeak-ng" from the path.
func WithEspeak(program string) Option { return func(o *options) { o.program = program } }

// WithSeed sets where the noise begins that some voices vary their speech with. Default: 1. A voice
// that is opened anew says the same clauses, one after the other, with the same samples on the same
// processor; said again they differ a little, as people do. Only Piper's voices draw noise.
func WithSeed(seed uint64) Option { return func(o *options) { o.seed = seed } }

// WithLogger sets where opening is reported. Default: nowhere.
func WithLogger(log *slog.Logger) Option { return func(o *options) { o.log = log } }

func newOptions(opts []Option) options {
	o := options{threads: min(2, runtime.NumCPU()), speed: 1, program: "espeak-ng", seed: 1, log: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		opt(&o)
	}
	o.speed = min(max(o.speed, 0.5), 2)
	return o
}

func (o options) session() ort.Options {
	return ort.Options{Threads: o.threads, Provider: o.provider, DeviceID: o.device}
}

// Open opens the voice of a specification: see Parse and Choice.Open, whose errors it returns.
func Open(ctx context.Context, rt *ort.Runtime, spec string, files Files, opts ...Option) (Voice, error) {
	c, err := Parse(spec)
	if err != nil {
		return nil, err
	}
	return c.Open(ctx, rt, files, opts...)
}

// KnownVoices lists the specifications that the catalog installs, in a fixed order. Other Piper
// models work once installed.
func KnownVoices() []string {
	known := []string{"piper:en_US-joe-medium"}
	for _, v := range kokoroVoices() {
		known = append(known, "kokoro:"+v)
	}
	return append(known, "espeak")
}

// safeName keeps path separators and options out of names.
func safeName(name string) bool {
	if name == "" || name[0] == '-' || name[0] == '.' {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-', r == '.':
			return false
		}
		return true
	})
}

// read returns the bytes of a model file and its path.
func (f Files) read(spec, model, file string) ([]byte, error) {
	path, err := f.find(spec, model, file)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &NotInstalledError{Spec: spec, Model: model, File: file, Err: err}
		}
		return nil, &ModelError{Model: model, File: file, Err: err}
	}
	return data, nil
}

func (f Files) find(spec, model, file string) (string, error) {
	if f.Path == nil {
		return "", &NotInstalledError{Spec: spec, Model: model, File: file, Err: errors.New("no models directory")}
	}
	path, err := f.Path(model, file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err // damaged, or given up: it says so itself
	}
	if err != nil {
		return "", &NotInstalledError{Spec: spec, Model: model, File: file, Err: err}
	}
	return path, nil
}
