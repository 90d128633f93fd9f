package models

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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

// Verify computes the digest of every file of the named models and sets. Models that are not installed at all are reported by one Check
// with a *NotInstalledError. A file that is wrong loses its record in the lock file, so that the next pull repairs it. The error is about the names or the context only: look at each Check.
func (s *Store) Verify(ctx context.Context, names ...string) ([]Check, error) {
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
		checks, err := s.verifyOne(ctx, e)
		if err != nil {
			return out, err
		}
		out = append(out, checks...)
		if err := s.forget(id, checks); err != nil {
			return out, err
		}
	}
	return out, nil
}

// forget drops the records of files that are not what was accepted.
func (s *Store) forget(id string, checks []Check) error {
	wrong := map[string]bool{}
	for _, c := range checks {
		if errors.Is(c.Err, ErrDigest) || errors.Is(c.Err, ErrSize) {
			wrong[c.File] = true
		}
	}
	dir := filepath.Join(s.dir, id)
	lock, err := readLock(dir)
	if len(wrong) == 0 || err != nil {
		return nil //nolint:nilerr // without a lock file there is no record to drop
	}
	lock.Files = slices.DeleteFunc(lock.Files, func(f LockFile) bool { return wrong[f.Path] })
	return lock.write(dir)
}

func (s *Store) verifyOne(ctx context.Context, e *Entry) ([]Check, error) {
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
		want := expectation{size: f.Size, sha256: f.SHA256, origin: OriginCatalog}
		if have := lock.file(f.Path); want.sha256 == "" && have != nil {
			want.size, want.sha256, want.origin = have.Size, have.SHA256, have.Origin
		}
		c, err := s.verifyFile(ctx, e, f.Path, want)
		if err != nil {
			return out, err
		}
		if f.Optional && errors.Is(c.Err, ErrNotInstalled) {
			continue
		}
		out = append(out, c)
	}
	more, err := s.verifyMade(ctx, e, lock)
	return append(out, more...), err
}

// verifyMade checks the files that are in the lock file only: converted ones and those of a user's folder.
func (s *Store) verifyMade(ctx context.Context, e *Entry, lock *Lock) ([]Check, error) {
	declared := map[string]bool{}
	for _, f := range e.Files {
		declared[f.Path] = true
	}
	var out []Check
	for _, f := range lock.Files {
		if declared[f.Path] {
			continue
		}
		c, err := s.verifyFile(ctx, e, f.Path, expectation{size: f.Size, sha256: f.SHA256, origin: f.Origin})
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

func (s *Store) verifyFile(ctx context.Context, e *Entry, file string, want expectation) (Check, error) {
	c := Check{Model: e.ID, File: file, Origin: want.origin}
	path := s.join(e.ID, file)
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		c.Err = &NotInstalledError{Model: e.ID, File: file}
		return c, nil //nolint:nilerr // the verdict carries it
	}
	c.Size = info.Size()
	s.events.emit(Event{Model: e.ID, File: file, Phase: PhaseVerify, Total: c.Size})
	got, err := hashFile(ctx, path)
	if ctx.Err() != nil {
		return c, fmt.Errorf("verify: %w", context.Cause(ctx))
	}
	if err != nil {
		c.Err = err
		return c, nil //nolint:nilerr // the verdict carries it
	}
	c.SHA256 = got.sha256
	c.Err = want.check(file, c.Size, got)
	if want.sha256 == "" {
		c.Err = fmt.Errorf("%w: %s/%s was not put there by a pull", ErrNoDigest, e.ID, file)
	}
	s.events.emit(Event{Model: e.ID, File: file, Phase: PhaseDone, Done: c.Size, Total: c.Size, Err: c.Err})
	return c, nil
}

// verifyEmbedded reads the files inside the binary: they cannot change, so their digests are only told.
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
