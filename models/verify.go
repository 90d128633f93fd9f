package models

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Check is the verdict on one file of a model.
type Check struct {
	Model string `json:"model"`
	File  string `json:"file"`
	Size  int64  `json:"size"`
	// SHA256 is the digest computed now, Origin why the expected one is believed.
	SHA256 string `json:"sha256,omitempty"`
	Origin string `json:"origin,omitempty"`
	// Err is nil when the file is right.
	Err error `json:"-"`
}

// Verify computes the digest of every file of the named models and sets; without names, of every
// model of which anything is on this machine. Models that are not installed at all are reported by
// one Check with a *NotInstalledError, files that are wrong by one with a *DamagedError. What is
// found is recorded, so that a wrong file is damaged from then on and the next pull repairs it, and
// a right one with another time counts as unchanged. The error is about the names or the context
// only: look at each Check.
func (s *Store) Verify(ctx context.Context, names ...string) ([]Check, error) {
	return s.each(ctx, names, s.verifyFile)
}

// Check is Verify by checksum: quick enough for every start. Where a file has another time than
// recorded, or no checksum was recorded, its digest is computed.
func (s *Store) Check(ctx context.Context, names ...string) ([]Check, error) {
	return s.each(ctx, names, s.checkFile)
}

// verdict gives the Check of one recorded file; its error is the context's.
type verdict func(ctx context.Context, e *Entry, f *LockFile) (Check, error)

func (s *Store) each(ctx context.Context, names []string, look verdict) ([]Check, error) {
	if len(names) == 0 {
		names = s.Present()
	}
	ids, err := s.catalog.Expand(names...)
	if err != nil {
		return nil, err
	}
	var out []Check
	for _, id := range ids {
		e, err := s.catalog.Entry(id)
		if err != nil {
			return nil, err
		}
		checks, err := s.eachFile(ctx, e, look)
		out = append(out, checks...)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func (s *Store) eachFile(ctx context.Context, e *Entry, look verdict) ([]Check, error) {
	if e.Remote != nil {
		return nil, nil
	}
	if e.Embedded {
		return s.verifyEmbedded(ctx, e)
	}
	lock, err := readLock(filepath.Join(s.dir, e.ID))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		lock = &Lock{}
	case err != nil:
		return []Check{{Model: e.ID, File: lockName, Err: err}}, nil //nolint:nilerr // the verdict carries it
	}
	var out []Check
	for i := range e.Files {
		f := &e.Files[i]
		c, err := s.declaredFile(ctx, e, f, lock, look)
		if err != nil {
			return out, err
		}
		if f.Optional && errors.Is(c.Err, ErrNotInstalled) {
			continue
		}
		out = append(out, c)
	}
	more, err := s.madeFiles(ctx, e, lock, look)
	return append(out, more...), err
}

// declaredFile checks a file that the catalog lists, against the catalog's digest where there is
// one.
func (s *Store) declaredFile(ctx context.Context, e *Entry, f *File, lock *Lock, look verdict) (Check, error) {
	have := lock.file(f.Path)
	switch {
	case have == nil:
		have = e.known(f.Path)
	case f.SHA256 != "" && have.SHA256 != f.SHA256: // accepted for another version of the catalog
		have = &LockFile{Path: f.Path, Size: max(f.Size, have.Size), SHA256: f.SHA256, Origin: OriginCatalog}
	}
	if have != nil {
		return look(ctx, e, have)
	}
	c := Check{Model: e.ID, File: f.Path, Err: &NotInstalledError{Model: e.ID, File: f.Path}}
	if info, err := os.Stat(s.join(e.ID, f.Path)); err == nil && info.Mode().IsRegular() {
		c.Size, c.Err = info.Size(), fmt.Errorf("%w: %s/%s was not put there by a pull", ErrNoDigest, e.ID, f.Path)
	}
	return c, nil
}

// madeFiles checks the files that are in the lock file only: converted ones and those of a user's
// folder.
func (s *Store) madeFiles(ctx context.Context, e *Entry, lock *Lock, look verdict) ([]Check, error) {
	declared := map[string]bool{}
	for _, f := range e.Files {
		declared[f.Path] = true
	}
	var out []Check
	for i := range lock.Files {
		if declared[lock.Files[i].Path] {
			continue
		}
		c, err := look(ctx, e, &lock.Files[i])
		if err != nil {
			return out, err
		}
		out = append(out, c)
	}
	for _, o := range e.Outputs {
		if lock.file(o) == nil {
			out = append(out, Check{Model: e.ID, File: o, Err: &NotInstalledError{Model: e.ID, File: o}})
		}
	}
	if len(out) == 0 && len(e.Files) == 0 {
		out = append(out, Check{Model: e.ID, Err: &NotInstalledError{Model: e.ID}})
	}
	return out, nil
}

// checkFile looks at one file as loading does.
func (s *Store) checkFile(ctx context.Context, e *Entry, f *LockFile) (Check, error) {
	c := Check{Model: e.ID, File: f.Path, Size: f.Size, SHA256: f.SHA256, Origin: f.Origin}
	err := s.intact(ctx, e, f)
	if ctx.Err() != nil {
		return c, fmt.Errorf("check: %w", context.Cause(ctx))
	}
	return c.found(err), nil
}

// found completes a verdict.
func (c Check) found(err error) Check {
	c.Err = err
	var damage *DamagedError
	switch {
	case errors.As(err, &damage):
		c.Size, c.SHA256 = damage.GotSize, damage.Got
	case err != nil:
		c.Size, c.SHA256 = 0, ""
	}
	return c
}

// verifyFile computes the digest of one file and records what it finds.
func (s *Store) verifyFile(ctx context.Context, e *Entry, f *LockFile) (Check, error) {
	c := Check{Model: e.ID, File: f.Path, Size: f.Size, SHA256: f.SHA256, Origin: f.Origin}
	path := s.join(e.ID, f.Path)
	file := s.checks.of(e.ID, f)
	file.mu.Lock()
	defer file.mu.Unlock()
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return c.found(&NotInstalledError{Model: e.ID, File: f.Path}), nil
	}
	s.events.emit(Event{Model: e.ID, File: f.Path, Phase: PhaseVerify, Total: info.Size()})
	damage, err := s.digest(ctx, e, f, path, info)
	if ctx.Err() != nil {
		return c, fmt.Errorf("verify: %w", context.Cause(ctx))
	}
	if err != nil {
		return c.found(err), nil
	}
	file.keep(info, damage)
	return c.found(damage), nil
}

// verifyEmbedded reads the files inside the binary: they cannot change, so their digests are only
// told.
func (s *Store) verifyEmbedded(ctx context.Context, e *Entry) ([]Check, error) {
	fsys, err := CalibrationFS()
	if err != nil {
		return nil, err
	}
	var out []Check
	err = fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := fsys.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		got, err := hashReader(ctx, f, info.Size())
		if err != nil {
			return err
		}
		out = append(out, Check{Model: e.ID, File: path, Size: info.Size(), SHA256: got.sha256, Origin: "inside this program"})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the embedded model: %w", err)
	}
	return out, nil
}
