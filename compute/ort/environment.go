package ort

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"

	ortgo "github.com/yalue/onnxruntime_go"

	"github.com/sensory-agent/sensory-agent/internal/native/ortapi"
)

// environment is the native environment of the process. ONNX Runtime has one per process and the
// binding keeps it in package variables, so this is the single owner of that state: it is created
// by the first reference and released by the last.
type environment struct {
	mu    sync.Mutex
	refs  int
	path  string
	ready bool
	api   *ortapi.API // valid while a reference is held
}

// process is the only instance; the native state behind it is process-wide by nature.
var process environment // owner of process-wide native state

// open takes the first or a further reference to the environment of the library at path.
func (e *environment) open(path string, tried []string) error {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ready {
		if e.path != path {
			return &LibraryError{Kind: ErrLibraryConflict, Paths: tried, Detail: e.path}
		}
		e.refs++
		return nil
	}
	if err := errors.Join(quiet(), orderDevices()); err != nil {
		return &LibraryError{Kind: ErrLibraryUnusable, Paths: tried, Detail: err.Error()}
	}
	ortgo.SetSharedLibraryPath(path)
	if err := ortgo.InitializeEnvironment(ortgo.WithLogLevelFatal()); err != nil {
		kind := ErrLibraryUnusable
		// The binding answers 2 when the library does not offer the interface version asked for.
		if strings.Contains(err.Error(), "setting ORT API base: 2") {
			kind = ErrVersion
		}
		return &LibraryError{Kind: kind, Paths: tried, Detail: err.Error()}
	}
	// The switch of the interface, for what a library might still note down: quiet has kept it from
	// starting anything.
	if err := ortgo.DisableTelemetry(); err != nil {
		return joinClose(&LibraryError{Kind: ErrLibraryUnusable, Paths: tried, Detail: err.Error()}, ortgo.DestroyEnvironment())
	}
	api, err := ortapi.Open(path)
	if err != nil {
		return joinClose(&LibraryError{Kind: ErrVersion, Paths: tried, Detail: err.Error()}, ortgo.DestroyEnvironment())
	}
	e.ready, e.path, e.refs, e.api = true, path, 1, api
	return nil
}

// retain takes a further reference and returns the native interface; it fails where none is held.
func (e *environment) retain() (*ortapi.API, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.ready {
		return nil, ErrClosed
	}
	e.refs++
	return e.api, nil
}

// release gives one reference back; the last one releases the native environment.
func (e *environment) release() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refs--
	if e.refs > 0 {
		return nil
	}
	e.ready = false
	e.api.Close()
	e.api = nil
	return ortgo.DestroyEnvironment()
}
