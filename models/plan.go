package models

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// plan finds out which files of a job are missing. Files that are there without a lock file are
// accepted if their digest is known and right.
func (s *Store) plan(ctx context.Context, j *job) error {
	e := j.entry
	if e.Folder != "" && len(e.Files) == 0 {
		files, outside, err := folderFiles(e.Folder)
		if err != nil {
			return fmt.Errorf("model %s: %w", e.ID, err)
		}
		expanded := *e
		expanded.Files = files
		j.entry, e = &expanded, &expanded
		j.result.Outside = outside
		missing, err := e.lacksWeights(files)
		if err != nil {
			return fmt.Errorf("model %s: %w", e.ID, err)
		}
		if missing = append(e.lacks(paths(files)), missing...); len(missing) > 0 {
			return &IncompleteError{Model: e.ID, Family: e.Family, Folder: e.Folder, Missing: missing}
		}
	}
	lock, err := readLock(filepath.Join(s.dir, e.ID))
	if err != nil {
		lock = &Lock{Model: e.ID}
	}
	j.lock = &Lock{Model: e.ID, Name: e.Name, Convert: lock.Convert}
	if err := s.otherFiles(ctx, j, lock); err != nil {
		return err
	}
	for i := range e.Files {
		f := &e.Files[i]
		path := s.join(e.ID, f.Path)
		if have := lock.file(f.Path); have != nil && (f.SHA256 == "" || f.SHA256 == have.SHA256) && (f.Size == 0 || f.Size == have.Size) {
			ok, err := s.keep(ctx, e, have)
			if err != nil {
				return err
			}
			if ok {
				j.lock.Files = append(j.lock.Files, *have)
				j.result.Kept++
				continue
			}
		}
		if adopted, ok := s.adopt(ctx, e, f, path); ok {
			j.lock.Files = append(j.lock.Files, adopted)
			j.result.Kept++
			continue
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("pull: %w", err)
		}
		j.tasks = append(j.tasks, f)
	}
	return nil
}

// otherFiles keeps the records of files that the entry does not list and that are as they were:
// converted ones, and those that an import of a single file leaves alone.
func (s *Store) otherFiles(ctx context.Context, j *job, lock *Lock) error {
	listed := map[string]bool{}
	for _, f := range j.entry.Files {
		listed[f.Path] = true
	}
	for i := range lock.Files {
		have := &lock.Files[i]
		if listed[have.Path] {
			continue
		}
		ok, err := s.keep(ctx, j.entry, have)
		if err != nil {
			return err
		}
		if ok {
			j.lock.Files = append(j.lock.Files, *have)
		}
	}
	return nil
}

// keep reports whether a recorded file need not be fetched: it looks as it did, or its digest is
// right all the same, and then its record is made fresh. The error is the context's.
func (s *Store) keep(ctx context.Context, e *Entry, have *LockFile) (bool, error) {
	path := s.join(e.ID, have.Path)
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() != have.Size {
		return false, nil //nolint:nilerr // it is fetched again
	}
	if damage, ok := s.checks.look(e.ID, have, info); ok && damage != nil {
		return false, nil //nolint:nilerr // it is fetched again
	}
	if have.unchanged(info) {
		return have.Found == "", nil
	}
	m := s.meter(e, &File{Path: have.Path}, "", info.Size())
	m.event.Phase = PhaseVerify
	got, err := hashMetered(ctx, path, m)
	if ctx.Err() != nil {
		return false, fmt.Errorf("pull: %w", context.Cause(ctx))
	}
	if err != nil || got.sha256 != have.SHA256 {
		return false, nil //nolint:nilerr // it is fetched again
	}
	have.stamp(info, got)
	s.events.emit(Event{Model: e.ID, File: have.Path, Phase: PhaseDone, Done: info.Size(), Total: info.Size()})
	return true, nil
}

// adopt accepts a file that is in place already: its digest must be in the catalog.
func (s *Store) adopt(ctx context.Context, e *Entry, f *File, path string) (LockFile, bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || f.SHA256 == "" || f.Size > 0 && info.Size() != f.Size {
		return LockFile{}, false
	}
	s.events.emit(Event{Model: e.ID, File: f.Path, Phase: PhaseVerify, Total: info.Size()})
	sums, err := hashFile(ctx, path)
	if err != nil || sums.sha256 != f.SHA256 {
		return LockFile{}, false
	}
	s.events.emit(Event{Model: e.ID, File: f.Path, Phase: PhaseKept, Done: info.Size(), Total: info.Size()})
	return lockFile(f.Path, info, sums, OriginCatalog, "already there"), true
}

// checkSpace compares the free space with everything that is still to be written.
func (s *Store) checkSpace(jobs []*job) error {
	var need int64
	counted := map[string]bool{}
	for _, j := range jobs {
		for _, f := range j.tasks {
			need += f.expect()
			if info, err := os.Stat(s.partPath(j.entry.ID, f.Path)); err == nil {
				need -= min(info.Size(), f.expect())
			}
			for _, src := range j.entry.sources(f) {
				p, kind := src.archive()
				if p != nil && !counted[archiveKey(kind, p)] {
					counted[archiveKey(kind, p)] = true
					need += npmCopies * p.Size
				}
			}
		}
		if j.entry.Convert != "" {
			need += s.opt.Converters[j.entry.Convert].Growth * j.entry.Bytes()
		}
	}
	free, err := s.opt.FreeSpace(s.dir)
	if err != nil {
		return fmt.Errorf("look for disk space: %w", err)
	}
	if free < need {
		return &DiskSpaceError{Dir: s.dir, Need: need, Free: free}
	}
	return nil
}
