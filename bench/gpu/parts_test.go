package gpu_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/bench/gpu"
)

const part = 50_000

// packed makes a folder with parts of some files, and returns it with the contents by name.
func packed(t *testing.T) (dir string, content map[string][]byte, m gpu.Manifest) {
	t.Helper()
	from, dir := t.TempDir(), t.TempDir()
	noise := rand.NewChaCha8([32]byte{7}) // does not get smaller
	content = map[string][]byte{}
	var items []gpu.Item
	for name, size := range map[string]int{"bin/program": 120_000, "lib/empty.so": 0, "models/a/weights.onnx": 99_999, "models/a/lock.json": 12} {
		data := make([]byte, size)
		_, _ = noise.Read(data)
		path := filepath.Join(from, filepath.Base(name))
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		content[name] = data
		items = append(items, gpu.Item{Name: name, Path: path})
	}
	if err := os.Chmod(filepath.Join(from, "program"), 0o755); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_901_234, time.UTC)
	if err := os.Chtimes(filepath.Join(from, "lock.json"), at, at); err != nil {
		t.Fatal(err)
	}
	m, err := gpu.Pack(t.Context(), dir, "engine", items, part)
	if err != nil {
		t.Fatal(err)
	}
	return dir, content, m
}

func TestPartsBecomeTheFilesAgain(t *testing.T) {
	t.Parallel()
	dir, content, m := packed(t)
	if n := len(m.Bundles[0].Parts); n < 4 {
		t.Fatalf("%d parts", n)
	}
	for _, p := range m.Bundles[0].Parts {
		if p.Bytes > part || p.Bytes == 0 {
			t.Errorf("%s has %d bytes", p.Name, p.Bytes)
		}
	}
	into := t.TempDir()
	if _, err := gpu.Join(t.Context(), dir, into); err != nil {
		t.Fatal(err)
	}
	found := 0
	err := filepath.WalkDir(into, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		found++
		name, err := filepath.Rel(into, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if want, ok := content[filepath.ToSlash(name)]; !ok || !bytes.Equal(data, want) {
			t.Errorf("%s: %d bytes, not those that were packed", name, len(data))
		}
		return err
	})
	if err != nil || found != len(content) {
		t.Fatalf("%d files, want %d, %v", found, len(content), err)
	}
	info, err := os.Stat(filepath.Join(into, "bin/program"))
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("the program is %v, %v", info, err)
	}
	lock, err := os.Stat(filepath.Join(into, "models/a/lock.json"))
	if err != nil || lock.ModTime().Nanosecond() != 678_901_234 {
		t.Errorf("the time of a file is %v, %v: a models folder would take it for changed", lock.ModTime(), err)
	}
}

func TestAPartThatDoesNotFitIsNamed(t *testing.T) {
	t.Parallel()
	dir, _, m := packed(t)
	second := m.Bundles[0].Parts[1].Name
	path := filepath.Join(dir, second)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	change := func(how func(b []byte) []byte) func() error {
		return func() error { return os.WriteFile(path, how(bytes.Clone(whole)), 0o644) }
	}
	for name, c := range map[string]struct {
		spoil func() error
		want  string
	}{
		"missing":  {func() error { return os.Remove(path) }, gpu.PartMissing},
		"cut off":  {change(func(b []byte) []byte { return b[:len(b)-1] }), gpu.PartSize},
		"longer":   {change(func(b []byte) []byte { return append(b, 0) }), gpu.PartSize},
		"one bit":  {change(func(b []byte) []byte { b[len(b)/2] ^= 1; return b }), gpu.PartBroken},
		"anothers": {change(func(b []byte) []byte { return make([]byte, len(b)) }), gpu.PartBroken},
	} {
		if err := c.spoil(); err != nil {
			t.Fatal(err)
		}
		into := t.TempDir()
		_, err := gpu.Join(t.Context(), dir, into)
		var typed *gpu.PartError
		if !errors.As(err, &typed) || !errors.Is(err, gpu.ErrPart) || typed.Part != second || typed.Problem != c.want || !strings.Contains(err.Error(), second) {
			t.Errorf("%s: %v", name, err)
		}
		if left, err := os.ReadDir(into); len(left) > 0 || err != nil {
			t.Errorf("%s: %d files were unpacked all the same, %v", name, len(left), err)
		}
	}
	if err := os.WriteFile(path, whole, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := gpu.Join(t.Context(), dir, t.TempDir()); err != nil {
		t.Errorf("with the part brought again: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := gpu.Join(ended, dir, t.TempDir()); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

func TestListsThatAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := gpu.Join(t.Context(), t.TempDir(), t.TempDir()); !errors.Is(err, gpu.ErrManifest) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no list: %v", err)
	}
	const sum = `"bytes":1,"sha256":"00"}`
	for name, text := range map[string]string{
		"no JSON":          `parts`,
		"another version":  `{"version":2,"bundles":[]}`,
		"an unknown field": `{"version":1,"bundles":[],"run":"rm"}`,
		"a path":           `{"version":1,"bundles":[{"name":"a","bytes":1,"parts":[{"name":"../a",` + sum + `]}]}`,
		"a folder":         `{"version":1,"bundles":[{"name":"a","bytes":1,"parts":[{"name":"..",` + sum + `]}]}`,
		"no name":          `{"version":1,"bundles":[],"alone":[{"name":"",` + sum + `]}`,
		"twice":            `{"version":1,"bundles":[],"alone":[{"name":"a",` + sum + `,{"name":"a",` + sum + `]}`,
		"less than none":   `{"version":1,"bundles":[{"name":"a","bytes":-1,"parts":[]}]}`,
		"a part of -1":     `{"version":1,"bundles":[],"alone":[{"name":"a","bytes":-1,"sha256":""}]}`,
	} {
		if m, err := gpu.ParseManifest([]byte(text)); !errors.Is(err, gpu.ErrManifest) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

// TestArchivesThatAreRefused: what is not of this program's packing is not unpacked, even where
// checksums fit.
func TestArchivesThatAreRefused(t *testing.T) {
	t.Parallel()
	file := func(name string, size int64) tar.Header {
		return tar.Header{Name: name, Typeflag: tar.TypeReg, Size: size, Mode: 0o644}
	}
	for name, c := range map[string]struct {
		bytes   int64
		entries []tar.Header
	}{
		"above":          {2, []tar.Header{file("../out", 2)}},
		"from the root":  {2, []tar.Header{file("/out", 2)}},
		"a link":         {0, []tar.Header{{Name: "a", Typeflag: tar.TypeSymlink, Linkname: "/"}}},
		"a device":       {0, []tar.Header{{Name: "a", Typeflag: tar.TypeChar}}},
		"more than said": {1, []tar.Header{file("a", 2)}},
		"less than said": {9, []tar.Header{file("a", 2)}},
	} {
		dir, into := t.TempDir(), t.TempDir()
		var data bytes.Buffer
		zip := gzip.NewWriter(&data)
		archive := tar.NewWriter(zip)
		for _, h := range c.entries {
			if err := archive.WriteHeader(&h); err != nil {
				t.Fatal(err)
			}
			if _, err := archive.Write(make([]byte, h.Size)); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(archive.Close(), zip.Close(), os.WriteFile(filepath.Join(dir, "a.01"), data.Bytes(), 0o644)); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data.Bytes())
		m := gpu.Manifest{Version: 1, Bundles: []gpu.Bundle{{Name: "a", Bytes: c.bytes, Parts: []gpu.Part{
			{Name: "a.01", Bytes: int64(data.Len()), SHA256: hex.EncodeToString(sum[:])},
		}}}}
		if err := m.Write(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := gpu.Join(t.Context(), dir, into); !errors.Is(err, gpu.ErrArchive) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Lstat(filepath.Join(filepath.Dir(into), "out")); err == nil {
			t.Errorf("%s: a file was written outside", name)
		}
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(`{"version":1,"bundles":[{"name":"a","bytes":3,"parts":[{"name":"a.01","bytes":3,"sha256":"00"}]}]}`))
	f.Add([]byte(`{"version":1,"alone":[{"name":"gpu-check"}]}`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := gpu.ParseManifest(data)
		if err != nil {
			if !errors.Is(err, gpu.ErrManifest) {
				t.Fatalf("untyped: %v", err)
			}
			return
		}
		var typed *gpu.PartError // nothing is there
		if err := m.Verify(t.Context(), dir); err != nil && !errors.As(err, &typed) {
			var path *fs.PathError
			if !errors.As(err, &path) { // a name that no file can have
				t.Fatal(err)
			}
		}
	})
}
