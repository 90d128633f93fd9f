package models_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/models"
)

// TestFoldersAtTheirBounds are taken whole.
func TestFoldersAtTheirBounds(t *testing.T) {
	from := t.TempDir()
	deep := from
	for range 15 { // with the folder itself 16 lie in each other
		deep = filepath.Join(deep, "d")
	}
	put(t, filepath.Join(deep, "f"), []byte("x"))
	for i := range 499 {
		put(t, filepath.Join(from, fmt.Sprint(i)), nil)
	}
	put(t, filepath.Join(from, "big"), append([]byte("version https://git-lfs.github.com/spec/v1\n"), make([]byte, 1_024)...)) // too long for a pointer
	remove(t, filepath.Join(from, "0"))
	s := store(t, folderEntry("other", from, ""), models.Options{})
	res, err := s.Pull(t.Context(), "mine")
	if err != nil || res[0].Fetched != 500 || !s.Installed("mine") {
		t.Fatalf("%+v, %v", res, err)
	}
	put(t, filepath.Join(deep, "d", "f"), []byte("x"))
	remove(t, filepath.Join(from, "1"))
	s = store(t, folderEntry("other", from, ""), models.Options{})
	if _, err := s.Pull(t.Context(), "mine"); err == nil || !strings.Contains(err.Error(), "without end") {
		t.Errorf("one folder deeper: %v", err)
	}
}

// TestFoldersOfOtherThings: one file is a model, a pipe is left out, and what is not there is
// named.
func TestFoldersOfOtherThings(t *testing.T) {
	from := t.TempDir()
	put(t, filepath.Join(from, "silero_vad.onnx"), []byte("x"))
	put(t, filepath.Join(from, ".hidden"), []byte("x"))
	if err := syscall.Mkfifo(filepath.Join(from, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := store(t, folderEntry("silero", filepath.Join(from, "silero_vad.onnx"), ""), models.Options{})
	if res, err := s.Pull(t.Context(), "mine"); err != nil || res[0].Fetched != 1 || !s.Installed("mine") {
		t.Errorf("%+v, %v", res, err)
	}
	s = store(t, folderEntry("silero", filepath.Join(from, ".hidden"), ""), models.Options{})
	if _, err := s.Pull(t.Context(), "mine"); !errors.Is(err, models.ErrUnsafePath) {
		t.Errorf("a hidden file: %v", err)
	}
	s = store(t, folderEntry("silero", filepath.Join(from, "nowhere"), ""), models.Options{})
	if _, err := s.Pull(t.Context(), "mine"); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "look at the folder") || !strings.Contains(err.Error(), "model mine") {
		t.Errorf("no folder: %v", err)
	}
	s = store(t, folderEntry("silero", "/nowhere", ""), models.Options{})
	if res, err := s.Import(t.Context(), "mine", from); err != nil || res.Fetched != 1 || s.State("mine") != models.StateInstalled {
		t.Errorf("%+v, %v", res, err)
	}
}

// TestWhatAnImportTakes: of a folder the file with the catalog's path, else the one with its name;
// a single file by its name, or by any name where the model has one file only.
func TestWhatAnImportTakes(t *testing.T) {
	deep, flat, other := bytesOf(160, 100), bytesOf(161, 100), bytesOf(162, 100)
	one := entry("one", "sub/x.bin", nil, false)
	two := "  - {id: two, name: test, kind: component, licence: MIT, files: [{path: sub/x.bin, optional: true}, {path: y.bin, optional: true}]}\n"
	from := t.TempDir()
	put(t, filepath.Join(from, "both", "sub", "x.bin"), deep)
	put(t, filepath.Join(from, "both", "x.bin"), flat)
	put(t, filepath.Join(from, "flat", "x.bin"), flat)
	put(t, filepath.Join(from, "folders", "sub", "x.bin", "z"), other)
	put(t, filepath.Join(from, "named.bin"), other)
	put(t, filepath.Join(from, "y.bin"), other)
	for _, c := range []struct {
		id, path string
		want     map[string][]byte
		err      error
	}{
		{"one", "both", map[string][]byte{"sub/x.bin": deep}, nil},
		{"one", "flat", map[string][]byte{"sub/x.bin": flat}, nil},
		{"one", "named.bin", map[string][]byte{"sub/x.bin": other}, nil},
		{"two", "both/x.bin", map[string][]byte{"sub/x.bin": flat}, nil},
		{"two", "y.bin", map[string][]byte{"y.bin": other}, nil},
		{"two", "named.bin", nil, models.ErrUnknownModel},
		{"two", "nowhere", nil, os.ErrNotExist},
		{"far", "both", nil, models.ErrRemote},
		{"calibration", "both", nil, models.ErrCatalog},
		{"elsewhere", "both", nil, models.ErrPlatform},
	} {
		s := store(t, one+two+strings.TrimPrefix(farEntry, "models:\n")+
			"  - {id: elsewhere, name: test, kind: component, licence: MIT, platform: plan9/mips, files: [{path: x.bin}]}\n", models.Options{})
		res, err := s.Import(t.Context(), c.id, filepath.Join(from, c.path))
		if !errors.Is(err, c.err) || res.Fetched != len(c.want) || err == nil && res.Model != c.id {
			t.Errorf("%s from %s: %+v, %v", c.id, c.path, res, err)
		}
		for path, data := range c.want {
			if !bytes.Equal(mustRead(t, filepath.Join(s.Root(), c.id, path)), data) {
				t.Errorf("%s from %s: other bytes", c.id, c.path)
			}
		}
	}
	s := store(t, one, models.Options{})
	if _, err := s.Import(t.Context(), "one", filepath.Join(from, "folders")); err == nil || s.Installed("one") {
		t.Error("a folder was taken for a file")
	}
	t.Chdir(from)
	if res, err := s.Import(t.Context(), "one", "flat"); err != nil || res.Fetched != 1 {
		t.Errorf("from the working folder: %+v, %v", res, err)
	}
}

// TestHowManyFilesAtOnce: four, where nothing else is said.
func TestHowManyFilesAtOnce(t *testing.T) {
	data := bytesOf(163, 10)
	for options, want := range map[int]int{0: 4, -1: 4, 1: 1, 2: 2} {
		var mu sync.Mutex
		now, most := 0, 0
		full := make(chan struct{})
		host := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			mu.Lock()
			now++
			if most = max(most, now); now == want {
				select {
				case <-full:
				default:
					time.AfterFunc(20*time.Millisecond, func() { close(full) }) // for one too many to come
				}
			}
			mu.Unlock()
			<-full
			mu.Lock()
			now--
			mu.Unlock()
			_, _ = w.Write(data)
		}))
		yaml := "  - id: m\n    name: test\n    kind: component\n    licence: MIT\n    sources: [{url: '" + host + "/{path}'}]\n    files:\n"
		for i := range 8 {
			yaml += fmt.Sprintf("      - {path: f%d, size: 10, sha256: %s}\n", i, digest(data))
		}
		s := store(t, yaml, models.Options{Parallel: options})
		if _, err := s.Pull(t.Context(), "m"); err != nil {
			t.Fatal(err)
		}
		if most != want {
			t.Errorf("parallel %d: %d files at once", options, most)
		}
	}
}

// TestFoldersStopWithTheirContext like files that the catalog lists.
func TestFoldersStopWithTheirContext(t *testing.T) {
	from := t.TempDir()
	for _, name := range []string{"a", "b"} {
		put(t, filepath.Join(from, name), bytesOf(164, 1_000))
	}
	s := store(t, "  - {id: m, name: test, kind: component, licence: MIT, folder: "+from+"}\n", models.Options{})
	if _, err := s.Pull(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	why := errors.New("somebody left")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	for name, look := range map[string]func(context.Context, ...string) ([]models.Check, error){"verify": s.Verify, "check": s.Check} {
		if checks, err := look(ctx, "m"); !errors.Is(err, why) || len(checks) != 0 || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s: %+v, %v", name, checks, err)
		}
	}
	older(t, filepath.Join(s.Root(), "m", "a"))
	if _, err := s.Pull(ctx, "m"); !errors.Is(err, why) {
		t.Errorf("pull: %v", err)
	}
	if _, err := s.Folder(ctx, "m"); !errors.Is(err, context.Canceled) {
		t.Errorf("folder: %v", err)
	}
}

// TestFilesThatTheCatalogKnows may be loaded without a record of them, where its digest and its
// size are known.
func TestFilesThatTheCatalogKnows(t *testing.T) {
	data := bytesOf(165, 100)
	for yaml, want := range map[string]error{
		entry("m", "m.bin", data, true): nil,
		strings.Replace(entry("m", "m.bin", data, true), "        size: 100\n", "", 1):             models.ErrNotInstalled,
		strings.Replace(entry("m", "m.bin", data, true), "sha256: "+digest(data), "about: 100", 1): models.ErrNotInstalled,
		entry("m", "n.bin", data, true):              models.ErrNotInstalled,
		entry("m", "m.bin", bytesOf(166, 100), true): models.ErrDigest,
		entry("m", "m.bin", bytesOf(166, 99), true):  models.ErrSize,
	} {
		s := store(t, yaml, models.Options{})
		put(t, filepath.Join(s.Root(), "m", "m.bin"), data)
		path, err := s.Path("m", "m.bin")
		if !errors.Is(err, want) || (path == "") == (want == nil) {
			t.Errorf("%q, %v, want %v", path, err, want)
		}
		if _, err := s.Folder(t.Context(), "m"); !errors.Is(err, models.ErrNotInstalled) {
			t.Errorf("a folder without a record: %v", err)
		}
		if fsys, err := s.FS("m"); !errors.Is(err, models.ErrNotInstalled) || fsys != nil {
			t.Errorf("files without a record: %v", err)
		}
	}
}

// TestSizesForPeople at the edges of their units.
func TestSizesForPeople(t *testing.T) {
	got := map[int64]string{}
	want := map[int64]string{1: "1 B", 1_001: "1.0 kB", 999_949: "999.9 kB", 1_000_000: "1.0 MB", 2_500_000_000: "2.5 GB", 1_000_000_000_000: "1.0 TB"}
	for n := range want {
		got[n] = models.FormatBytes(n)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
