package store_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sensory-agent/sensory-agent/store"
)

// roomFor tells the test program to be the process that has a small disk of its own, or one that
// cannot be written.
const roomFor = "STORE_TEST_ROOM_FOR"

// onDiskOfItsOwn runs this test again in a mount namespace of its own, where inside may mount what
// it likes at the folder that it is given. It skips where the system does not allow that.
func onDiskOfItsOwn(t *testing.T, inside func(t *testing.T, dir string)) {
	t.Helper()
	if dir := os.Getenv(roomFor); dir != "" {
		inside(t, dir)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), roomFor+"="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &ended), strings.Contains(string(out), cannotMount):
		t.Skipf("this system allows no mounts to tests: %v %s", err, out)
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	}
}

const cannotMount = "cannot mount"

func mount(t *testing.T, dir, options string, flags uintptr) {
	t.Helper()
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Fatalf("%s: %v", cannotMount, err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, options); err != nil {
		t.Fatalf("%s: %v", cannotMount, err)
	}
}

func TestAFullDiskIsCalledFullFromTheStart(t *testing.T) {
	onDiskOfItsOwn(t, func(t *testing.T, dir string) {
		mount(t, dir, "size=256k", 0)
		path := filepath.Join(dir, "transcripts.db")
		db, err := store.Open(t.Context(), path) // in a store that is there, the index of the journal comes first
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		garbage := filepath.Join(dir, "garbage.db")
		if err := os.WriteFile(garbage, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
			t.Fatal(err)
		}
		fill, err := os.Create(filepath.Join(dir, "fill"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(fill, zeroes{}) // ends when the disk is full
		if err := fill.Close(); err != nil {
			t.Fatal(err)
		}
		db, err = store.Open(t.Context(), path)
		if err == nil {
			_ = db.Close()
		}
		if !errors.Is(err, store.ErrFull) {
			t.Errorf("Open on a full disk: %v, want ErrFull", err)
		}
		// What is wrong for another reason is not called full there.
		check(t, "OpenReader", garbage, store.ErrForeign, func() (*store.DB, error) { return store.OpenReader(t.Context(), garbage) })
		if err := os.Truncate(fill.Name(), 0); err != nil {
			t.Fatal(err)
		}
		if db, err = store.Open(t.Context(), path); err != nil {
			t.Fatalf("with room again: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { return len(p), nil }

func TestAStoreThatCannotBeWrittenIsRead(t *testing.T) {
	onDiskOfItsOwn(t, func(t *testing.T, dir string) {
		mount(t, dir, "size=8m", 0)
		whole, open := filepath.Join(dir, "whole.db"), filepath.Join(dir, "open.db")
		for _, path := range []string{whole, open} {
			db, err := store.Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Append(t.Context(), lines(0, 3), nil); err != nil {
				t.Fatal(err)
			}
			if path == open {
				defer func() { _ = db.Close() }() // its journal is there when the disk is made read-only
				continue
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		// Writers hold files open, so a plain remount is refused: what is bound over it is not.
		if err := syscall.Mount(dir, dir, "", syscall.MS_BIND, ""); err != nil {
			t.Fatalf("%s: %v", cannotMount, err)
		}
		if err := syscall.Mount("", dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
			t.Fatalf("%s: %v", cannotMount, err)
		}
		db, err := store.OpenReader(t.Context(), whole)
		if err != nil {
			t.Fatal(err)
		}
		if got := list(t, db, store.Query{}); len(got) != 3 || got[2].Text != "sentence 2" {
			t.Errorf("read %+v", got)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if db, err = store.OpenReader(t.Context(), open); !errors.Is(err, store.ErrJournal) {
			t.Errorf("a journal was left out without a word: %v", err)
			_ = db.Close()
		}
		if _, err := store.Open(t.Context(), whole); !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("Open: %v", err)
		}
	})
}

// TestAnOldStoreIsMadePrivate with the files of its journal, whichever of them are there and
// exposed.
func TestAnOldStoreIsMadePrivate(t *testing.T) {
	for _, modes := range []map[string]os.FileMode{
		{"": 0o666, "-wal": 0o644}, {"": 0o600, "-wal": 0o640, "-shm": 0o604}, {"": 0o601, "-shm": 0o601},
	} {
		path := filepath.Join(t.TempDir(), "transcripts.db")
		db, err := store.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		for suffix, mode := range modes {
			f, err := os.OpenFile(path+suffix, os.O_CREATE|os.O_RDWR, 0o600)
			if err = errors.Join(err, f.Close(), os.Chmod(path+suffix, mode)); err != nil {
				t.Fatal(err)
			}
		}
		if db, err = store.Open(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		for suffix := range modes {
			if info, err := os.Stat(path + suffix); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%v: %s is %v, %v", modes, suffix, info.Mode(), err)
			}
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
