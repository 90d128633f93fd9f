package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// try gets one file from one source and puts it in place.
func (s *Store) try(ctx context.Context, r *run, e *Entry, f *File, src Source) (LockFile, error) {
	if err := s.net.skip(src, s.opt.HuggingFace); err != nil {
		return LockFile{}, err
	}
	want := expectation{size: f.Size, sha256: f.SHA256, origin: OriginCatalog, source: src.String()}
	switch {
	case src.File != "":
		return s.tryLocal(ctx, e, f, src.File, want)
	case s.opt.Offline:
		return LockFile{}, ErrOffline
	case src.HuggingFace != nil:
		return s.tryHuggingFace(ctx, e, f, src.HuggingFace, want)
	case src.URL != "":
		if want.sha256 == "" {
			return LockFile{}, fmt.Errorf("%w: neither the catalog nor a plain address gives one", ErrNoDigest)
		}
		return s.tryHTTP(ctx, e, f, request{url: src.URL}, want)
	}
	return s.tryArchive(ctx, r, e, f, src, want)
}

// tryLocal copies a file of this machine. Its digest is computed when the catalog does not know it:
// the user vouches for it.
func (s *Store) tryLocal(ctx context.Context, e *Entry, f *File, path string, want expectation) (LockFile, error) {
	in, err := os.Open(path)
	if err != nil {
		return LockFile{}, fmt.Errorf("open the source: %w", err)
	}
	defer func() { _ = in.Close() }()
	info, err := in.Stat()
	if err != nil {
		return LockFile{}, fmt.Errorf("open the source: %w", err)
	}
	if !info.Mode().IsRegular() {
		return LockFile{}, fmt.Errorf("open the source: %s is not a regular file", path)
	}
	if want.sha256 == "" {
		want.origin = OriginUser
	}
	if want.size == 0 {
		want.size = info.Size()
	}
	m := s.meter(e, f, want.source, info.Size())
	return s.tryReader(ctx, e, f, io.TeeReader(in, m), want)
}

// tryReader writes a stream to the part and accepts it.
func (s *Store) tryReader(ctx context.Context, e *Entry, f *File, in io.Reader, want expectation) (LockFile, error) {
	part := s.partPath(e.ID, f.Path)
	removePart(part)
	w, err := s.writePart(part, true)
	if err != nil {
		return LockFile{}, err
	}
	_, err = io.Copy(w, &ctxReader{ctx: ctx, r: in})
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		removePart(part)
		return LockFile{}, diskError(s.dir, fmt.Errorf("copy: %w", err))
	}
	return s.accept(ctx, e, f, part, want)
}

// tryHTTP downloads, continuing an earlier part. When a continued file turns out wrong it is
// fetched once more from its start: the old part may have been damaged.
func (s *Store) tryHTTP(ctx context.Context, e *Entry, f *File, req request, want expectation) (LockFile, error) {
	part := s.partPath(e.ID, f.Path)
	for {
		m := s.meter(e, f, want.source, want.size)
		resumed, err := s.download(ctx, req, part, want.size, m)
		if err != nil {
			return LockFile{}, err
		}
		got, err := s.accept(ctx, e, f, part, want)
		if err == nil || !resumed || !errors.Is(err, ErrDigest) && !errors.Is(err, ErrSize) {
			return got, err
		}
		s.log.Warn("a continued download was damaged, fetching it again", "model", e.ID, "file", f.Path, "error", err)
	}
}

// tryHuggingFace asks for the declared digest when the catalog has none, then downloads from the
// revision that was named.
func (s *Store) tryHuggingFace(ctx context.Context, e *Entry, f *File, src *HuggingFace, want expectation) (LockFile, error) {
	req := request{url: s.huggingFaceURL(src, src.Revision), token: s.opt.HuggingFaceToken}
	if want.sha256 == "" {
		meta, err := s.net.declared(ctx, req)
		if err != nil {
			return LockFile{}, err
		}
		if meta.sha256 == "" && meta.git == "" {
			return LockFile{}, ErrNoDigest
		}
		if want.size > 0 && meta.size > 0 && want.size != meta.size {
			return LockFile{}, &SizeError{File: f.Path, Want: want.size, Got: meta.size}
		}
		want.origin, want.sha256, want.git, want.revision = OriginHost, meta.sha256, meta.git, meta.commit
		if meta.size > 0 {
			want.size = meta.size
		}
		if meta.commit != "" {
			req.url = s.huggingFaceURL(src, meta.commit)
		}
	}
	return s.tryHTTP(ctx, e, f, req, want)
}

func (s *Store) huggingFaceURL(src *HuggingFace, revision string) string {
	return strings.TrimRight(s.opt.HuggingFace, "/") + "/" + escapePath(src.Repo) + "/resolve/" + escapePath(revision) + "/" + escapePath(src.Path)
}

// tryArchive takes members out of a package and joins them.
func (s *Store) tryArchive(ctx context.Context, r *run, e *Entry, f *File, src Source, want expectation) (LockFile, error) {
	p, kind := src.archive()
	a, err := r.archive(ctx, kind, p, Event{Model: e.ID, File: f.Path, Source: src.String(), Phase: PhaseBytes})
	if err != nil {
		return LockFile{}, err
	}
	if want.sha256 == "" {
		want.origin = OriginRegistry
	}
	var readers []io.Reader
	for _, name := range p.members() {
		path, ok := a.members[name]
		if !ok {
			return LockFile{}, fmt.Errorf("%w: %s has no member %s", ErrArchive, src, name)
		}
		in, err := os.Open(path)
		if err != nil {
			return LockFile{}, fmt.Errorf("open a member: %w", err)
		}
		defer func() { _ = in.Close() }()
		readers = append(readers, in)
	}
	m := s.meter(e, f, want.source, f.expect())
	return s.tryReader(ctx, e, f, io.TeeReader(io.MultiReader(readers...), m), want)
}

func (s *Store) meter(e *Entry, f *File, source string, total int64) *meter {
	return &meter{events: s.events, event: Event{Model: e.ID, File: f.Path, Phase: PhaseBytes, Source: source, Total: total}}
}
