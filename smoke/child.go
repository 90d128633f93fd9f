package smoke

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/childenv"
)

const stopLimit = 15 * time.Second // a child that does not end after SIGTERM is killed

// report is one line that a command prints with --json.
type report struct {
	At     time.Time `json:"at"`
	Event  string    `json:"event"`
	Who    string    `json:"who"`
	Text   string    `json:"text"`
	Final  bool      `json:"final"`
	Detail string    `json:"detail"`
	Error  string    `json:"error"`
}

// child is a running command of the program.
type child struct {
	cmd     *exec.Cmd
	reports chan report   // closed when the command has ended
	ended   chan struct{} // closed after err is set
	err     error
	stderr  lastLines
}

// spawn starts the program with arguments. The credentials that it joins with, NAME=VALUE, are in
// its environment, where other users of the machine cannot see them, and no credential else. It is
// ended by stop, or killed when ctx ends.
func spawn(ctx context.Context, binary string, credentials []string, args ...string) (*child, error) {
	c := &child{reports: make(chan report, 256), ended: make(chan struct{})}
	c.cmd = exec.CommandContext(ctx, binary, args...)
	c.cmd.Env = childenv.Own(os.Environ(), credentials...)
	c.cmd.WaitDelay = stopLimit
	c.cmd.Stderr = &c.stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(c.ended)
		defer close(c.reports)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var r report
			if json.Unmarshal(lines.Bytes(), &r) == nil {
				c.reports <- r
			}
		}
		c.err = c.cmd.Wait()
	}()
	return c, nil
}

// drain throws reports away until the command ends: nobody is left to read them.
func (c *child) drain() {
	for range c.reports { // the loop is the work
	}
}

// stop asks the command to end and waits for it.
func (c *child) stop() error {
	go c.drain()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err == nil {
		select {
		case <-c.ended:
		case <-time.After(stopLimit):
			if err := c.cmd.Process.Kill(); err != nil {
				return fmt.Errorf("kill %s: %w", c.cmd.Path, err)
			}
		}
	}
	<-c.ended
	return c.err
}

// problem describes how the command ended.
func (c *child) problem() string {
	text := c.stderr.problem()
	if text == "" && c.err != nil {
		text = c.err.Error()
	}
	return text
}

// output runs a command to its end and returns what it printed.
func output(ctx context.Context, binary string, args ...string) (stdout []byte, problem string, err error) {
	var out bytes.Buffer
	var last lastLines
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = childenv.Own(os.Environ())
	cmd.Stdout, cmd.Stderr = &out, &last
	err = cmd.Run()
	return out.Bytes(), last.problem(), err
}

func exited(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit)
}

// lastLines keeps the end of what is written to it.
type lastLines struct {
	mu  sync.Mutex
	buf []byte
}

const keepBytes = 8192

// Write implements io.Writer.
func (l *lastLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf = append(l.buf, p...)
	if n := len(l.buf) - keepBytes; n > 0 {
		l.buf = l.buf[n:]
	}
	return len(p), nil
}

// problem is what a command said last of all: from its line "error: " on, else the last line.
func (l *lastLines) problem() string {
	text := l.String()
	const mark = "error: "
	if i := strings.LastIndex("\n"+text, "\n"+mark); i >= 0 {
		return text[i+len(mark):]
	}
	return text[strings.LastIndexByte(text, '\n')+1:]
}

func (l *lastLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(string(l.buf))
}
