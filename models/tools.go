package models

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/internal/childenv"
)

// systemTools runs pip and npm with the user's own configuration, so that a site's registry mirror
// keeps working.
type systemTools struct {
	timeout time.Duration
}

// PyPI implements Tools.
func (t systemTools) PyPI(ctx context.Context, p Package, dir string) (string, error) {
	args := []string{
		"-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input",
		"--disable-pip-version-check", "--progress-bar", "off", "--retries", "1", "--dest", dir,
	}
	if p.Python != "" {
		args = append(args, "--python-version", p.Python, "--implementation", "cp")
		for _, tag := range p.Platforms {
			args = append(args, "--platform", tag)
		}
	}
	args = append(args, "--", p.Name+"=="+p.Version)
	// pip unpacks into the temporary folder first: keep that on the disk that was checked for
	// space.
	return runTool(ctx, dir, []string{"TMPDIR=" + dir}, "python3", args...)
}

// NPM implements Tools.
func (t systemTools) NPM(ctx context.Context, p Package, dir string) (string, error) {
	retry := strconv.FormatInt(min(t.timeout, 2*time.Second).Milliseconds(), 10)
	return runTool(ctx, dir, nil, "npm", "pack", "--ignore-scripts", "--silent", "--loglevel=error", "--no-update-notifier",
		"--fetch-retries=1", "--fetch-retry-mintimeout=200", "--fetch-retry-maxtimeout="+retry,
		"--logs-max=0", "--cache="+filepath.Join(dir, ".cache"), "--pack-destination="+dir, "--", p.Name+"@"+p.Version)
}

// runTool runs a client in dir and returns the end of what it printed. It gets the variables of a
// package client only: none of this program's secrets.
func runTool(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, childenv.Fetcher(os.Environ(), env...)
	cmd.WaitDelay = 5 * time.Second
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// tail keeps the last bytes written to it.
type tail struct{ buf bytes.Buffer }

const tailSize = 4096

// Write implements io.Writer; it never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.buf.Write(p)
	if n := t.buf.Len(); n > 2*tailSize {
		t.buf.Next(n - tailSize)
	}
	return len(p), nil
}

// String returns the kept text.
func (t *tail) String() string { return t.buf.String() }

// runTool fetches one package and returns the path of the archive.
func (s *Store) runTool(ctx context.Context, kind string, p Package, dir string) (string, error) {
	tool := s.opt.Tools.PyPI
	if kind == "npm" {
		tool = s.opt.Tools.NPM
	}
	out, err := tool(ctx, p, dir)
	switch {
	case err == nil:
		return soleArchive(dir)
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		s.net.packagesFailed(kind, err)
		return "", fmt.Errorf("%w: %s", err, toolHint(kind))
	}
	if line := unreachableLine(out); line != "" {
		cause := &ToolError{Tool: kind, Output: line, Err: err}
		s.net.packagesFailed(kind, cause)
		return "", fmt.Errorf("%w: %w", ErrUnreachable, cause)
	}
	return "", diskError(dir, &ToolError{Tool: kind, Output: lastLines(out, 3), Err: err})
}

// ToolError is a package client that failed.
type ToolError struct {
	// Tool is "pypi" or "npm", Output the last lines that the client printed.
	Tool, Output string
	Err          error
}

// Error joins both.
func (e *ToolError) Error() string { return fmt.Sprintf("%s client: %v: %s", e.Tool, e.Err, e.Output) }

// Unwrap returns the exit error.
func (e *ToolError) Unwrap() error { return e.Err }

func toolHint(kind string) string {
	if kind == "npm" {
		return "install npm (Debian: apt-get install npm)"
	}
	return "install Python 3 with pip (Debian: apt-get install python3-pip)"
}

// unreachableLine returns the line of a client's messages that says that its registry cannot be
// connected to, or "": pip and npm tell a dead registry from a missing package only there. It
// decides nothing but whether the same client is asked again.
func unreachableLine(out string) string {
	for _, mark := range []string{
		"Failed to establish a new connection", "ConnectTimeoutError", "NewConnectionError", "name resolution",
		"ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH",
	} {
		if i := strings.Index(out, mark); i >= 0 {
			line, _, _ := strings.Cut(out[i:], "\n")
			return shorten(line, 160)
		}
	}
	return ""
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	lines = lines[max(0, len(lines)-n):]
	for i := range lines {
		lines[i] = shorten(lines[i], 300)
	}
	return strings.Join(lines, " | ")
}

func shorten(line string, limit int) string {
	r := []rune(strings.TrimSpace(line))
	if len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return string(r)
}

// packagesFailed notes that a package client is not to be asked again.
func (n *network) packagesFailed(kind string, err error) {
	n.dead.mu.Lock()
	defer n.dead.mu.Unlock()
	n.dead.failed[kind] = err
}
