package models

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Result is what a pull did for one model.
type Result struct {
	Model string `json:"model"`
	// Fetched and Kept count files; Bytes is the size of the fetched ones.
	Fetched int   `json:"fetched"`
	Kept    int   `json:"kept"`
	Bytes   int64 `json:"bytes"`
	// Converted is true when the conversion step ran.
	Converted bool `json:"converted,omitempty"`
	// Outside lists the files of a user's folder that are links to places outside of it, as "path
	// -> place": their bytes were copied from there.
	Outside []string `json:"outside,omitempty"`
}

// Pull makes the named models and sets complete. What is there already is kept: a second pull reads
// no file and uses no network. Files whose times changed have their digests computed again and are
// kept where those are right; damaged ones are fetched. It looks for disk space before it fetches,
// fetches several files at once, and runs conversion steps at the end.
//
// The error joins one *ModelError for each model of which no source gave some file (a *PullError
// each); other files are still completed. Pull may be cancelled at any time: transfers continue
// where they stopped with the next pull.
func (s *Store) Pull(ctx context.Context, names ...string) ([]Result, error) {
	ids, err := s.catalog.Expand(names...)
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(ids))
	var todo []*job
	for i, id := range ids {
		results[i].Model = id
		e, err := s.catalog.Entry(id)
		if err != nil {
			return nil, err
		}
		if err := e.pullable(); err != nil {
			return nil, err
		}
		whole, err := s.whole(ctx, e)
		if err != nil {
			return nil, err
		}
		if whole {
			results[i].Kept = len(e.Files)
			s.events.emit(Event{Model: id, Phase: PhaseKept, Done: e.Bytes(), Total: e.Bytes()})
			continue
		}
		todo = append(todo, &job{entry: e, result: &results[i]})
	}
	if len(todo) == 0 {
		return results, nil
	}
	return results, s.pullAll(ctx, todo)
}

// whole reports whether a model needs no pull. One whose times changed is checked first, which
// makes its record fresh; that needs no writable folder.
func (s *Store) whole(ctx context.Context, e *Entry) (bool, error) {
	switch s.State(e.ID) {
	case StateInstalled:
		return true, nil
	case StateChanged:
		checks, err := s.Check(ctx, e.ID)
		return !slices.ContainsFunc(checks, func(c Check) bool { return c.Err != nil }), err
	case StateAbsent, StatePartial, StateDamaged:
	}
	return false, nil
}

// pullable reports why an entry has nothing to pull here.
func (e *Entry) pullable() error {
	if e.Remote != nil {
		return fmt.Errorf("%w: %s is served by %s", ErrRemote, e.ID, e.Remote.Endpoint)
	}
	if here := runtime.GOOS + "/" + runtime.GOARCH; e.Platform != "" && e.Platform != here {
		return fmt.Errorf("%w: %s is for %s, this is %s", ErrPlatform, e.ID, e.Platform, here)
	}
	return nil
}

// job is one model that is being completed.
type job struct {
	entry  *Entry
	result *Result
	tasks  []*File

	mu       sync.Mutex // guards lock, result, settled and failures
	lock     *Lock
	settled  int // tasks that are done, or optional and left out
	failures []error
}

// run is the state of one Pull: the archives that several files share.
type run struct {
	store    *Store
	mu       sync.Mutex
	archives map[string]*archive
	wanted   map[string]map[string]int64 // archive key → member → largest size accepted
}

func (s *Store) pullAll(ctx context.Context, jobs []*job) error {
	if err := os.MkdirAll(s.partial(), 0o755); err != nil {
		return fmt.Errorf("make the models folder: %w", err)
	}
	unlock, err := lockDir(ctx, s.partial("pull.lock"))
	if err != nil {
		return err
	}
	defer unlock()
	r := &run{store: s, archives: map[string]*archive{}, wanted: map[string]map[string]int64{}}
	defer func() { _ = os.RemoveAll(s.partial("archives")) }()
	for _, j := range jobs {
		if err := s.plan(ctx, j); err != nil {
			return err
		}
		r.want(j)
	}
	if err := s.checkSpace(jobs); err != nil {
		return err
	}
	fetchErr := s.fetchAll(ctx, r, jobs)
	for _, j := range jobs {
		if j.settled < len(j.tasks) || ctx.Err() != nil {
			continue
		}
		if err := s.finish(ctx, j); err != nil {
			fetchErr = errors.Join(fetchErr, err)
		}
	}
	if ctx.Err() != nil {
		return fmt.Errorf("pull: %w", context.Cause(ctx))
	}
	return fetchErr
}

func (s *Store) fetchAll(ctx context.Context, r *run, jobs []*job) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group errgroup.Group
	group.SetLimit(s.opt.Parallel)
	for _, j := range jobs {
		for _, f := range j.tasks {
			group.Go(func() error {
				if ctx.Err() == nil {
					if err := s.fetchOne(ctx, r, j, f); errors.Is(err, ErrDiskSpace) {
						cancel(err)
					}
				}
				return nil // each job keeps its own failures
			})
		}
	}
	_ = group.Wait()
	var failures []error
	for _, j := range jobs {
		if len(j.failures) > 0 {
			failures = append(failures, &ModelError{Model: j.entry.ID, Files: j.failures})
		}
	}
	return errors.Join(failures...)
}

// fetchOne gets one file and records it.
func (s *Store) fetchOne(ctx context.Context, r *run, j *job, f *File) error {
	got, err := s.fetch(ctx, r, j.entry, f)
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil {
		if f.Optional && !errors.Is(err, ErrDiskSpace) && ctx.Err() == nil {
			j.settled++
			s.log.Info("optional model file left out", "model", j.entry.ID, "file", f.Path)
			return nil
		}
		j.failures = append(j.failures, err)
		return err
	}
	j.lock.Files = append(j.lock.Files, got)
	j.settled++
	j.result.Fetched++
	j.result.Bytes += got.Size
	s.events.emit(Event{Model: j.entry.ID, File: f.Path, Phase: PhaseDone, Source: got.Source, Done: got.Size, Total: got.Size})
	return j.lock.write(filepath.Join(s.dir, j.entry.ID))
}

// fetch tries every source of a file in order.
func (s *Store) fetch(ctx context.Context, r *run, e *Entry, f *File) (LockFile, error) {
	failure := &PullError{Model: e.ID, File: f.Path}
	for _, src := range e.sources(f) {
		if err := s.net.skip(src, s.opt.HuggingFace); err != nil {
			failure.Attempts = append(failure.Attempts, Attempt{Source: src.String(), Err: err})
			continue
		}
		s.events.emit(Event{Model: e.ID, File: f.Path, Phase: PhaseSource, Source: src.String(), Total: f.expect()})
		got, err := s.try(ctx, r, e, f, src)
		if err == nil {
			return got, nil
		}
		if ctx.Err() != nil {
			return LockFile{}, fmt.Errorf("%s/%s: %w", e.ID, f.Path, context.Cause(ctx))
		}
		failure.Attempts = append(failure.Attempts, Attempt{Source: src.String(), Err: err})
		s.events.emit(Event{Model: e.ID, File: f.Path, Phase: PhaseFailed, Source: src.String(), Err: err})
		if errors.Is(err, ErrDiskSpace) {
			break
		}
	}
	return LockFile{}, failure
}

// finish converts and writes the final lock file.
func (s *Store) finish(ctx context.Context, j *job) error {
	dir := filepath.Join(s.dir, j.entry.ID)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the model folder: %w", err)
	}
	if j.entry.Convert != "" {
		if err := s.convert(ctx, j); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(s.partial(j.entry.ID)); err != nil {
		s.log.Warn("leftover folder", "model", j.entry.ID, "error", err)
	}
	return j.lock.write(dir)
}
