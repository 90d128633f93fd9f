package ort_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute/ort"
	"github.com/sensory-agent/sensory-agent/internal/testmodels"
	"github.com/sensory-agent/sensory-agent/onnx"
)

// childLibrary names the library that the child process of TestLibraryIsQuiet opens.
const childLibrary = "ORT_TEST_CHILD_LIBRARY"

// quietTime is how long the child runs a model: a library that reports home (1.31.1 does) writes a
// device id and an event database while it is opened, and asks for its first connection within 20
// s.
const quietTime = 22 * time.Second

// TestLibraryIsQuiet opens the library in a process of its own, whose home, cache, temporary and
// working folders are new and whose proxy is watched: nothing may be asked for, no socket opened
// and no file left, whatever the environment says about telemetry.
func TestLibraryIsQuiet(t *testing.T) {
	t.Parallel()
	library := testmodels.Runtime(t)
	proxy := listen(t)
	home := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0]) // this test program
	child.Dir = home
	child.Env = []string{"ORT_DISABLE_TELEMETRY=0", childLibrary + "=" + library, "HOME=" + home, "XDG_CACHE_HOME=" + filepath.Join(home, "cache"), "TMPDIR=" + home}
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
		child.Env = append(child.Env, name+"="+proxy.address, strings.ToLower(name)+"="+proxy.address)
	}
	var out, messages bytes.Buffer
	child.Stdout, child.Stderr = &out, &messages
	hold, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	end := time.AfterFunc(quietTime, func() { _ = hold.Close() })
	defer end.Stop()
	if err := child.Wait(); err != nil {
		t.Fatalf("the child failed: %v\n%s", err, &messages)
	}
	if !strings.HasPrefix(out.String(), "ran ") {
		t.Fatalf("the child ran nothing: %q", &out)
	}
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "socket") {
			t.Errorf("the process opened a %s", line)
		}
	}
	for _, asked := range proxy.asked() {
		t.Errorf("the process asked for %q", asked)
	}
	left(t, home)
}

// left fails for every file under dir.
func left(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && path != dir {
			t.Errorf("the process left %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// watch is a proxy that refuses everybody and remembers what they asked for.
type watch struct {
	address string

	mu    sync.Mutex
	lines []string
}

// listen starts a proxy on loopback, which ends with the test.
func listen(t *testing.T) *watch {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") // loopback
	if err != nil {
		t.Fatal(err)
	}
	w := &watch{address: "http://" + l.Addr().String()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.refuse(c)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return w
}

// refuse notes the first line of a request and answers that there is no way.
func (w *watch) refuse(c net.Conn) {
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	request := make([]byte, 4096)
	n, _ := c.Read(request)
	first, _, _ := strings.Cut(string(request[:n]), "\r\n")
	w.mu.Lock()
	w.lines = append(w.lines, first)
	w.mu.Unlock()
	_, _ = io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
}

func (w *watch) asked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lines
}

// runChild is the life of the child: it runs a model until its input ends, and prints how often and
// which sockets it saw.
func runChild(library string) (err error) {
	ctx := context.Background()
	rt, err := ort.Open(ort.Config{LibraryPath: library})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rt.Close()) }()
	s, err := rt.Load(ctx, ort.Source{Name: "identity", Bytes: identity(onnx.Float32, 1).encode()}, ort.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	in, err := ort.Float32([]int64{1}, []float32{1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, os.Stdin)
	}()
	sockets := map[string]bool{}
	runs := 0
	for open := true; open; runs++ {
		out := make([]ort.Tensor, 1)
		if err := s.Run(ctx, []ort.Tensor{in}, out); err != nil {
			return err
		}
		if err := out[0].Close(); err != nil {
			return err
		}
		if err := openSockets(sockets); err != nil {
			return err
		}
		select {
		case <-ended:
			open = false
		case <-time.After(10 * time.Millisecond):
		}
	}
	fmt.Println("ran", runs)
	for socket := range sockets {
		fmt.Println(socket)
	}
	return nil
}

// openSockets adds the sockets that this process has open now.
func openSockets(seen map[string]bool) error {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, fd := range open {
		if target, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(target, "socket:") {
			seen[target] = true
		}
	}
	return nil
}
