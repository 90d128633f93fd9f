package models_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/models"
)

// told collects the events of a store.
type told struct {
	mu     sync.Mutex
	events []models.Event
}

func (w *told) event(e models.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// verified counts files whose digest was computed, and checks that each was told to its end.
func (w *told) verified(t *testing.T) int {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	whole := map[string]bool{}
	n := 0
	for _, e := range w.events {
		switch {
		case e.Phase == models.PhaseVerify && e.Done == e.Total:
			whole[e.File] = true
		case e.Phase == models.PhaseDone:
			if !whole[e.File] {
				t.Errorf("%s is done before it was read: %+v", e.File, w.events)
			}
			n++
		}
	}
	w.events = nil
	return n
}

// TestACopiedFolderIsChecked copies the files of a model with new times, as cp -r and restored
// backups do: it is used once its digest was computed again, and the record is fresh from then on.
func TestACopiedFolderIsChecked(t *testing.T) {
	data := bytesOf(50, 600_000)
	for name, use := range map[string]func(*models.Store) error{
		"path":   func(s *models.Store) error { _, err := s.Path("m", "m.bin"); return err },
		"folder": func(s *models.Store) error { _, err := s.Folder(t.Context(), "m"); return err },
		"files":  func(s *models.Store) error { _, err := s.FS("m"); return err },
		"check":  func(s *models.Store) error { _, err := s.Check(t.Context(), "m"); return err },
		"verify": func(s *models.Store) error { _, err := s.Verify(t.Context(), "m"); return err },
		"pull": func(s *models.Store) error {
			res, err := s.Pull(t.Context(), "m")
			if err == nil && (res[0].Kept != 1 || res[0].Fetched != 0) {
				return errors.New("it was fetched again")
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			first, _ := installed(t, data, models.Options{})
			dir := filepath.Join(t.TempDir(), "copy")
			if err := os.CopyFS(dir, os.DirFS(first.Root())); err != nil {
				t.Fatal(err)
			}
			older(t, filepath.Join(dir, "m", "m.bin"))
			var w told
			s := models.New(dir, first.Catalog(), models.Options{Tools: &packages{}, Progress: w.event})
			t.Cleanup(s.Close)
			if !s.Installed("m") || s.State("m") != models.StateChanged {
				t.Fatalf("the copy is %q", s.State("m"))
			}
			for range 2 {
				if err := use(s); err != nil {
					t.Fatal(err)
				}
			}
			if n := w.verified(t); n != 1 && name != "verify" {
				t.Errorf("the digest was computed %d times", n)
			}
			if s.State("m") != models.StateInstalled {
				t.Errorf("state %q after it was checked", s.State("m"))
			}
			next := reopen(t, s, models.Options{Progress: w.event})
			if next.State("m") != models.StateInstalled {
				t.Errorf("state %q in the next process", next.State("m"))
			}
			if _, err := next.Path("m", "m.bin"); err != nil || w.verified(t) != 0 {
				t.Errorf("the next process computes the digest again: %v", err)
			}
			if got := tree(t, dir); len(got) != 2 {
				t.Errorf("files %v", got)
			}
		})
	}
}

// TestTimesOfWholeSeconds has a time as archives and some file systems keep it.
func TestTimesOfWholeSeconds(t *testing.T) {
	s, path := installed(t, bytesOf(51, 1_000), models.Options{})
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	whole := info.ModTime().Truncate(time.Second)
	for _, c := range []struct {
		at   time.Time
		want models.State
	}{
		{whole, models.StateInstalled},
		{whole.Add(time.Second), models.StateChanged},
		{whole.Add(-time.Second), models.StateChanged},
		{info.ModTime().Add(time.Nanosecond), models.StateChanged},
		{info.ModTime(), models.StateInstalled},
	} {
		if err := os.Chtimes(path, time.Time{}, c.at); err != nil {
			t.Fatal(err)
		}
		if got := s.State("m"); got != c.want {
			t.Errorf("%v: %q, want %q", c.at, got, c.want)
		}
	}
}

// TestAFolderThatCannotBeWritten is checked at every start and used all the same. (The folder of
// unfinished files cannot be made; a mode would not keep root from writing.)
func TestAFolderThatCannotBeWritten(t *testing.T) {
	first, path := installed(t, bytesOf(52, 1_000), models.Options{})
	older(t, path)
	if err := os.RemoveAll(filepath.Join(first.Root(), ".partial")); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(first.Root(), ".partial"), nil)
	for range 2 {
		var w told
		var text bytes.Buffer
		s := reopen(t, first, models.Options{Progress: w.event, Logger: slog.New(slog.NewTextHandler(&text, nil))})
		for range 2 {
			if _, err := s.Path("m", "m.bin"); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Pull(t.Context(), "m"); err != nil {
				t.Fatalf("nothing is to be written: %v", err)
			}
		}
		if n := w.verified(t); n != 1 || s.State("m") != models.StateInstalled {
			t.Errorf("checked %d times in one process; %q", n, s.State("m"))
		}
		if strings.Count(text.String(), "checked again at the next start") != 1 {
			t.Errorf("log: %s", &text)
		}
	}
}

// TestLoadingFindsDamage flips one bit and keeps size and time, cuts files, and takes them away:
// every way to a file says so before anything is loaded, in this process and the next.
func TestLoadingFindsDamage(t *testing.T) {
	data := bytesOf(53, 3_000_000)
	for name, c := range map[string]struct {
		do   func(t *testing.T, path string)
		want error
	}{
		"one bit":         {func(t *testing.T, path string) { damage(t, path, oneBit) }, models.ErrDigest},
		"one bit, copied": {func(t *testing.T, path string) { damage(t, path, oneBit); older(t, path) }, models.ErrDigest},
		"first byte":      {func(t *testing.T, path string) { damage(t, path, func(b []byte) []byte { b[0]++; return b }) }, models.ErrDigest},
		"last byte":       {func(t *testing.T, path string) { damage(t, path, func(b []byte) []byte { b[len(b)-1]++; return b }) }, models.ErrDigest},
		"cut":             {func(t *testing.T, path string) { damage(t, path, func(b []byte) []byte { return b[:len(b)-1] }) }, models.ErrSize},
		"emptied":         {func(t *testing.T, path string) { damage(t, path, func([]byte) []byte { return nil }) }, models.ErrSize},
		"gone": {func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}, models.ErrNotInstalled},
	} {
		t.Run(name, func(t *testing.T) {
			first, path := installed(t, data, models.Options{})
			c.do(t, path)
			for i := range 3 {
				s := reopen(t, first, models.Options{Digests: i == 1})
				_, file := s.Path("m", "m.bin")
				_, folder := s.Folder(t.Context(), "m")
				_, files := s.FS("m")
				for _, err := range []error{file, folder, files} {
					if !errors.Is(err, c.want) || !strings.Contains(err.Error(), "sensory-agent models pull m") {
						t.Errorf("got %v, want %v", err, c.want)
					}
				}
				checks, err := s.Check(t.Context(), "m")
				if err != nil || len(checks) != 1 || !errors.Is(checks[0].Err, c.want) {
					t.Errorf("check: %+v, %v", checks, err)
				}
				if s.Installed("m") {
					t.Error("it counts as installed")
				}
			}
			if _, err := reopen(t, first, models.Options{}).Pull(t.Context(), "m"); err != nil {
				t.Fatal(err)
			}
			if _, err := first.Path("m", "m.bin"); err != nil || !bytes.Equal(mustRead(t, path), data) {
				t.Errorf("after the repair: %v", err)
			}
		})
	}
}

// TestLoadingReadsAFileOnce: of what happens to a file later, only size and time are noticed.
func TestLoadingReadsAFileOnce(t *testing.T) {
	s, path := installed(t, bytesOf(54, 1_000), models.Options{})
	if _, err := s.Path("m", "m.bin"); err != nil {
		t.Fatal(err)
	}
	damage(t, path, oneBit)
	if _, err := s.Path("m", "m.bin"); err != nil {
		t.Errorf("it was read again: %v", err)
	}
	older(t, path)
	if _, err := s.Path("m", "m.bin"); !errors.Is(err, models.ErrDigest) {
		t.Errorf("another time: %v", err)
	}
}

// TestARecordWithoutAChecksum is one of an older version of this program.
func TestARecordWithoutAChecksum(t *testing.T) {
	s, path := installed(t, bytesOf(55, 1_000), models.Options{})
	lock, err := s.Lock("m")
	if err != nil || len(lock.Files[0].CRC32C) != 8 {
		t.Fatalf("%+v, %v", lock, err)
	}
	file := filepath.Join(s.Root(), "m", "model.lock.json")
	put(t, file, bytes.Replace(mustRead(t, file), []byte(lock.Files[0].CRC32C), nil, 1))
	next := reopen(t, s, models.Options{})
	if next.State("m") != models.StateInstalled {
		t.Fatalf("state %q", next.State("m"))
	}
	if _, err := next.Path("m", "m.bin"); err != nil {
		t.Fatal(err)
	}
	if again, err := s.Lock("m"); err != nil || again.Files[0] != lock.Files[0] {
		t.Errorf("record %+v, %v, want %+v", again, err, lock)
	}
	put(t, file, bytes.Replace(mustRead(t, file), []byte(lock.Files[0].CRC32C), nil, 1))
	damage(t, path, oneBit)
	if _, err := reopen(t, s, models.Options{}).Path("m", "m.bin"); !errors.Is(err, models.ErrDigest) {
		t.Errorf("got %v", err)
	}
}

func TestLoadingStopsWithItsContext(t *testing.T) {
	s, path := installed(t, bytesOf(59, 100_000), models.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 {
		_, file := s.PathContext(ctx, "m", "m.bin")
		_, folder := s.Folder(ctx, "m")
		_, check := s.Check(ctx, "m")
		_, verify := s.Verify(ctx, "m")
		for _, err := range []error{file, folder, check, verify} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
		older(t, path)
	}
	if _, err := s.Pull(ctx, "m"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := s.Path("m", "m.bin"); err != nil {
		t.Errorf("a check that was given up counts: %v", err)
	}
}

func TestManyLoadAtOnce(t *testing.T) {
	s, path := installed(t, bytesOf(60, 2_000_000), models.Options{})
	older(t, path)
	var w told
	next := reopen(t, s, models.Options{Progress: w.event})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := next.Path("m", "m.bin"); err != nil {
				t.Error(err)
			}
			_ = next.State("m")
		})
	}
	group.Wait()
	if n := w.verified(t); n != 1 {
		t.Errorf("the digest was computed %d times", n)
	}
}
