package ort

import (
	"path/filepath"
	"strings"
	"sync"

	ortgo "github.com/yalue/onnxruntime_go"
)

// environment is the native environment of the process. ONNX Runtime has one per process and the binding keeps it in
// package variables, so this is the single owner of that state: it is created by the first reference and released by the last.
type environment struct {
	mu    sync.Mutex
	refs  int
	path  string
	ready bool
}

// process is the only instance; the native state behind it is process-wide by nature.
var process environment //nolint:gochecknoglobals // owner of process-wide native state

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
	ortgo.SetSharedLibraryPath(path)
	if err := ortgo.InitializeEnvironment(ortgo.WithLogLevelFatal()); err != nil {
		kind := ErrLibraryUnusable
		// The binding answers 2 when the library does not offer the interface version asked for.
		if strings.Contains(err.Error(), "setting ORT API base: 2") {
			kind = ErrVersion
		}
		return &LibraryError{Kind: kind, Paths: tried, Detail: err.Error()}
	}
	e.ready, e.path, e.refs = true, path, 1
	return nil
}

// retain takes a further reference; it fails where none is held.
func (e *environment) retain() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.ready {
		return ErrClosed
	}
	e.refs++
	return nil
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
	return ortgo.DestroyEnvironment()
}
