package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/bench/engine"
)

// asProgram makes this test binary the program itself, so that tests have it as a process: with
// signals, pipes and an exit code.
const asProgram = "SENSORY_AGENT_TEST_PROGRAM"

func TestMain(m *testing.M) {
	switch os.Getenv(asProgram) {
	case "":
		if signal.Ignored(syscall.SIGHUP) { // under nohup the programs that tests start would not see it either
			signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
		}
		os.Exit(m.Run())
	case "engine-bench":
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		code := engine.Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	main()
}

// programRun is the program at work.
type programRun struct {
	t      *testing.T
	cmd    *exec.Cmd
	stderr lockedBuffer
	out    io.ReadCloser // standard output, unless somebody else reads it
	lines  *bufio.Scanner
	ended  chan struct{}
}

// lockedBuffer may be read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// programLimit is how long a process of a test may live, whatever the machine is doing.
const programLimit = 10 * time.Minute

// startProgram runs the program with a pipe as its standard output. env is put over the test's
// environment.
func startProgram(t *testing.T, env []string, args ...string) *programRun {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return startWith(t, r, w, env, args...)
}

// startFull runs the program with a standard output that is full already and that nobody reads: the
// first write to it blocks.
func startFull(t *testing.T, env []string, args ...string) *programRun {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 1<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("the pipe takes more than a megabyte: %v", err)
	}
	return startWith(t, r, w, env, args...)
}

func startWith(t *testing.T, r, w *os.File, env []string, args ...string) *programRun {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), programLimit)
	t.Cleanup(cancel)
	p := &programRun{t: t, cmd: exec.CommandContext(ctx, os.Args[0], args...), ended: make(chan struct{})}
	p.cmd.Env = slices.Concat(os.Environ(), []string{asProgram + "=1"}, env)
	p.cmd.Stderr = &p.stderr
	p.out, p.cmd.Stdout = r, w
	p.lines = bufio.NewScanner(r)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil { // the program has its own end
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // the code is looked at, not the error
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it has mostly ended by itself
		<-p.ended
		_ = r.Close()
	})
	return p
}

// event reads lines of JSON until one is the event, and returns it.
func (p *programRun) event(name string) line {
	p.t.Helper()
	for p.lines.Scan() {
		var l line
		if err := json.Unmarshal(p.lines.Bytes(), &l); err != nil {
			p.t.Fatalf("no line of JSON: %q", p.lines.Text())
		}
		if l.Event == name {
			return l
		}
	}
	p.t.Fatalf("ended without %q: %v\n%s", name, p.lines.Err(), p.stderr.String())
	return line{}
}

// drain reads standard output to its end in the background.
func (p *programRun) drain() { go func() { _, _ = io.Copy(io.Discard, p.out) }() }

func (p *programRun) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Fatal(err)
	}
}

// wait returns the exit code, or -1 and the number of the signal that ended the process.
func (p *programRun) wait() int {
	p.t.Helper()
	<-p.ended
	return p.cmd.ProcessState.ExitCode()
}

// lastLine is what an operator looks at first.
func (p *programRun) lastLine() string {
	lines := strings.Split(strings.TrimSpace(p.stderr.String()), "\n")
	return lines[len(lines)-1]
}

const syscallSIGTERM = syscall.SIGTERM

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
