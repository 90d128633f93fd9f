package testpostgres

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	// patience is how long a server may take to come up or to go down on a machine that is busy.
	patience = 2 * time.Minute
	// nobody is who the server runs as where the tests run as root, which it refuses.
	nobody = 65534
	// overriding is the capability by which nobody reaches folders of root's.
	overriding = 1 // CAP_DAC_OVERRIDE
)

// Server is a running PostgreSQL server. Its methods belong to the test's goroutine.
type Server struct {
	tb   testing.TB
	bin  string
	dir  string // socket, and data below it
	life *exec.Cmd
	done chan struct{} // closed when the process has ended
}

// Programs is the folder of the server's programs; "" where there is none.
func Programs() string {
	places := []string{"/usr/lib/postgresql/*/bin"}
	for dir, err := os.Getwd(); err == nil; dir = filepath.Dir(dir) {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			places = append(places, filepath.Join(dir, "bin/postgresql/usr/lib/postgresql/*/bin"))
			break
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	for _, place := range places {
		if found, _ := filepath.Glob(filepath.Join(place, "initdb")); len(found) > 0 { // the pattern is right
			return filepath.Dir(found[len(found)-1])
		}
	}
	return ""
}

// Start makes a cluster and starts its server, which ends with the test.
func Start(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{tb: tb, bin: Programs()}
	switch {
	case s.bin != "":
	case os.Getenv("CI") != "":
		tb.Fatal("PostgreSQL is not here: scripts/setup postgres")
	default:
		tb.Skip("PostgreSQL is not here: scripts/setup postgres")
	}
	var err error
	if s.dir, err = os.MkdirTemp("", "pg"); err != nil { //nolint:usetesting // a socket lies in it: its path has to be short
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(s.dir); err != nil {
			tb.Error(err)
		}
	})
	if os.Geteuid() == 0 {
		if err := os.Chown(s.dir, nobody, nobody); err != nil {
			tb.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := s.command(ctx, "initdb", "-D", s.data(), "-U", "sensory", "-E", "UTF8", "--locale=C", "--no-sync", "-A", "trust").CombinedOutput()
	if err != nil {
		tb.Fatalf("initdb: %v\n%s", err, out)
	}
	// Who is called guest says a password; all others are believed.
	if err := os.WriteFile(filepath.Join(s.data(), "pg_hba.conf"), []byte("local all guest scram-sha-256\nlocal all all trust\n"), 0o644); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.stop(syscall.SIGQUIT) })
	s.Resume()
	return s
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// command is one of the server's programs, as somebody who is not root.
func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = []string{"PATH=" + s.bin + ":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=" + s.dir}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}, AmbientCaps: []uintptr{overriding}}
	}
	return cmd
}

// Resume starts the server again and waits until it takes connections.
func (s *Server) Resume() {
	s.tb.Helper()
	// What a crash of the machine would lose does not matter here: no sync.
	s.life = s.command(context.Background(), "postgres", "-D", s.data(), "-k", s.dir, "-h", "", "-F", "-c", "jit=off",
		"-c", "shared_buffers=16MB", "-c", "max_connections=60", "-c", "log_min_messages=warning")
	log, err := s.life.StderrPipe()
	if err != nil {
		s.tb.Fatal(err)
	}
	if s.life.SysProcAttr == nil {
		s.life.SysProcAttr = &syscall.SysProcAttr{}
	}
	s.life.SysProcAttr.Pdeathsig = syscall.SIGQUIT // a test program that is killed leaves no server behind
	started := make(chan error, 1)
	ready, done := make(chan struct{}), make(chan struct{})
	var said strings.Builder // read after done
	go func() {
		defer close(done)
		runtime.LockOSThread() // the signal comes when the thread that started the server ends
		defer runtime.UnlockOSThread()
		err := s.life.Start()
		if started <- err; err != nil {
			return
		}
		lines := bufio.NewScanner(log)
		for up := false; lines.Scan(); {
			if !up && strings.Contains(lines.Text(), "ready to accept connections") {
				up = true
				close(ready)
			}
			if !up {
				said.WriteString(lines.Text() + "\n")
			}
		}
		_ = s.life.Wait() // how it ended is what the signal made of it
	}()
	if err := <-started; err != nil {
		s.tb.Fatal(err)
	}
	s.done = done
	select {
	case <-ready:
	case <-done:
		s.tb.Fatalf("the server did not come up:\n%s", said.String())
	case <-time.After(patience):
		s.tb.Fatal("the server did not come up in time")
	}
}

// Stop ends the server as an operator does who does not wait for clients: it rolls back what they
// do.
func (s *Server) Stop() { s.stop(syscall.SIGINT) }

// Crash ends it as a machine that loses its power does.
func (s *Server) Crash() { s.stop(syscall.SIGQUIT) }

func (s *Server) stop(sig syscall.Signal) {
	if s.done == nil {
		return
	}
	_ = s.life.Process.Signal(sig) // it may have ended
	select {
	case <-s.done:
	case <-time.After(patience):
		s.tb.Error("the server did not go down in time")
		_ = s.life.Process.Kill()
		<-s.done
	}
	s.done = nil
}

// Address is that of its database, without a schema.
func (s *Server) Address() string {
	return fmt.Sprintf("postgres://sensory@/postgres?%s", url.Values{"host": {s.dir}, "port": {"5432"}}.Encode())
}

// Place makes a schema and returns its address.
func (s *Server) Place(tb testing.TB) string {
	tb.Helper()
	return Schema(tb, s.Address())
}
