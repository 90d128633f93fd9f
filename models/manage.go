package models

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Remove deletes the files of the named models, unfinished ones too. A model that is not there is
// no error; an embedded or remote one is left alone. It returns the bytes freed.
func (s *Store) Remove(ctx context.Context, names ...string) (int64, error) {
	ids, err := s.catalog.Expand(names...)
	if err != nil {
		return 0, err
	}
	if _, err := os.Stat(s.dir); errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err := os.MkdirAll(s.partial(), 0o755); err != nil {
		return 0, fmt.Errorf("remove: %w", err)
	}
	unlock, err := lockDir(ctx, s.partial("pull.lock"))
	if err != nil {
		return 0, err
	}
	defer unlock()
	var freed int64
	for _, id := range ids {
		for _, dir := range []string{filepath.Join(s.dir, id), s.partial(id)} {
			freed += folderSize(dir)
			if err := os.RemoveAll(dir); err != nil {
				return freed, fmt.Errorf("remove %s: %w", id, err)
			}
		}
	}
	return freed, nil
}

// Import brings files of this machine into a model: path is a folder that has the catalog's paths
// (or their last parts), or the one file of a model with one file. Digests that the catalog knows
// are checked; others are computed and recorded as the user's word. Conversion steps run. Files
// that are in place already are kept.
func (s *Store) Import(ctx context.Context, id, path string) (Result, error) {
	e, err := s.catalog.Entry(id)
	if err != nil {
		return Result{}, err
	}
	if err := e.pullable(); err != nil {
		return Result{}, err
	}
	if e.Embedded {
		return Result{}, fmt.Errorf("%w: %s is inside this program", ErrCatalog, id)
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return Result{}, fmt.Errorf("import: %w", err)
	}
	local := *e
	local.Sources = nil
	if e.Folder != "" {
		local.Folder = path
	} else if local.Files, err = importFiles(e, path); err != nil {
		return Result{}, err
	}
	result := Result{Model: id}
	return result, s.pullAll(ctx, []*job{{entry: &local, result: &result}})
}

// importFiles replaces the sources of an entry's files by local ones.
func importFiles(e *Entry, path string) ([]File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	files := make([]File, 0, len(e.Files))
	for _, f := range e.Files {
		candidates := []string{
			filepath.Join(path, filepath.FromSlash(f.Path)),
			filepath.Join(path, filepath.Base(filepath.FromSlash(f.Path))),
		}
		if !info.IsDir() {
			if len(e.Files) != 1 && filepath.Base(path) != filepath.Base(filepath.FromSlash(f.Path)) {
				continue
			}
			candidates = []string{path}
		}
		f.Sources = nil
		for _, c := range candidates {
			if st, err := os.Stat(c); err == nil && st.Mode().IsRegular() {
				f.Sources = []Source{{File: c}}
				break
			}
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%w: %s has no file named %s", ErrUnknownModel, e.ID, filepath.Base(path))
	}
	return files, nil
}
