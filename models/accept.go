package models

import (
	"context"
	"crypto/sha1" // git blob ids are SHA-1; they are compared, never trusted alone for large files
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// sums are the digests of one file, lower-case hex.
type sums struct {
	sha256 string
	git    string // git blob id
	crc    string // CRC-32C, 8 digits
}

// expectation is what a finished file must be. Empty fields are not checked, but one of sha256 and
// git is set.
type expectation struct {
	size     int64
	sha256   string
	git      string
	origin   string
	source   string
	revision string
}

func (x expectation) declared() string {
	switch {
	case x.origin != OriginHost:
		return ""
	case x.sha256 != "":
		return "sha256:" + x.sha256
	}
	return "git:" + x.git
}

// hashFile computes the digests of a file. It stops when ctx ends.
func hashFile(ctx context.Context, path string) (sums, error) {
	f, err := os.Open(path)
	if err != nil {
		return sums{}, fmt.Errorf("compute a digest: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return sums{}, fmt.Errorf("compute a digest: %w", err)
	}
	return hashReader(ctx, f, info.Size())
}

func hashReader(ctx context.Context, r io.Reader, size int64) (sums, error) {
	strong, quick := sha256.New(), crc32.New(crc32.MakeTable(crc32.Castagnoli))
	writers := []io.Writer{strong, quick}
	var git hash.Hash
	if size < gitBlobLimit {
		git = sha1.New() // see the import
		_, _ = fmt.Fprintf(git, "blob %d\x00", size)
		writers = append(writers, git)
	}
	if _, err := io.Copy(io.MultiWriter(writers...), &ctxReader{ctx: ctx, r: r}); err != nil {
		return sums{}, fmt.Errorf("compute a digest: %w", err)
	}
	out := sums{sha256: hex.EncodeToString(strong.Sum(nil)), crc: hex.EncodeToString(quick.Sum(nil))}
	if git != nil {
		out.git = hex.EncodeToString(git.Sum(nil))
	}
	return out, nil
}

// gitBlobLimit is the size from which files are never plain git blobs on model hosts (10 MB); above
// it no blob id is computed.
const gitBlobLimit = 16 << 20

// ctxReader stops reading when the context ends.
type ctxReader struct {
	ctx context.Context //nolint:containedctx // lives for one copy
	r   io.Reader
}

// Read implements io.Reader.
func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// accept checks a finished part and moves it into place. A part that is wrong is removed.
func (s *Store) accept(ctx context.Context, e *Entry, f *File, part string, want expectation) (LockFile, error) {
	info, err := os.Stat(part)
	if err != nil {
		return LockFile{}, fmt.Errorf("accept %s/%s: %w", e.ID, f.Path, err)
	}
	s.events.emit(Event{Model: e.ID, File: f.Path, Phase: PhaseVerify, Done: info.Size(), Total: info.Size()})
	got, err := hashFile(ctx, part)
	if err == nil {
		err = want.check(f.Path, info.Size(), got)
	}
	if err != nil {
		if ctx.Err() == nil {
			removePart(part)
		}
		return LockFile{}, err
	}
	final := s.join(e.ID, f.Path)
	if err := place(part, final); err != nil {
		return LockFile{}, diskError(s.dir, err)
	}
	removePart(part)
	info, err = os.Stat(final)
	if err != nil {
		return LockFile{}, fmt.Errorf("accept %s/%s: %w", e.ID, f.Path, err)
	}
	out := lockFile(f.Path, info, got, want.origin, want.source)
	out.Revision, out.Declared = want.revision, want.declared()
	return out, nil
}

func (x expectation) check(file string, size int64, got sums) error {
	switch {
	case x.size > 0 && size != x.size:
		return &SizeError{File: file, Want: x.size, Got: size}
	case x.sha256 != "" && got.sha256 != x.sha256:
		return &DigestError{File: file, Want: x.sha256, Got: got.sha256}
	case x.sha256 == "" && x.git != "" && got.git != x.git:
		return &DigestError{File: file, Want: x.git, Got: got.git}
	}
	return nil
}

func lockFile(path string, info os.FileInfo, got sums, origin, source string) LockFile {
	return LockFile{
		Path: path, Size: info.Size(), SHA256: got.sha256, CRC32C: got.crc, Origin: origin, Source: source,
		Modified: info.ModTime().UTC(), Accepted: time.Now().UTC().Truncate(time.Second),
	}
}

// place flushes a part to disk and renames it: readers see the old file or the new one, never a
// piece.
func place(part, final string) error {
	if err := os.MkdirAll(filepath.Dir(final), 0o755); err != nil {
		return fmt.Errorf("put %s in place: %w", filepath.Base(final), err)
	}
	f, err := os.OpenFile(part, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("put %s in place: %w", filepath.Base(final), err)
	}
	err = f.Sync()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(part, final)
	}
	if err != nil {
		return fmt.Errorf("put %s in place: %w", filepath.Base(final), err)
	}
	return nil
}

// partPath is where a file grows before it is complete.
func (s *Store) partPath(id, file string) string {
	return s.partial(id, "parts", filepath.FromSlash(file)+".part")
}

func removePart(part string) {
	_ = os.Remove(part)
	_ = os.Remove(part + ".json")
}

func createFile(path string, truncate bool) (io.WriteCloser, error) {
	flag := os.O_CREATE | os.O_WRONLY | os.O_APPEND
	if truncate {
		flag = os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	}
	return os.OpenFile(path, flag, 0o644)
}

// writePart opens the part of a file for writing.
func (s *Store) writePart(part string, truncate bool) (io.WriteCloser, error) {
	if err := os.MkdirAll(filepath.Dir(part), 0o755); err != nil {
		return nil, diskError(s.dir, fmt.Errorf("make a folder: %w", err))
	}
	w, err := s.opt.Create(part, truncate)
	if err != nil {
		return nil, diskError(s.dir, fmt.Errorf("open a part: %w", err))
	}
	return w, nil
}

// diskError turns "no space left" into a *DiskSpaceError.
func diskError(dir string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		free, _ := freeSpace(dir)
		return fmt.Errorf("%w: %w", &DiskSpaceError{Dir: dir, Free: free}, err)
	}
	return err
}
