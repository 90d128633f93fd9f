package models_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/models"
)

// threeFiles is a model of three files that all come from one kind of source.
func threeFiles(data []byte, source string) string {
	yaml := "  - id: m\n    name: test\n    kind: component\n    licence: MIT\n    sources: [" + source + "]\n    files:\n"
	for i := range 3 {
		yaml += fmt.Sprintf("      - {path: f%d.bin, size: %d, sha256: %s}\n", i, len(data), digest(data))
	}
	return yaml
}

// TestADeadSourceIsAskedOnce whatever kind it is of: what comes after it is told that it was not
// asked.
func TestADeadSourceIsAskedOnce(t *testing.T) {
	data, dead := bytesOf(110, 100), closedPort(t)
	onward := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, dead+"/x", http.StatusFound)
	}))
	for name, source := range map[string]string{
		"url":         "{url: '" + dead + "/{path}'}",
		"huggingface": "{huggingface: {repo: o/r, revision: main, path: '{path}'}}",
		"pypi":        "{pypi: {name: p, version: 1.0.0, member: 'package/{path}'}}",
		"npm":         "{npm: {name: p, version: 1.0.0, member: 'package/{path}'}}",
		"redirect":    "{url: '" + onward + "/{path}'}", // its own host lives
	} {
		t.Run(name, func(t *testing.T) {
			asked, tools := 0, &packages{fail: func(string) (string, error) { return "ConnectTimeoutError: x", errors.New("exit 1") }}
			s := store(t, threeFiles(data, source), models.Options{
				Parallel: 1, HuggingFace: dead, Tools: tools,
				Progress: func(e models.Event) {
					if e.Phase == models.PhaseSource {
						asked++
					}
				},
			})
			_, err := s.Pull(t.Context(), "m")
			var bad *models.ModelError
			if !errors.As(err, &bad) || len(bad.Files) != 3 {
				t.Fatalf("got %v", err)
			}
			for i, err := range bad.Files {
				var pull *models.PullError
				if !errors.Is(err, models.ErrUnreachable) || errors.Is(err, models.ErrSkipped) != (i > 0) || !errors.As(err, &pull) || len(pull.Attempts) != 1 {
					t.Errorf("file %d: %v", i, err)
				}
				if strings.Contains(err.Error(), "Get \"") {
					t.Errorf("the address is told twice: %v", err)
				}
			}
			if want := 1 + 2*strings.Count(name, "redirect"); asked != want || len(tools.calls) > 1 {
				t.Errorf("asked %d times, want %d; clients %v", asked, want, tools.calls)
			}
		})
	}
}

// TestADeadSourceIsPassedOver: what comes after it is tried for every file.
func TestADeadSourceIsPassedOver(t *testing.T) {
	data := bytesOf(119, 100)
	host := &files{data: map[string][]byte{"/f0.bin": data, "/f1.bin": data, "/f2.bin": data}}
	srv := serve(t, host)
	s := store(t, threeFiles(data, "{url: '"+closedPort(t)+"/{path}'}, {url: '"+srv.URL+"/{path}'}"), models.Options{Parallel: 1})
	if res, err := s.Pull(t.Context(), "m"); err != nil || res[0].Fetched != 3 {
		t.Errorf("%+v, %v", res, err)
	}
}

// TestWhatCountsAsDead: a host that cannot be reached, not one that answers badly.
func TestWhatCountsAsDead(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&net.OpError{Op: "dial", Err: errors.New("x")}, true},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Name: "nobody"}}, true},
		{&net.OpError{Op: "proxyconnect", Err: errors.New("x")}, true},
		{&net.OpError{Op: "read", Err: errors.New("connection reset")}, false},
		{&url.Error{Op: "Get", Err: os.ErrDeadlineExceeded}, true},
		{io.ErrUnexpectedEOF, false},
	} {
		if got := models.ConnectFailure(fmt.Errorf("wrapped: %w", c.err)); got != c.want {
			t.Errorf("%v: %v", c.err, got)
		}
	}
	var asked atomic.Int64 // a request that was hung up on is sent again, on another connection
	host := serveHandler(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked.Add(1)
		panic(http.ErrAbortHandler)
	}))
	data := bytesOf(111, 100)
	s := store(t, threeFiles(data, "{url: '"+host+"/{path}'}"), models.Options{Parallel: 1})
	if _, err := s.Pull(t.Context(), "m"); err == nil || errors.Is(err, models.ErrUnreachable) || asked.Load() < 3 {
		t.Errorf("a host that hangs up was asked %d times: %v", asked.Load(), err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }() // its queue takes the connection, nobody answers
	s = store(t, entry("m", "m.bin", data, true, "url: https://"+silent.Addr().String()+"/m.bin"), models.Options{ConnectTimeout: 20 * time.Millisecond})
	if _, err := s.Pull(t.Context(), "m"); !errors.Is(err, models.ErrUnreachable) {
		t.Errorf("a host that never greets: %v", err)
	}
}

// TestRequestsSayWhoAsks, ask for the bytes as they are, and write every name so that it arrives.
func TestRequestsSayWhoAsks(t *testing.T) {
	data := bytesOf(112, 1_000)
	const path = "/a b/r#1/resolve/v?1/we%20ird.bin"
	asked := map[string]int{}
	host := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.Method]++
		if r.URL.Path != path || r.URL.RawQuery != "" {
			t.Errorf("asked for %q with query %q", r.URL.Path, r.URL.RawQuery)
		}
		want := http.Header{"User-Agent": {"sensory-agent"}, "Accept-Encoding": {"identity"}, "Authorization": {"Bearer t0k"}}
		if diff := cmp.Diff(want, r.Header); diff != "" {
			t.Error(diff)
		}
		w.Header().Set("Etag", `"`+digest(data)+`"`)
		_, _ = w.Write(data)
	}))
	t.Setenv("HF_ENDPOINT", host+"//") // the default, and a slash too many is no fault
	t.Setenv("HF_TOKEN", "t0k")
	s := store(t, entry("m", "m.bin", nil, false, "huggingface: {repo: a b/r#1, revision: v?1, path: we%20ird.bin}"), models.Options{})
	if _, err := s.Pull(t.Context(), "m"); err != nil || asked["HEAD"] != 1 || asked["GET"] != 1 {
		t.Fatalf("%v after %v", err, asked)
	}
}

// TestWhatAHostDeclares is taken where it makes sense, and left alone where it does not.
func TestWhatAHostDeclares(t *testing.T) {
	data := bytesOf(113, 1_000)
	commit := strings.Repeat("ab", 20)
	for name, c := range map[string]struct {
		head      func(h http.Header)
		code      int
		length    string // of the head's answer
		file      string // the file's size in the catalog
		want      error
		revision  string
		requested string
	}{
		"only a digest beside a redirect": {head: func(h http.Header) { h.Set("X-Linked-Etag", digest(data)) }, code: 302, requested: "main"},
		"only a commit beside a redirect": {
			head: func(h http.Header) { h.Set("X-Repo-Commit", commit); h.Set("Etag", digest(data)) }, code: 302, revision: commit, requested: commit,
		},
		"a commit that is none": {
			head: func(h http.Header) { h.Set("X-Repo-Commit", "main"); h.Set("Etag", digest(data)) }, code: 200, requested: "main",
		},
		"the length of a redirect's own text": {
			head: func(h http.Header) { h.Set("X-Linked-Etag", digest(data)); h.Set("Content-Length", "5") }, code: 302, requested: "main",
		},
		"a length that is none": {
			head: func(h http.Header) { h.Set("Etag", digest(data)); h.Set("X-Linked-Size", "many") }, code: 200, requested: "main",
		},
		"a length of nothing": {
			head: func(h http.Header) { h.Set("Etag", digest(data)); h.Set("X-Linked-Size", "0") }, code: 200, requested: "main",
		},
		"the length of the answer": {
			head: func(h http.Header) { h.Set("Etag", digest(data)); h.Set("Content-Length", "1000") }, code: 200, file: "999", want: models.ErrSize,
		},
		"a digest in capitals": {head: func(h http.Header) { h.Set("Etag", strings.ToUpper(digest(data))) }, code: 200, want: models.ErrNoDigest},
	} {
		t.Run(name, func(t *testing.T) {
			host := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodHead {
					c.head(w.Header())
					if c.code == 302 {
						w.Header().Set("Location", "/elsewhere")
					}
					w.WriteHeader(c.code)
					return
				}
				if r.URL.Path != "/o/r/resolve/"+c.requested+"/m.bin" {
					t.Errorf("fetched %s", r.URL.Path)
				}
				_, _ = w.Write(data)
			}))
			yaml := entry("m", "m.bin", nil, false, "huggingface: {repo: o/r, revision: main, path: m.bin}")
			if c.file != "" {
				yaml = strings.Replace(yaml, "path: m.bin\n", "path: m.bin\n        size: "+c.file+"\n", 1)
			}
			s := store(t, yaml, models.Options{HuggingFace: host})
			_, err := s.Pull(t.Context(), "m")
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if lock, lerr := s.Lock("m"); err == nil && (lerr != nil || lock.Files[0].Revision != c.revision) {
				t.Errorf("%+v, %v", lock, lerr)
			}
		})
	}
}

// TestAPartOfAnotherSource is not continued: its bytes are of another file. One that is whole is
// not fetched again.
func TestAPartOfAnotherSource(t *testing.T) {
	data, other := bytesOf(114, 600_000), bytesOf(115, 600_000)
	broken := &files{data: map[string][]byte{"/m.bin": other}, breakAfter: []int{300_000, 0, 0, 0, 0, 0, 0}}
	sound := &files{data: map[string][]byte{"/m.bin": data}}
	b, g := serve(t, broken), serve(t, sound)
	s := store(t, entry("m", "m.bin", data, true, "url: "+b.URL+"/m.bin", "url: "+g.URL+"/m.bin"), models.Options{})
	if _, err := s.Pull(t.Context(), "m"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"GET /m.bin"}, sound.log()); diff != "" {
		t.Error(diff)
	}
}

// TestAPartThatIsWhole was cut off between its last byte and its digest: the digest decides, not
// the host.
func TestAPartThatIsWhole(t *testing.T) {
	data := bytesOf(116, 600_000)
	for name, c := range map[string]struct {
		last     byte // of what is on the disk
		requests int
	}{"right": {data[len(data)-1], 0}, "wrong": {data[len(data)-1] ^ 1, 1}} {
		t.Run(name, func(t *testing.T) {
			host := &files{data: map[string][]byte{"/m.bin": data}, breakAfter: []int{400_000, 0}}
			srv := serve(t, host)
			var done []int64
			s := store(t, entry("m", "m.bin", data, true, "url: "+srv.URL+"/m.bin"), models.Options{Progress: func(e models.Event) {
				if e.Phase == models.PhaseBytes {
					done = append(done, e.Done)
				}
			}})
			if _, err := s.Pull(t.Context(), "m"); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("got %v", err)
			}
			put(t, filepath.Join(s.Root(), ".partial", "m", "parts", "m.bin.part"), append(bytes.Clone(data[:len(data)-1]), c.last))
			before := len(host.log())
			done = nil
			if _, err := s.Pull(t.Context(), "m"); err != nil {
				t.Fatal(err)
			}
			if n := len(host.log()) - before; n != c.requests || done[0] != int64(len(data)) {
				t.Errorf("%d requests, want %d; told %v", n, c.requests, done)
			}
			if !bytes.Equal(mustRead(t, filepath.Join(s.Root(), "m", "m.bin")), data) {
				t.Error("other bytes")
			}
		})
	}
}

// TestSourcesOfThisMachine that are no files are named; one that is right is a copy, whatever was
// left of an earlier one.
func TestSourcesOfThisMachine(t *testing.T) {
	data, dir := bytesOf(117, 1_000), t.TempDir()
	put(t, filepath.Join(dir, "short"), data[:999])
	put(t, filepath.Join(dir, "right"), data)
	for name, want := range map[string]string{
		"nowhere": "no such file", ".": "is not a regular file", "short": "999 bytes, expected 1000", "right": "",
	} {
		s := store(t, entry("m", "m.bin", data, true, "file: "+filepath.Join(dir, name)), models.Options{})
		put(t, filepath.Join(s.Root(), ".partial", "m", "parts", "m.bin.part"), bytesOf(118, 10))
		_, err := s.Pull(t.Context(), "m")
		if (err == nil) != (want == "") || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && !bytes.Equal(mustRead(t, filepath.Join(s.Root(), "m", "m.bin")), data) {
			t.Errorf("%s: other bytes", name)
		}
	}
}
