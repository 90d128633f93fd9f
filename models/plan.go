package models

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// plan finds out which files of a job are missing. Files that are there without a lock file are accepted if their digest is known
// and right.
func (s *Store) plan(ctx context.Context, j *job) error {
	e := j.entry
	if e.Folder != "" && len(e.Files) == 0 {
		files, err := folderFiles(e.Folder)
		if err != nil {
			return fmt.Errorf("model %s: %w", e.ID, err)
		}
		expanded := *e
		expanded.Files = files
		j.entry, e = &expanded, &expanded
	}
	lock, err := readLock(filepath.Join(s.dir, e.ID))
	if err != nil {
		lock = &Lock{Model: e.ID}
	}
	j.lock = &Lock{Model: e.ID, Name: e.Name, Convert: lock.Convert}
	j.lock.Files = s.otherFiles(e, lock)
	for i := range e.Files {
		f := &e.Files[i]
		path := s.join(e.ID, f.Path)
		if have := lock.file(f.Path); have != nil && have.unchanged(path) && (f.SHA256 == "" || f.SHA256 == have.SHA256) {
			j.lock.Files = append(j.lock.Files, *have)
			j.result.Kept++
			continue
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

// otherFiles returns the records of unchanged files that the entry does not list: converted ones, and those that an import of a
// single file leaves alone.
func (s *Store) otherFiles(e *Entry, lock *Lock) []LockFile {
	listed := map[string]bool{}
	for _, f := range e.Files {
		listed[f.Path] = true
	}
	var out []LockFile
	for _, have := range lock.Files {
		if !listed[have.Path] && have.unchanged(s.join(e.ID, have.Path)) {
			out = append(out, have)
		}
	}
	return out
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
