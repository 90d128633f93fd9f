package models_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/models"
)

func TestPullResumes(t *testing.T) {
	data := bytesOf(2, 900_000)
	for _, known := range []bool{true, false} {
		t.Run(fmt.Sprintf("digest known %v", known), func(t *testing.T) {
			host := &files{data: map[string][]byte{"/o/r/resolve/main/m.bin": data}, breakAfter: []int{300_000, 200_000}}
			host.header = func(string) http.Header { return http.Header{"X-Linked-Etag": {`"` + digest(data) + `"`}} }
			srv := serve(t, host)
			s := store(t, entry("m", "m.bin", data, known, "huggingface: {repo: o/r, revision: main, path: m.bin}"), models.Options{HuggingFace: srv.URL})
			if _, err := s.Pull(t.Context(), "m"); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(mustRead(t, filepath.Join(s.Root(), "m", "m.bin")), data) {
				t.Fatal("other bytes")
			}
			ranges := slices.DeleteFunc(host.log(), func(l string) bool { return !strings.Contains(l, "bytes=") })
			if len(ranges) != 2 || ranges[0] == ranges[1] {
				t.Fatalf("continued with %v, want two different ranges", ranges)
			}
		})
	}
}

func TestPullContinuesAcrossProcesses(t *testing.T) {
	data := bytesOf(3, 600_000)
	cases := map[string]struct {
		damage func(part string)
		ranged bool
	}{
		"sound":   {func(string) {}, true},
		"damaged": {func(p string) { flip(p) }, true},
		"longer":  {func(p string) { appendTo(p, 600_000) }, false},
		"no note": {func(p string) { _ = os.Remove(p + ".json") }, false},
		"bad note": {func(p string) {
			_ = os.WriteFile(p+".json", []byte("{"), 0o600)
		}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			host := &files{data: map[string][]byte{"/m.bin": data}, breakAfter: []int{400_000, 0, 0, 0, 0, 0, 0}}
			srv := serve(t, host)
			s := store(t, entry("m", "m.bin", data, true, "url: "+srv.URL+"/m.bin"), models.Options{})
			if _, err := s.Pull(t.Context(), "m"); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("first pull: %v", err)
			}
			part := filepath.Join(s.Root(), ".partial", "m", "parts", "m.bin.part")
			if n := len(mustRead(t, part)); n == 0 || n >= len(data) {
				t.Fatalf("part of %d bytes", n)
			}
			c.damage(part)
			host.mu.Lock()
			host.breakAfter, host.requests = nil, nil
			host.mu.Unlock()
			if _, err := s.Pull(t.Context(), "m"); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(mustRead(t, filepath.Join(s.Root(), "m", "m.bin")), data) {
				t.Fatal("other bytes")
			}
			if got := strings.Contains(host.log()[0], "bytes="); got != c.ranged {
				t.Fatalf("requests %v, ranged %v", host.log(), c.ranged)
			}
		})
	}
}

func flip(path string) {
	data, err := os.ReadFile(path)
	if err == nil {
		data[10] ^= 1
		_ = os.WriteFile(path, data, 0o600)
	}
}

func appendTo(path string, n int) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, _ = f.Write(make([]byte, n))
		_ = f.Close()
	}
}

func TestPullHostIgnoresRanges(t *testing.T) {
	data := bytesOf(4, 500_000)
	host := &files{data: map[string][]byte{"/m.bin": data}, breakAfter: []int{250_000}, noRange: true}
	srv := serve(t, host)
	s := store(t, entry("m", "m.bin", data, true, "url: "+srv.URL+"/m.bin"), models.Options{})
	if _, err := s.Pull(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(mustRead(t, filepath.Join(s.Root(), "m", "m.bin")), data) {
		t.Fatal("other bytes")
	}
}

func TestPullTakesDeclaredDigests(t *testing.T) {
	large, small := bytesOf(10, 50_000), []byte(`{"a":1}`)
	const commit = "00112233445566778899aabbccddeeff00112233"
	host := &files{data: map[string][]byte{
		"/o/r/resolve/main/big.onnx": large, "/o/r/resolve/" + commit + "/big.onnx": large,
		"/o/r/resolve/main/config.json": small, "/o/r/resolve/" + commit + "/config.json": small,
	}}
	host.header = func(path string) http.Header {
		if strings.HasSuffix(path, "big.onnx") {
			return http.Header{"X-Linked-Etag": {`"` + digest(large) + `"`}, "X-Linked-Size": {"50000"}, "X-Repo-Commit": {commit}, "Location": {"http://cdn.invalid/x"}}
		}
		return http.Header{"Etag": {`"` + gitBlob(small) + `"`}, "X-Repo-Commit": {commit}}
	}
	srv := serve(t, host)
	yaml := "  - id: m\n    name: test\n    kind: component\n    licence: MIT\n    sources:\n" +
		"      - huggingface: {repo: o/r, revision: main, path: \"{path}\"}\n    files:\n      - {path: big.onnx}\n      - {path: config.json}\n"
	s := store(t, yaml, models.Options{HuggingFace: srv.URL})
	if _, err := s.Pull(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	lock, err := s.Lock("m")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]models.LockFile{}
	for _, f := range lock.Files {
		got[f.Path] = f
	}
	big, cfg := got["big.onnx"], got["config.json"]
	if big.Origin != models.OriginHost || big.Declared != "sha256:"+digest(large) || big.Revision != commit || big.SHA256 != digest(large) {
		t.Fatalf("big: %+v", big)
	}
	if cfg.Declared != "git:"+gitBlob(small) || cfg.SHA256 != digest(small) {
		t.Fatalf("config: %+v", cfg)
	}
	for _, r := range host.log() {
		if strings.HasPrefix(r, "GET ") && !strings.Contains(r, commit) {
			t.Fatalf("fetched from a revision that moves: %s", r)
		}
	}
	checks, err := s.Verify(t.Context(), "m")
	if err != nil || len(checks) != 2 || checks[0].Err != nil || checks[0].Origin != models.OriginHost {
		t.Fatalf("verify: %+v, %v", checks, err)
	}
}

func TestPullRefusesWhatTheHostDeclaresWrongly(t *testing.T) {
	data := bytesOf(11, 5_000)
	for name, h := range map[string]struct {
		header http.Header
		want   error
	}{
		"wrong sha256":   {http.Header{"X-Linked-Etag": {`"` + digest(data[:9]) + `"`}}, models.ErrDigest},
		"wrong git blob": {http.Header{"Etag": {`"` + gitBlob(data[:9]) + `"`}}, models.ErrDigest},
		"no digest":      {http.Header{"Etag": {`"abc"`}}, models.ErrNoDigest},
		"wrong size":     {http.Header{"X-Linked-Etag": {`"` + digest(data) + `"`}, "X-Linked-Size": {"77"}}, models.ErrSize},
	} {
		t.Run(name, func(t *testing.T) {
			host := &files{data: map[string][]byte{"/o/r/resolve/main/m.bin": data}, header: func(string) http.Header { return h.header.Clone() }}
			srv := serve(t, host)
			s := store(t, entry("m", "m.bin", data, false, "huggingface: {repo: o/r, revision: main, path: m.bin}"), models.Options{HuggingFace: srv.URL})
			if _, err := s.Pull(t.Context(), "m"); !errors.Is(err, h.want) {
				t.Fatalf("got %v, want %v", err, h.want)
			}
			if got := tree(t, s.Root()); len(got) != 0 {
				t.Fatalf("left %v", got)
			}
		})
	}
	s := store(t, entry("m", "m.bin", data, false, "url: http://127.0.0.1:1/m.bin"), models.Options{})
	if _, err := s.Pull(t.Context(), "m"); !errors.Is(err, models.ErrNoDigest) {
		t.Fatalf("plain address without digest: %v", err)
	}
}

func TestPullSendsTheTokenToItsHostOnly(t *testing.T) {
	data := bytesOf(12, 1_000)
	var mu sync.Mutex
	seen := map[string]string{}
	note := func(name string, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			seen[name+" "+r.Method] = r.Header.Get("Authorization")
			mu.Unlock()
			next.ServeHTTP(w, r)
		})
	}
	cdn := serveHandler(t, note("cdn", &files{data: map[string][]byte{"/blob": data}}))
	hub := serveHandler(t, note("hub", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Linked-Etag", `"`+digest(data)+`"`)
		http.Redirect(w, r, strings.Replace(cdn, "127.0.0.1", "localhost", 1)+"/blob", http.StatusFound)
	})))
	s := store(t, entry("m", "m.bin", data, false, "huggingface: {repo: o/r, revision: main, path: m.bin}"),
		models.Options{HuggingFace: hub, HuggingFaceToken: "t0k"})
	if _, err := s.Pull(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"hub HEAD": "Bearer t0k", "hub GET": "Bearer t0k", "cdn GET": ""}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Fatal(diff)
	}
}

func TestPullStalledTransferGivesUp(t *testing.T) {
	data := bytesOf(15, 100_000)
	release := make(chan struct{})
	addr := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		_, _ = w.Write(data[:50_000])
		w.(http.Flusher).Flush()
		<-release
	}))
	t.Cleanup(func() { close(release) })
	s := store(t, entry("m", "m.bin", data, true, "url: "+addr+"/m.bin"), models.Options{StallTimeout: 50 * time.Millisecond})
	if _, err := s.Pull(t.Context(), "m"); !errors.Is(err, models.ErrUnreachable) || !strings.Contains(err.Error(), "nothing came for") {
		t.Fatalf("got %v", err)
	}
}
