package models

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// checked remembers what this process found out about files, so that each is read once.
type checked struct {
	mu    sync.Mutex
	files map[string]*fileCheck // by id, path and accepted digest
	lock  sync.Mutex            // held while a lock file is made fresh
}

// fileCheck is one file; its mutex is held while the file is read.
type fileCheck struct {
	mu       sync.Mutex
	done     bool
	size     int64
	modified time.Time
	err      error // nil, or a *DamagedError
}

func (c *checked) of(id string, f *LockFile) *fileCheck {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := id + "/" + f.Path + " " + f.SHA256
	if c.files == nil {
		c.files = map[string]*fileCheck{}
	}
	if c.files[key] == nil {
		c.files[key] = &fileCheck{}
	}
	return c.files[key]
}

// look returns what is known about a file that looks as it did then, without waiting for a check
// under way.
func (c *checked) look(id string, f *LockFile, info fs.FileInfo) (err error, ok bool) { //nolint:revive // the error is a finding
	file := c.of(id, f)
	if !file.mu.TryLock() {
		return nil, false
	}
	defer file.mu.Unlock()
	return file.err, file.known(info)
}

// known reports whether the file looks as it did when it was checked.
func (c *fileCheck) known(info fs.FileInfo) bool {
	return c.done && c.size == info.Size() && c.modified.Equal(info.ModTime())
}

// keep notes what was found out about the file as it looks.
func (c *fileCheck) keep(info fs.FileInfo, damage error) {
	c.done, c.size, c.modified, c.err = true, info.Size(), info.ModTime(), damage
}

// intact checks one recorded file before it is used. It is read once a process, and again when its
// size or time changes. Where it looks as recorded, its CRC-32C is compared, at the speed of
// memory; otherwise, and where Options.Digests asks for it, its SHA-256 is computed and the record
// is made fresh. It returns a *NotInstalledError, a *DamagedError, the context's error or that of
// reading.
func (s *Store) intact(ctx context.Context, e *Entry, f *LockFile) error {
	path := s.join(e.ID, f.Path)
	c := s.checks.of(e.ID, f)
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(path)
	switch {
	case err != nil || !info.Mode().IsRegular():
		return &NotInstalledError{Model: e.ID, File: f.Path}
	case c.known(info):
		return c.err
	case info.Size() != f.Size:
		return e.damaged(f, sums{}, info.Size())
	}
	damage, err := s.examine(ctx, e, f, path, info)
	if err != nil {
		return err
	}
	c.keep(info, damage)
	return damage
}

// examine reads a file. damage is nil or a *DamagedError; err says that it could not be found out.
func (s *Store) examine(ctx context.Context, e *Entry, f *LockFile, path string, info fs.FileInfo) (damage, err error) {
	if f.unchanged(info) && f.CRC32C != "" && !s.opt.Digests {
		if f.Found != "" {
			return e.damaged(f, sums{sha256: f.Found}, f.Size), nil
		}
		sum, err := checksum(ctx, path)
		if err != nil || sum == f.CRC32C {
			return nil, err
		}
	}
	s.log.Info("a model file is checked again", "file", e.ID+"/"+f.Path, "bytes", info.Size(), "reason", f.reason(info))
	return s.digest(ctx, e, f, path, info)
}

// reason says why a digest is computed before loading.
func (f *LockFile) reason(info fs.FileInfo) string {
	switch {
	case !f.unchanged(info):
		return "its time changed since it was accepted"
	case f.CRC32C == "":
		return "its record is of an older version"
	}
	return "asked for, or its checksum is wrong"
}

// digest computes the SHA-256 of a file and makes its record fresh.
func (s *Store) digest(ctx context.Context, e *Entry, f *LockFile, path string, info fs.FileInfo) (damage, err error) {
	m := s.meter(e, &File{Path: f.Path}, "", info.Size())
	m.event.Phase = PhaseVerify
	got, err := hashMetered(ctx, path, m)
	if err != nil {
		return nil, err
	}
	if got.sha256 != f.SHA256 {
		damage = e.damaged(f, got, info.Size())
	}
	s.events.emit(Event{Model: e.ID, File: f.Path, Phase: PhaseDone, Done: info.Size(), Total: info.Size(), Err: damage})
	fresh := *f
	fresh.stamp(info, got)
	if fresh != *f {
		s.refresh(e.ID, fresh)
	}
	return damage, nil
}

// damaged is the error for a recorded file.
func (e *Entry) damaged(f *LockFile, got sums, size int64) error {
	imported := f.Origin == OriginUser && e.Folder == ""
	return &DamagedError{Model: e.ID, File: f.Path, Want: f.SHA256, Got: got.sha256, WantSize: f.Size, GotSize: size, Imported: imported}
}

// refresh puts records into a model's lock file in the place of those for the same accepted bytes.
// While a pull holds the folder, and where it cannot be written, the lock stays as it is: then this
// process remembers what it found, and the next one looks again.
func (s *Store) refresh(id string, fresh ...LockFile) {
	s.checks.lock.Lock()
	defer s.checks.lock.Unlock()
	err := s.rewrite(id, fresh)
	if err != nil {
		s.log.Warn("the record of a model's files cannot be made fresh; they are checked again at the next start",
			"model", id, "folder", filepath.Join(s.dir, id), "error", err)
	}
}

// rewrite does the work of refresh; where no record is for these bytes there is none.
func (s *Store) rewrite(id string, fresh []LockFile) error {
	dir := filepath.Join(s.dir, id)
	lock, err := readLock(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !lock.put(fresh) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.partial(), 0o755); err != nil {
		return fmt.Errorf("make the folder of unfinished files: %w", err)
	}
	unlock, err := tryLockDir(s.partial("pull.lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if lock, err = readLock(dir); err != nil { // it may have changed meanwhile
		return err
	}
	lock.put(fresh)
	return lock.write(dir)
}

// put replaces the records of the same accepted bytes and reports whether there were any.
func (l *Lock) put(fresh []LockFile) bool {
	some := false
	for _, f := range fresh {
		if have := l.file(f.Path); have != nil && have.SHA256 == f.SHA256 {
			*have, some = f, true
		}
	}
	return some
}

// hashMetered computes the digests of a file and tells how far it is.
func hashMetered(ctx context.Context, path string, m *meter) (sums, error) {
	f, err := os.Open(path)
	if err != nil {
		return sums{}, fmt.Errorf("compute a digest: %w", err)
	}
	defer func() { _ = f.Close() }()
	return hashReader(ctx, io.TeeReader(f, m), m.event.Total)
}

// checksum computes the CRC-32C of a file. It finds every damage of up to 32 bits in a row, and any
// other but one in 4 billion.
func checksum(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("compute a checksum: %w", err)
	}
	defer func() { _ = f.Close() }()
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	// The reader hides ReadFrom and WriteTo, so that the context is looked at and the buffer is
	// this one.
	if _, err := io.CopyBuffer(sum, &ctxReader{ctx: ctx, r: f}, make([]byte, 1<<20)); err != nil {
		return "", fmt.Errorf("compute a checksum: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
