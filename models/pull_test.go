package models_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/models"
)

func TestPullFetchesOnceAndKeeps(t *testing.T) {
	data := bytesOf(1, 700_000)
	host := &files{data: map[string][]byte{"/a/m.bin": data}}
	srv := serve(t, host)
	s := store(t, entry("m", "sub/m.bin", data, true, "url: "+srv.URL+"/a/m.bin"), models.Options{})
	res, err := s.Pull(t.Context(), "m")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]models.Result{{Model: "m", Fetched: 1, Bytes: 700_000}}, res); diff != "" {
		t.Fatal(diff)
	}
	path, err := s.Path("m", "sub/m.bin")
	if err != nil || !bytes.Equal(mustRead(t, path), data) {
		t.Fatalf("path %q, err %v, or other bytes", path, err)
	}
	if got := tree(t, s.Root()); !slices.Equal(got, []string{"m/model.lock.json", "m/sub/m.bin"}) {
		t.Fatalf("files left: %v", got)
	}
	for range 2 {
		res, err = s.Pull(t.Context(), "m")
		if err != nil || res[0].Kept != 1 || res[0].Fetched != 0 {
			t.Fatalf("second pull: %+v, %v", res, err)
		}
	}
	if n := len(host.log()); n != 1 {
		t.Fatalf("%d requests, want 1: %v", n, host.log())
	}
	lock, err := s.Lock("m")
	if err != nil || lock.Files[0].Origin != models.OriginCatalog || lock.Files[0].SHA256 != digest(data) {
		t.Fatalf("lock %+v, %v", lock, err)
	}
}

func TestPullWrongDigestLeavesNothing(t *testing.T) {
	data, other := bytesOf(5, 10_000), bytesOf(6, 10_000)
	host := &files{data: map[string][]byte{"/m.bin": other, "/short.bin": other[:500]}}
	srv := serve(t, host)
	for name, want := range map[string]error{"m.bin": models.ErrDigest, "short.bin": models.ErrSize} {
		s := store(t, entry("m", "m.bin", data, true, "url: "+srv.URL+"/"+name), models.Options{})
		_, err := s.Pull(t.Context(), "m")
		var pull *models.PullError
		if !errors.Is(err, want) || !errors.As(err, &pull) || pull.File != "m.bin" || pull.Model != "m" {
			t.Fatalf("%s: %v", name, err)
		}
		if got := tree(t, s.Root()); len(got) != 0 {
			t.Fatalf("%s left %v", name, got)
		}
		if _, err := s.Path("m", "m.bin"); !errors.Is(err, models.ErrNotInstalled) {
			t.Fatalf("path: %v", err)
		}
	}
}

func TestPullFailsOverToTheNextSource(t *testing.T) {
	data := bytesOf(7, 4_000)
	host := &files{data: map[string][]byte{"/bad.bin": bytesOf(8, 4_000), "/good.bin": data}}
	srv := serve(t, host)
	var events []models.Event
	s := store(t, entry("m", "m.bin", data, true,
		"url: "+closedPort(t)+"/m.bin", "url: "+srv.URL+"/none.bin", "url: "+srv.URL+"/bad.bin",
		"pypi: {name: p, version: 1.0, member: a/m.bin}", "url: "+srv.URL+"/good.bin"),
		models.Options{Progress: func(e models.Event) { events = append(events, e) }})
	if _, err := s.Pull(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	var failed []error
	for _, e := range events {
		if e.Phase == models.PhaseFailed {
			failed = append(failed, e.Err)
		}
	}
	var status *models.StatusError
	if len(failed) != 4 || !errors.Is(failed[0], models.ErrUnreachable) || !errors.As(failed[1], &status) || status.Code != 404 ||
		!errors.Is(failed[2], models.ErrDigest) {
		t.Fatalf("failures: %v", failed)
	}
}

// closedPort returns the address of a loopback port that nobody listens on.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return "http://" + addr
}

func TestPullNamesEverySourceAndAsksADeadHostOnce(t *testing.T) {
	data := bytesOf(9, 100)
	dead := closedPort(t)
	tools := &packages{fail: func(kind string) (string, error) {
		return "npm error code ECONNREFUSED\nmore", fmt.Errorf("%s failed", kind)
	}}
	yaml := "  - id: m\n    name: test\n    kind: component\n    licence: MIT\n    sources:\n      - url: \"" + dead + "/{path}\"\n" +
		"      - npm: {name: p, version: 1.0.0, member: \"package/{path}\"}\n    files:\n"
	for i := range 12 {
		yaml += fmt.Sprintf("      - {path: f%d.bin, size: 100, sha256: %s}\n", i, digest(data))
	}
	var failures int
	s := store(t, yaml, models.Options{Parallel: 1, Tools: tools, Progress: func(e models.Event) {
		if e.Phase == models.PhaseFailed {
			failures++
		}
	}})
	_, err := s.Pull(t.Context(), "m")
	var bad *models.ModelError
	if !errors.As(err, &bad) || len(bad.Files) != 12 || !errors.Is(err, models.ErrUnreachable) || !errors.Is(err, models.ErrSkipped) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"url " + dead + "/f0.bin", "npm p@1.0.0", "ECONNREFUSED", "and 11 more files of m"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not name %q:\n%v", want, err)
		}
	}
	if n := strings.Count(err.Error(), dead+"/f0.bin"); n != 1 {
		t.Errorf("the address is named %d times:\n%v", n, err)
	}
	if failures != 2 || len(tools.calls) != 1 {
		t.Fatalf("%d failures told, client asked %d times; want 2 and 1", failures, len(tools.calls))
	}
}

func TestPullChecksDiskSpaceFirst(t *testing.T) {
	data := bytesOf(13, 10_000)
	host := &files{data: map[string][]byte{"/m.bin": data}}
	srv := serve(t, host)
	s := store(t, entry("m", "m.bin", data, true, "url: "+srv.URL+"/m.bin"), models.Options{FreeSpace: func(string) (int64, error) { return 9_999, nil }})
	_, err := s.Pull(t.Context(), "m")
	var full *models.DiskSpaceError
	if !errors.As(err, &full) || full.Need != 10_000 || full.Free != 9_999 || len(host.log()) != 0 {
		t.Fatalf("got %v after %v", err, host.log())
	}
}

// fullDisk writes until its room is used up.
type fullDisk struct {
	io.WriteCloser
	left int
}

// Write implements io.Writer.
func (f *fullDisk) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return 0, &os.PathError{Op: "write", Path: "part", Err: syscall.ENOSPC}
	}
	f.left -= len(p)
	return f.WriteCloser.Write(p)
}

func TestPullStopsOnAFullDiskAndContinuesLater(t *testing.T) {
	data := bytesOf(14, 400_000)
	host := &files{data: map[string][]byte{"/m.bin": data}}
	srv := serve(t, host)
	yaml := entry("m", "m.bin", data, true, "url: "+srv.URL+"/m.bin", "url: "+srv.URL+"/never.bin") +
		entry("z", "z.bin", data, true, "url: "+srv.URL+"/m.bin")
	room := 150_000
	opt := models.Options{Parallel: 1, Create: func(path string, truncate bool) (io.WriteCloser, error) {
		flag := os.O_CREATE | os.O_WRONLY | os.O_APPEND
		if truncate {
			flag |= os.O_TRUNC
		}
		f, err := os.OpenFile(path, flag, 0o600)
		return &fullDisk{WriteCloser: f, left: room}, err
	}}
	s := store(t, yaml, opt)
	_, err := s.Pull(t.Context(), "m", "z")
	var full *models.DiskSpaceError
	if !errors.As(err, &full) || full.Need != 0 || !errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "z/z.bin") {
		t.Fatalf("got %v", err)
	}
	if strings.Contains(strings.Join(host.log(), " "), "never") {
		t.Fatal("went on to the next source with a full disk")
	}
	if _, err := s.Lock("z"); !errors.Is(err, os.ErrNotExist) || s.Installed("m") || s.Installed("z") {
		t.Fatalf("half a model counts as installed; the model that was not begun has a lock: %v", err)
	}
	room = len(data)
	if _, err := s.Pull(t.Context(), "m", "z"); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(mustRead(t, filepath.Join(s.Root(), "m", "m.bin")), data) {
		t.Fatal("other bytes")
	}
}

func TestPullCancelled(t *testing.T) {
	data := bytesOf(16, 100_000)
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	addr := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write(data[:10])
		w.(http.Flusher).Flush()
		cancel()
		<-release
	}))
	t.Cleanup(func() { close(release) })
	s := store(t, entry("m", "m.bin", data, true, "url: "+addr+"/m.bin"), models.Options{})
	if _, err := s.Pull(ctx, "m"); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if s.Installed("m") {
		t.Fatal("installed after a cancelled pull")
	}
}

func TestPullOffline(t *testing.T) {
	data := bytesOf(17, 1_000)
	local := filepath.Join(t.TempDir(), "m.bin")
	if err := os.WriteFile(local, data, 0o600); err != nil {
		t.Fatal(err)
	}
	tools := &packages{}
	s := store(t, entry("m", "m.bin", data, true, "url: http://127.0.0.1:1/m.bin", "npm: {name: p, version: 1.0.0, member: m}")+
		entry("n", "n.bin", data, true, "url: http://127.0.0.1:1/m.bin", "file: "+local), models.Options{Offline: true, Tools: tools})
	if _, err := s.Pull(t.Context(), "m"); !errors.Is(err, models.ErrOffline) {
		t.Fatalf("got %v", err)
	}
	if _, err := s.Pull(t.Context(), "n"); err != nil || len(tools.calls) != 0 {
		t.Fatalf("got %v, client calls %v", err, tools.calls)
	}
}

func TestTwoStoresPullIntoOneFolder(t *testing.T) {
	data := bytesOf(18, 300_000)
	host := &files{data: map[string][]byte{"/m.bin": data}}
	srv := serve(t, host)
	s := store(t, entry("m", "m.bin", data, true, "url: "+srv.URL+"/m.bin"), models.Options{})
	other := models.New(s.Root(), s.Catalog(), models.Options{Tools: &packages{}})
	defer other.Close()
	errs := make(chan error, 2)
	for _, st := range []*models.Store{s, other} {
		go func() {
			_, err := st.Pull(t.Context(), "m")
			errs <- err
		}()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	if n := len(host.log()); n != 1 {
		t.Fatalf("%d requests for one file: %v", n, host.log())
	}
}

func serveHandler(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close(); <-done })
	return "http://" + l.Addr().String()
}
