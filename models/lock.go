package models

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// lockName is the name of the lock file beside a model's files.
const lockName = "model.lock.json"

// Where a digest comes from.
const (
	// OriginCatalog: the catalog knows the digest.
	OriginCatalog = "catalog"
	// OriginHost: the host that serves the file declared it.
	OriginHost = "declared by host"
	// OriginRegistry: the package client checked the archive against its registry's index.
	OriginRegistry = "archive checked by package client"
	// OriginUser: the user brought the file; the digest was computed from it.
	OriginUser = "computed at import"
	// OriginConvert: the file was made here from verified ones.
	OriginConvert = "made by conversion"
)

// Lock records what was accepted for one model.
type Lock struct {
	Model string `json:"model"`
	// Entry is the name the catalog gave when the files were accepted.
	Name    string     `json:"name"`
	Files   []LockFile `json:"files"`
	Convert *LockStep  `json:"convert,omitempty"`
}

// LockStep records a conversion: the inputs it ran on.
type LockStep struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	// Inputs are the digests of the files it read, by path.
	Inputs map[string]string `json:"inputs"`
}

// LockFile records one accepted file.
type LockFile struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// CRC32C is the checksum (Castagnoli) of the whole file, 8 lower-case hex digits: what is
	// computed each time the file is loaded. It is "" in locks of older versions, whose files have
	// their SHA-256 computed once more.
	CRC32C string `json:"crc32c,omitempty"`
	// Found is the SHA-256 of what was last found in the file's place where that was not SHA256:
	// the file is damaged.
	Found string `json:"found,omitempty"`
	// Origin says why the digest was believed.
	Origin string `json:"origin"`
	// Declared is what the host declared, "sha256:…" or "git:…" (a git blob id), or "".
	Declared string `json:"declared,omitempty"`
	// Source is where the bytes came from; Revision the revision that a moving name stood for.
	Source   string    `json:"source,omitempty"`
	Revision string    `json:"revision,omitempty"`
	Modified time.Time `json:"modified"`
	Accepted time.Time `json:"accepted"`
}

func (l *Lock) file(path string) *LockFile {
	for i := range l.Files {
		if l.Files[i].Path == path {
			return &l.Files[i]
		}
	}
	return nil
}

// unchanged reports whether a file has the size and the modification time that were recorded.
// Archives and some file systems keep whole seconds only: a time without a fraction is compared by
// the second.
func (f *LockFile) unchanged(info fs.FileInfo) bool {
	if !info.Mode().IsRegular() || info.Size() != f.Size {
		return false
	}
	now, then := info.ModTime(), f.Modified
	if now.Nanosecond() == 0 {
		then = then.Truncate(time.Second)
	}
	return now.Equal(then)
}

// stamp records what the file looks like from outside.
func (f *LockFile) stamp(info fs.FileInfo, got sums) {
	f.Modified, f.CRC32C, f.Found = info.ModTime().UTC(), got.crc, ""
	if got.sha256 != f.SHA256 {
		f.Found = got.sha256
	}
}

func readLock(dir string) (*Lock, error) {
	path := filepath.Join(dir, lockName)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the lock file: %w", err)
	}
	var l Lock
	if err := json.Unmarshal(data, &l); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrCatalog, path, err)
	}
	for _, f := range l.Files {
		if !safePath(f.Path) {
			return nil, fmt.Errorf("%w: %s: %q", ErrUnsafePath, path, f.Path)
		}
	}
	return &l, nil
}

// write replaces the lock file atomically.
func (l *Lock) write(dir string) error {
	data, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return fmt.Errorf("write the lock file: %w", err)
	}
	tmp, err := os.CreateTemp(dir, ".lock-*")
	if err != nil {
		return fmt.Errorf("write the lock file: %w", err)
	}
	_, err = tmp.Write(append(data, '\n'))
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(dir, lockName))
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("write the lock file: %w", err)
	}
	return nil
}
