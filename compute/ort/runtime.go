package ort

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	ortgo "github.com/yalue/onnxruntime_go"

	"github.com/sensory-agent/sensory-agent/internal/native/ortapi"
)

// Config of a [Runtime].
type Config struct {
	// LibraryPath is the ONNX Runtime library: a file, or a directory that holds it. Empty means
	// the per-user models directory, where `sensory-agent models pull runtime-cpu` puts it.
	LibraryPath string
	// DeviceLibraries are directories with the libraries that a device's provider needs, for a host
	// whose loader does not know them: those of the CUDA packages, for instance. What is found
	// there is loaded for the life of the process.
	DeviceLibraries []string
	// Pool, if set, lets everybody who loads through this runtime share models.
	Pool *PoolConfig
	// Logger receives what was opened and loaded; nil discards it.
	Logger *slog.Logger
}

// Runtime is a counted reference to the native environment of the process.
type Runtime struct {
	log  *slog.Logger
	path string
	pool *Pool // where Load gets its models from; nil loads each anew

	mu     sync.Mutex
	closed bool
}

// Open loads the library, or takes a further reference where it is loaded already.
// It returns a [*LibraryError] of kind [ErrLibraryMissing], [ErrLibraryUnusable], [ErrVersion] or
// [ErrLibraryConflict].
func Open(cfg Config) (*Runtime, error) {
	log := cfg.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	path, tried := findLibrary(cfg.LibraryPath)
	if path == "" {
		return nil, &LibraryError{Kind: ErrLibraryMissing, Paths: tried}
	}
	if err := preload(cfg.DeviceLibraries); err != nil {
		return nil, err
	}
	if err := process.open(path, tried); err != nil {
		return nil, err
	}
	r := &Runtime{log: log, path: path}
	if cfg.Pool != nil {
		r.pool = newPool(*cfg.Pool, log, r.load)
	}
	log.Debug("onnx runtime open", "path", path, "version", r.Version())
	return r, nil
}

// Version is the version of the library, for example "1.31.1".
func (r *Runtime) Version() string { return ortgo.GetVersion() }

// Path is the library file in use.
func (r *Runtime) Path() string { return r.path }

// Pool is what models come from, or nil where each is loaded anew.
func (r *Runtime) Pool() *Pool { return r.pool }

// Close closes the pool's idle models and gives the reference back. Sessions and tensors that are
// still open keep working.
func (r *Runtime) Close() error {
	var err error
	if r.pool != nil {
		err = r.pool.Close() // waits for loads, which need the reference
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return err
	}
	r.closed = true
	return joinClose(err, process.release())
}

// Source is a model: exactly one of Path and Bytes. Weights beside the graph (external data) need
// Path.
type Source struct {
	Name  string // for messages; empty means Path
	Path  string
	Bytes []byte // read only; must not change while the session is being made, in a pool not even after a call that gave up
	Edit  *Edit  // nil loads the model as it is; read only like Bytes
}

// label is the name for messages.
func (s Source) label() string {
	switch {
	case s.Name != "":
		return s.Name
	case s.Path != "":
		return s.Path
	}
	return "embedded model"
}

// check refuses a source that is not exactly one readable thing.
func (s Source) check() error {
	if (s.Path == "") == (len(s.Bytes) == 0) {
		return &ModelError{Kind: ErrSource, Model: s.label()}
	}
	if s.Path == "" {
		return nil
	}
	info, err := os.Stat(s.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &ModelError{Kind: ErrModelMissing, Model: s.label(), Detail: s.Path}
	case err != nil:
		return &ModelError{Kind: ErrModelMissing, Model: s.label(), Detail: err.Error()}
	case !info.Mode().IsRegular() || info.Size() == 0:
		return &ModelError{Kind: ErrModelCorrupt, Model: s.label(), Detail: "empty or not a regular file"}
	}
	return nil
}

// retain takes a reference to the environment for something made by this runtime.
func (r *Runtime) retain() (*ortapi.API, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ErrClosed
	}
	return process.retain()
}

// Load makes a session; several may be made at once. The context is looked at before the native
// call, which can take seconds and cannot be interrupted. A runtime with a [Pool] takes the session
// from there. It returns a [*ModelError] or a [*ProviderError], and those of [Pool.Acquire]; it
// never uses another provider than the one asked for.
func (r *Runtime) Load(ctx context.Context, src Source, opt Options) (*Session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.pool != nil {
		return r.pool.Acquire(ctx, src, opt)
	}
	s, err := r.load(src, opt)
	if err != nil {
		return nil, err
	}
	return s.handle(s.free), nil
}

// load makes a native session.
func (r *Runtime) load(src Source, opt Options) (*loaded, error) {
	api, err := r.retain()
	if err != nil {
		return nil, err
	}
	if err := src.check(); err != nil {
		return nil, joinClose(err, process.release())
	}
	start := time.Now()
	s, err := newLoaded(api, src, opt)
	if err != nil {
		return nil, joinClose(err, process.release())
	}
	r.log.Debug("model loaded", "model", src.label(), "provider", opt.Provider.String(), "threads", opt.threads(), "took", time.Since(start))
	return s, nil
}
