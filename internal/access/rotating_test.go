package access_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/access"
)

// TestASecretThatChanges: in place, by a new file in its place, back in time, and to nothing.
func TestASecretThatChanges(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "token")
	put := func(path, text string, at time.Time) {
		t.Helper()
		if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	r, old := access.NewRotating("listen-token-file", path), time.Now().Add(-time.Hour)
	is := func(what, want string) {
		t.Helper()
		for range 2 { // what is kept, too
			if got, err := r.Now(); err != nil || got != want {
				t.Errorf("%s: %q, %v", what, got, err)
			}
		}
	}
	fails := func(what, says string) {
		t.Helper()
		got, err := r.Now()
		var typed *access.Error
		if got != "" || !errors.As(err, &typed) || typed.Flag != "listen-token-file" || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
	fails("before there is one", "no such file")
	put(path, "hunter1\n", old)
	is("the first", "hunter1")
	put(path, "hunter2\n", old.Add(time.Second))
	is("in place, of the same length", "hunter2")
	put(path, "hunter3\n", time.Now())
	is("just now", "hunter3")
	put(path, "hunter4\n", time.Now()) // within a tick of the file system's clock, maybe
	is("again", "hunter4")
	next := filepath.Join(dir, "next")
	put(next, "hunter5\n", old)
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
	is("another file, as old as the first", "hunter5")
	put(path, "\n", old)
	fails("emptied", "is empty")
	fails("still empty", "is empty")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	fails("taken away", "no such file")
	put(path, "hunter5\n", old)
	is("back again", "hunter5")
}
