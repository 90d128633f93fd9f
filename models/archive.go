package models

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// maxMember bounds an archive member whose size the catalog does not know, in bytes.
const maxMember = 8 << 30

// npmCopies is how often a tarball is written: npm puts it into its cache first.
const npmCopies = 2

// archive is one downloaded package of a pull: fetched and unpacked once, used by every file that
// has a member in it.
type archive struct {
	once    sync.Once
	members map[string]string // member → path of its bytes
	err     error
}

// archive returns the package of a source and the client that fetches it.
func (s Source) archive() (*Package, string) {
	if s.PyPI != nil {
		return s.PyPI, "pypi"
	}
	return s.NPM, "npm"
}

func archiveKey(kind string, p *Package) string {
	return kind + " " + p.Name + " " + p.Version + " " + p.Python + " " + strings.Join(p.Platforms, ",")
}

// want notes every member that the files of a job may take, so that an archive is read once.
func (r *run) want(j *job) {
	for _, f := range j.tasks {
		for _, src := range j.entry.sources(f) {
			p, kind := src.archive()
			if p == nil {
				continue
			}
			key := archiveKey(kind, p)
			if r.wanted[key] == nil {
				r.wanted[key] = map[string]int64{}
			}
			limit := int64(maxMember)
			if f.Size > 0 {
				limit = f.Size
			}
			for _, m := range p.members() {
				r.wanted[key][m] = max(limit, r.wanted[key][m])
			}
		}
	}
}

// archive fetches and unpacks a package, once for all callers. A failure is remembered too.
func (r *run) archive(ctx context.Context, kind string, p *Package, progress Event) (*archive, error) {
	key := archiveKey(kind, p)
	r.mu.Lock()
	a := r.archives[key]
	if a == nil {
		a = &archive{}
		r.archives[key] = a
	}
	r.mu.Unlock()
	a.once.Do(func() { a.members, a.err = r.load(ctx, kind, p, progress) })
	return a, a.err
}

func (r *run) load(ctx context.Context, kind string, p *Package, progress Event) (map[string]string, error) {
	name := sha256.Sum256([]byte(archiveKey(kind, p)))
	dir := r.store.partial("archives", hex.EncodeToString(name[:8]))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, diskError(dir, fmt.Errorf("make a folder: %w", err))
	}
	progress.Total = p.Size
	if kind == "npm" {
		progress.Total *= npmCopies
	}
	stop := r.store.watch(dir, progress)
	file, err := r.store.runTool(ctx, kind, *p, dir)
	stop()
	if err != nil {
		return nil, err
	}
	members, err := unpack(ctx, file, filepath.Join(dir, "members"), r.wanted[archiveKey(kind, p)])
	if err != nil {
		return nil, diskError(dir, fmt.Errorf("%s: %w", p.Name, err))
	}
	return members, os.Remove(file)
}

// watch reports the growth of a folder until the returned function is called; package clients tell
// no bytes themselves.
func (s *Store) watch(dir string, progress Event) (stop func()) {
	if s.opt.Progress == nil {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				progress.Done = folderSize(dir)
				if progress.Total > 0 {
					progress.Done = min(progress.Done, progress.Total)
				}
				s.events.emit(progress)
			}
		}
	}()
	return func() { close(quit); <-done }
}

func folderSize(dir string) int64 {
	var n int64
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // files come and go while a client works
		}
		if info, err := d.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n
}

// unpack copies the wanted members of a wheel or tarball into numbered files of dir. Names in the
// archive never become paths, and an archive that holds an unsafe name is refused whole.
func unpack(ctx context.Context, file, dir string, wanted map[string]int64) (map[string]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	u := &unpacker{ctx: ctx, dir: dir, wanted: wanted, got: map[string]string{}}
	var err error
	if strings.HasSuffix(file, ".tgz") || strings.HasSuffix(file, ".tar.gz") {
		err = u.tarball(file)
	} else {
		err = u.zip(file)
	}
	if err != nil {
		return nil, err
	}
	return u.got, nil
}

type unpacker struct {
	ctx    context.Context //nolint:containedctx // lives for one archive
	dir    string
	wanted map[string]int64
	got    map[string]string
}

// unsafeMember holds for names that would leave the folder they are unpacked into.
func unsafeMember(name string) bool {
	clean := path.Clean(strings.ReplaceAll(name, "\\", "/"))
	return path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") || strings.Contains(clean, ":") || strings.Contains(name, "\x00")
}

func (u *unpacker) zip(file string) error {
	z, err := zip.OpenReader(file)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return fmt.Errorf("%w: %s: %w", ErrArchive, filepath.Base(file), err)
	}
	defer func() { _ = z.Close() }()
	for _, m := range z.File {
		if unsafeMember(m.Name) {
			return fmt.Errorf("%w: %q in %s", ErrUnsafePath, m.Name, filepath.Base(file))
		}
	}
	for _, m := range z.File {
		limit, ok := u.wanted[m.Name]
		if !ok {
			continue
		}
		if !m.Mode().IsRegular() {
			return fmt.Errorf("%w: %s is not a regular file", ErrArchive, m.Name)
		}
		in, err := m.Open()
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrArchive, m.Name, err)
		}
		err = u.copy(m.Name, in, limit)
		_ = in.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (u *unpacker) tarball(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("open the archive: %w", err)
	}
	defer func() { _ = f.Close() }()
	gz, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrArchive, filepath.Base(file), err)
	}
	t := tar.NewReader(&ctxReader{ctx: u.ctx, r: gz})
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return fmt.Errorf("%w: %s: %w", ErrArchive, filepath.Base(file), err)
		}
		if unsafeMember(h.Name) {
			return fmt.Errorf("%w: %q in %s", ErrUnsafePath, h.Name, filepath.Base(file))
		}
		limit, ok := u.wanted[h.Name]
		if !ok {
			continue
		}
		if h.Typeflag != tar.TypeReg {
			return fmt.Errorf("%w: %s is not a regular file", ErrArchive, h.Name)
		}
		if err := u.copy(h.Name, t, limit); err != nil {
			return err
		}
	}
}

// copy writes one member to a numbered file.
func (u *unpacker) copy(name string, in io.Reader, limit int64) error {
	out := filepath.Join(u.dir, fmt.Sprintf("%d", len(u.got)))
	w, err := os.Create(out)
	if err != nil {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	n, err := io.Copy(w, io.LimitReader(&ctxReader{ctx: u.ctx, r: in}, limit+1))
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	switch {
	case err != nil && damaged(err):
		return fmt.Errorf("%w: %s: %w", ErrArchive, name, err)
	case err != nil:
		return fmt.Errorf("unpack %s: %w", name, err)
	case n > limit:
		return fmt.Errorf("%w: %s is larger than %d bytes", ErrArchive, name, limit)
	}
	u.got[name] = out
	return nil
}

func damaged(err error) bool {
	var path *fs.PathError
	return !errors.As(err, &path) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// soleArchive returns the one archive that a client left in a folder.
func soleArchive(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("look for the archive: %w", err)
	}
	var found []string
	for _, e := range entries {
		for _, end := range []string{".whl", ".tgz", ".zip", ".tar.gz"} {
			if strings.HasSuffix(e.Name(), end) {
				found = append(found, filepath.Join(dir, e.Name()))
			}
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%w: the package client left %d archives", ErrArchive, len(found))
	}
	return found[0], nil
}
