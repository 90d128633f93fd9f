package models

import (
	"os"
	"path/filepath"
)

// State is what the lock file and a look from outside say of a model; nothing is read but sizes and
// times.
type State string

// The states of a model.
const (
	// StateAbsent: nothing was ever accepted here, or its record cannot be read.
	StateAbsent State = "absent"
	// StatePartial: files or conversions are missing, or the catalog wants others by now. A pull
	// completes it.
	StatePartial State = "partial"
	// StateDamaged: a file has another size than was accepted, or other bytes were found in it. A
	// pull repairs it.
	StateDamaged State = "damaged"
	// StateChanged: every file is there, and some have other times than recorded, as in a folder
	// that was copied or restored from a backup. Their digests are computed again before they are
	// used, and the record is made fresh.
	StateChanged State = "changed"
	// StateInstalled: every file is there and looks as it did when its digest was right; or the
	// model is embedded or remote.
	StateInstalled State = "installed"
)

// State says how much of a model is on this machine. An id that no catalog has is absent.
func (s *Store) State(id string) State {
	e, err := s.catalog.Entry(id)
	if err != nil {
		return StateAbsent
	}
	if e.Embedded || e.Remote != nil {
		return StateInstalled
	}
	lock, err := readLock(filepath.Join(s.dir, id))
	if err != nil || len(lock.Files) == 0 {
		return StateAbsent
	}
	state := s.filesState(id, lock)
	if state != StateDamaged && !s.complete(e, lock) {
		return StatePartial
	}
	return state
}

// Installed reports whether a model is there whole (StateInstalled or StateChanged). Loading checks
// the bytes: see Path and Folder.
func (s *Store) Installed(id string) bool {
	state := s.State(id)
	return state == StateInstalled || state == StateChanged
}

// filesState looks at the files of a lock; the worst of them counts.
func (s *Store) filesState(id string, lock *Lock) State {
	state := StateInstalled
	for i := range lock.Files {
		switch f := &lock.Files[i]; s.fileState(id, f) {
		case StateDamaged:
			return StateDamaged
		case StatePartial:
			state = StatePartial
		case StateChanged:
			if state == StateInstalled {
				state = StateChanged
			}
		case StateAbsent, StateInstalled:
		}
	}
	return state
}

func (s *Store) fileState(id string, f *LockFile) State {
	info, err := os.Stat(s.join(id, f.Path))
	switch {
	case err != nil || !info.Mode().IsRegular():
		return StatePartial
	case info.Size() != f.Size:
		return StateDamaged
	}
	if known, ok := s.checks.look(id, f, info); ok {
		if known != nil {
			return StateDamaged
		}
		return StateInstalled
	}
	switch {
	case !f.unchanged(info):
		return StateChanged
	case f.Found != "":
		return StateDamaged
	}
	return StateInstalled
}

// complete compares the lock file with the catalog: every file, output and what the family needs is
// recorded, in the catalog's version.
func (s *Store) complete(e *Entry, lock *Lock) bool {
	for i := range e.Files {
		f := &e.Files[i]
		have := lock.file(f.Path)
		if have == nil {
			if f.Optional {
				continue
			}
			return false
		}
		if f.SHA256 != "" && have.SHA256 != f.SHA256 {
			return false
		}
	}
	if e.Convert != "" && !s.current(e, lock.Convert) {
		return false
	}
	for _, o := range e.Outputs {
		if lock.file(o) == nil {
			return false
		}
	}
	return e.Folder == "" || len(e.lacks(lock.paths())) == 0
}

// paths lists the recorded files.
func (l *Lock) paths() []string {
	paths := make([]string, 0, len(l.Files))
	for i := range l.Files {
		paths = append(paths, l.Files[i].Path)
	}
	return paths
}

// Present lists the models of which anything is on this machine: embedded ones, and those that have
// a folder, in the order of the catalog.
func (s *Store) Present() []string {
	var ids []string
	for i := range s.catalog.Entries {
		e := &s.catalog.Entries[i]
		if info, err := os.Stat(filepath.Join(s.dir, e.ID)); e.Embedded || e.Remote == nil && err == nil && info.IsDir() {
			ids = append(ids, e.ID)
		}
	}
	return ids
}
