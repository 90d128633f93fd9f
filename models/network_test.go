package models_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/models"
)

// TestAskingForADigest follows the redirects of a model host as far as they stay there, and takes
// what the first answer declares.
func TestAskingForADigest(t *testing.T) {
	data := bytesOf(80, 1_000)
	commit := strings.Repeat("ab", 20)
	elsewhere := serveHandler(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another host was asked for the digest") }))
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, hop int)
		want   error
		text   string
	}{
		"at once":  {func(w http.ResponseWriter, _ int) { w.Header().Set("Etag", `"`+digest(data)+`"`) }, nil, ""},
		"weak tag": {func(w http.ResponseWriter, _ int) { w.Header().Set("Etag", `W/"`+digest(data)+`"`) }, nil, ""},
		"after four hops": {func(w http.ResponseWriter, hop int) {
			if hop < 4 {
				w.Header().Set("Location", fmt.Sprint("/hop/", hop))
				w.WriteHeader(http.StatusTemporaryRedirect)
				return
			}
			w.Header().Set("Etag", `"`+digest(data)+`"`)
		}, nil, ""},
		"after five hops": {func(w http.ResponseWriter, hop int) {
			w.Header().Set("Location", fmt.Sprint("/hop/", hop))
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, models.ErrNoDigest, "too many redirects"},
		"declared beside a redirect": {func(w http.ResponseWriter, _ int) {
			w.Header().Set("X-Linked-Etag", `"`+digest(data)+`"`)
			w.Header().Set("X-Repo-Commit", commit)
			w.Header().Set("Location", elsewhere)
			w.WriteHeader(http.StatusFound)
		}, nil, ""},
		"another host first": {func(w http.ResponseWriter, _ int) {
			w.Header().Set("Location", elsewhere)
			w.WriteHeader(http.StatusFound)
		}, models.ErrNoDigest, "another host"},
		"nothing declared": {func(http.ResponseWriter, int) {}, models.ErrNoDigest, ""},
		"no digest at all": {func(w http.ResponseWriter, _ int) { w.Header().Set("Etag", `"some-tag"`) }, models.ErrNoDigest, ""},
		"not there":        {func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusNotFound) }, nil, "404 Not Found"},
		"not allowed":      {func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusUnauthorized) }, nil, "set HF_TOKEN"},
		"forbidden":        {func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusForbidden) }, nil, "set HF_TOKEN"},
		"another length": {func(w http.ResponseWriter, _ int) {
			w.Header().Set("Etag", `"`+digest(data)+`"`)
			w.Header().Set("X-Linked-Size", "999")
		}, models.ErrSize, "999 bytes, expected 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			hop := 0
			host := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodHead {
					c.answer(w, hop)
					hop++
					return
				}
				if name == "declared beside a redirect" && !strings.Contains(r.URL.Path, "/resolve/"+commit+"/") {
					t.Errorf("fetched from %s, not from the commit that was declared", r.URL.Path)
				}
				_, _ = w.Write(data)
			}))
			yaml := strings.Replace(entry("m", "m.bin", nil, false, "huggingface: {repo: o/r, revision: main, path: m.bin}"), "path: m.bin\n", "path: m.bin\n        size: 1000\n", 1)
			s := store(t, yaml, models.Options{HuggingFace: host})
			_, err := s.Pull(t.Context(), "m")
			var status *models.StatusError
			switch {
			case c.want == nil && c.text == "":
				lock, lerr := s.Lock("m")
				if err != nil || lerr != nil || lock.Files[0].Origin != models.OriginHost || lock.Files[0].Declared != "sha256:"+digest(data) {
					t.Fatalf("%v; lock %+v, %v", err, lock, lerr)
				}
				if name == "declared beside a redirect" != (lock.Files[0].Revision == commit) {
					t.Errorf("revision %q", lock.Files[0].Revision)
				}
			case c.want != nil && !errors.Is(err, c.want), c.want == nil && !errors.As(err, &status), !strings.Contains(fmt.Sprint(err), c.text):
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestAnswersToAContinuedDownload: whatever a host says about ranges, the file is right in the end
// or the error says why.
func TestAnswersToAContinuedDownload(t *testing.T) {
	data := bytesOf(81, 300_000)
	whole := func(w http.ResponseWriter) { _, _ = w.Write(data) }
	part := func(w http.ResponseWriter, from int, span string) {
		w.Header().Set("Content-Range", span)
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(data[from:])
	}
	for name, answer := range map[string]func(w http.ResponseWriter, from int){
		"the rest":          func(w http.ResponseWriter, from int) { part(w, from, fmt.Sprintf("bytes %d-299999/300000", from)) },
		"of unknown length": func(w http.ResponseWriter, from int) { part(w, from, fmt.Sprintf("bytes %d-299999/*", from)) },
		"from elsewhere":    func(w http.ResponseWriter, from int) { part(w, from-1, fmt.Sprintf("bytes %d-299999/300000", from-1)) },
		"without a span":    func(w http.ResponseWriter, from int) { part(w, from, "") },
		"half a span":       func(w http.ResponseWriter, from int) { part(w, from, fmt.Sprintf("bytes %d/300000", from)) },
		"no number":         func(w http.ResponseWriter, from int) { part(w, from, "bytes x-299999/300000") },
		"below nothing":     func(w http.ResponseWriter, from int) { part(w, from, "bytes -5-299999/300000") },
		"of less than that": func(w http.ResponseWriter, from int) { part(w, from, fmt.Sprintf("bytes %d-299999/%d", from, from-1)) },
		"of no number":      func(w http.ResponseWriter, from int) { part(w, from, fmt.Sprintf("bytes %d-299999/x", from)) },
		"not satisfiable":   func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusRequestedRangeNotSatisfiable) },
		"from its start":    func(w http.ResponseWriter, _ int) { whole(w) },
	} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			host := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				requests++
				w.Header().Set("Etag", `"a-tag"`)
				if requests == 1 { // breaks off
					w.Header().Set("Content-Length", "300000")
					_, _ = w.Write(data[:100_000])
					panic(http.ErrAbortHandler)
				}
				text := r.Header.Get("Range")
				if text == "" {
					whole(w)
					return
				}
				from, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(text, "bytes="), "-"))
				if err != nil || from == 0 || from > 100_000 || r.Header.Get("If-Range") != `"a-tag"` {
					t.Errorf("asked for %q if %q", text, r.Header.Get("If-Range"))
				}
				answer(w, from)
			}))
			s := store(t, entry("m", "m.bin", data, true, "url: "+host+"/m.bin"), models.Options{})
			if _, err := s.Pull(t.Context(), "m"); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(mustRead(t, filepath.Join(s.Root(), "m", "m.bin")), data) {
				t.Error("other bytes")
			}
			want := 3 // what cannot be continued begins again
			if name == "the rest" || name == "of unknown length" || name == "from its start" {
				want = 2
			}
			if requests != want {
				t.Errorf("%d requests, want %d", requests, want)
			}
		})
	}
}

// TestAWeakTagIsNoProof: it says that two texts mean the same, not that their bytes are equal.
func TestAWeakTagIsNoProof(t *testing.T) {
	data := bytesOf(82, 300_000)
	host := &files{data: map[string][]byte{"/m.bin": data}, breakAfter: []int{100_000}}
	host.header = func(string) http.Header { return http.Header{"Etag": {`W/"a-tag"`}} }
	inner := host
	addr := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-Range") != "" {
			t.Errorf("If-Range: %s", r.Header.Get("If-Range"))
		}
		inner.ServeHTTP(w, r)
	}))
	s := store(t, entry("m", "m.bin", data, true, "url: "+addr+"/m.bin"), models.Options{})
	if _, err := s.Pull(t.Context(), "m"); err != nil || len(host.log()) != 2 {
		t.Fatalf("%v after %v", err, host.log())
	}
}

// TestTransfersThatAlwaysBreak are given up, and what came is continued by the next pull.
func TestTransfersThatAlwaysBreak(t *testing.T) {
	data := bytesOf(83, 900_000)
	host := &files{data: map[string][]byte{"/m.bin": data}}
	for range 20 {
		host.breakAfter = append(host.breakAfter, 50_000)
	}
	srv := serve(t, host)
	s := store(t, entry("m", "m.bin", data, true, "url: "+srv.URL+"/m.bin"), models.Options{})
	if _, err := s.Pull(t.Context(), "m"); err == nil || !strings.Contains(err.Error(), "broke off 6 times") {
		t.Fatalf("got %v", err)
	}
	if n := len(host.log()); n != 6 {
		t.Errorf("%d requests", n)
	}
	host.mu.Lock()
	host.breakAfter = nil
	host.mu.Unlock()
	if _, err := s.Pull(t.Context(), "m"); err != nil || !strings.Contains(host.log()[6], "bytes=") {
		t.Errorf("%v after %v", err, host.log())
	}
}

// TestBodiesThatAreTooLong send on and on: nothing beyond the size is written.
func TestBodiesThatAreTooLong(t *testing.T) {
	data := bytesOf(84, 100_000)
	host := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush() // no length is told
		for range 100 {
			if _, err := w.Write(data); err != nil {
				return
			}
		}
	}))
	s := store(t, entry("m", "m.bin", data, true, "url: "+host+"/m.bin"), models.Options{})
	if _, err := s.Pull(t.Context(), "m"); !errors.Is(err, models.ErrSize) {
		t.Errorf("got %v", err)
	}
}

// TestABodyOfUnknownLength is taken as it comes: its digest says whether it is whole.
func TestABodyOfUnknownLength(t *testing.T) {
	data := bytesOf(85, 100_000)
	for name, n := range map[string]int{"whole": len(data), "cut": len(data) - 1} {
		host := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush() // no length is told
			_, _ = w.Write(data[:n])
		}))
		yaml := strings.Replace(entry("m", "m.bin", data, true, "url: "+host+"/m.bin"), "        size: 100000\n", "", 1)
		s := store(t, yaml, models.Options{})
		_, err := s.Pull(t.Context(), "m")
		if name == "whole" && (err != nil || !s.Installed("m")) || name == "cut" && !errors.Is(err, models.ErrDigest) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPartsThatCannotBeMade: whatever the source is, the error is that of the disk.
func TestPartsThatCannotBeMade(t *testing.T) {
	data := bytesOf(86, 1_000)
	local := filepath.Join(t.TempDir(), "m.bin")
	put(t, local, data)
	host := serve(t, &files{data: map[string][]byte{"/m.bin": data}})
	broken := errors.New("no such device")
	for _, source := range []string{"file: " + local, "url: " + host.URL + "/m.bin"} {
		s := store(t, entry("m", "m.bin", data, true, source), models.Options{
			Create: func(string, bool) (io.WriteCloser, error) { return nil, broken },
		})
		if _, err := s.Pull(t.Context(), "m"); !errors.Is(err, broken) || s.Installed("m") {
			t.Errorf("%s: %v", source, err)
		}
	}
}
