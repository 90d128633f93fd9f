package models

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// smallFile is the size in bytes up to which the files beside a graph (configuration, vocabulary)
// are checked together with it.
const smallFile = 4 << 20

// Path is PathContext with a context that does not end.
func (s *Store) Path(id, file string) (string, error) {
	return s.PathContext(context.Background(), id, file)
}

// PathContext returns the absolute path of one file of a model that is about to be loaded. The file
// is checked first, and with it the weights kept beside it and the model's small files: against the
// CRC-32C that was recorded with the digest, once a process; or, where its time has changed since,
// against its digest, after which the record is fresh. Options.Digests asks for the digest in any
// case.
//
// It returns a *NotInstalledError, a *DamagedError, ErrUnsafePath, or the context's error. Files of
// an embedded model have no path: see FS. A file that is changed while it is in use is not noticed:
// weights are mapped into memory, so replace files by renaming, as a pull does, never by writing
// into them.
func (s *Store) PathContext(ctx context.Context, id, file string) (string, error) {
	e, err := s.catalog.Entry(id)
	if err != nil {
		return "", err
	}
	if !safePath(file) {
		return "", fmt.Errorf("%w: %q", ErrUnsafePath, file)
	}
	lock, err := readLock(filepath.Join(s.dir, id))
	if err != nil {
		lock = &Lock{} // a file that the catalog knows is right without a record
	}
	have := lock.file(file)
	if have == nil {
		if have = e.known(file); have == nil {
			return "", &NotInstalledError{Model: id, File: file}
		}
	}
	if err := s.intact(ctx, e, have); err != nil {
		return "", err
	}
	for i := range lock.Files {
		if f := &lock.Files[i]; f.Path != file && (f.Size <= smallFile || besideGraph(file, f.Path)) {
			if err := s.intact(ctx, e, f); err != nil {
				return "", err
			}
		}
	}
	return s.abs(id, file)
}

// known is the record of a file whose digest is in the catalog, or nil.
func (e *Entry) known(file string) *LockFile {
	i := slices.IndexFunc(e.Files, func(f File) bool { return f.Path == file && f.SHA256 != "" && f.Size > 0 })
	if i < 0 {
		return nil
	}
	return &LockFile{Path: file, Size: e.Files[i].Size, SHA256: e.Files[i].SHA256, Origin: OriginCatalog}
}

// besideGraph reports whether a file holds weights of a graph: "decoder.onnx_data" and
// "decoder.onnx.data" belong to "decoder.onnx".
func besideGraph(graph, file string) bool {
	rest, ok := strings.CutPrefix(file, graph)
	return ok && strings.HasSuffix(graph, ".onnx") && (strings.HasPrefix(rest, "_data") || strings.HasPrefix(rest, ".data"))
}

// Folder returns the absolute path of a model's folder, with every file in it checked as in
// PathContext that the model is run from: what a conversion was made of and other variants of its
// graphs are left alone. It fails with a *NotInstalledError when the model is not there whole.
func (s *Store) Folder(ctx context.Context, id string) (string, error) {
	e, err := s.catalog.Entry(id)
	if err != nil {
		return "", err
	}
	lock, err := readLock(filepath.Join(s.dir, id))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", &NotInstalledError{Model: id}
	case err != nil:
		return "", err
	}
	for i := range lock.Files {
		f := &lock.Files[i]
		if lock.Convert != nil && lock.Convert.Inputs[f.Path] != "" || e.otherVariant(lock, f.Path) {
			continue
		}
		if err := s.intact(ctx, e, f); err != nil {
			return "", err
		}
	}
	if !s.Installed(id) {
		return "", &NotInstalledError{Model: id}
	}
	return s.abs(id, "")
}

// otherVariant reports whether a file is a language graph, or the weights of one, that this entry
// does not run.
func (e *Entry) otherVariant(lock *Lock, file string) bool {
	for _, graph := range []string{graphEmbed, graphDecoder} {
		dir, name := path.Split(file)
		rest, ok := strings.CutPrefix(name, graph)
		if !ok {
			continue
		}
		// Without a variant the plain file runs; where there is none, a lone quantised one may.
		return lock.file(dir+graph+e.Variant+".onnx") != nil && !strings.HasPrefix(rest, e.Variant+".onnx")
	}
	return false
}

// FS returns the files of a model: embedded ones from the binary, others from the store, checked as
// by Folder.
func (s *Store) FS(id string) (fs.FS, error) {
	e, err := s.catalog.Entry(id)
	if err != nil {
		return nil, err
	}
	if e.Embedded {
		return CalibrationFS()
	}
	dir, err := s.Folder(context.Background(), id)
	if err != nil {
		return nil, err
	}
	return os.DirFS(dir), nil
}

func (s *Store) abs(id, file string) (string, error) {
	path, err := filepath.Abs(s.join(id, file))
	if err != nil {
		return "", fmt.Errorf("locate %s/%s: %w", id, file, err)
	}
	return path, nil
}
