package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// verdict on one change.
type verdict string

const (
	killed   verdict = "killed"
	survived verdict = "SURVIVED"
	unbuilt  verdict = "unbuilt" // the change does not compile: it says nothing
)

// pkg is what go list says of a package.
type pkg struct {
	ImportPath, Dir   string
	GoFiles, CgoFiles []string
}

// runner runs the tests of packages with one file replaced.
type runner struct {
	root  string // of the module
	limit time.Duration
	args  []string // more arguments of go test
	temp  string
}

func (r *runner) list(ctx context.Context, patterns []string) ([]pkg, error) {
	out, err := r.command(ctx, append([]string{"list", "-json=ImportPath,Dir,GoFiles,CgoFiles"}, patterns...))
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, out)
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		all = append(all, p)
	}
	return all, nil
}

// changes finds what can be changed in a package, leaving generated files out.
func (p pkg) changes() ([]change, error) {
	var all []change
	for _, name := range append(append([]string(nil), p.GoFiles...), p.CgoFiles...) {
		path := filepath.Join(p.Dir, name)
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if bytes.Contains(source, []byte("DO NOT EDIT.")) {
			continue
		}
		some, err := find(path, source)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// baseline is an error when the tests fail, or do not end, with nothing changed.
func (r *runner) baseline(ctx context.Context, p pkg) error {
	if out, err := r.test(ctx, p, ""); err != nil {
		return fmt.Errorf("%s: its tests fail with nothing changed: %w\n%s", p.ImportPath, err, tail(out))
	}
	return nil
}

// judge runs a package's tests with one change made.
func (r *runner) judge(ctx context.Context, p pkg, c change) (verdict, error) {
	source, err := os.ReadFile(c.File)
	if err != nil {
		return "", err
	}
	changed := filepath.Join(r.temp, "changed.go")
	if err := os.WriteFile(changed, c.apply(source), 0o600); err != nil {
		return "", err
	}
	overlay := filepath.Join(r.temp, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{c.File: changed}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(overlay, text, 0o600); err != nil {
		return "", err
	}
	out, err := r.test(ctx, p, overlay)
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err == nil:
		return survived, nil
	case strings.Contains(string(out), "[build failed]") || strings.Contains(string(out), "[setup failed]"):
		return unbuilt, nil
	default:
		return killed, nil // a failed assertion, a crash, or no end in time
	}
}

func (r *runner) test(ctx context.Context, p pkg, overlay string) ([]byte, error) {
	args := []string{"test", "-vet=off", "-count=1", "-failfast", "-timeout", r.limit.String()}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	ctx, cancel := context.WithTimeout(ctx, r.limit+2*time.Minute) // building takes its time too
	defer cancel()
	return r.command(ctx, append(append(args, r.args...), p.ImportPath))
}

// command runs the go command in a process group of its own, so that ending it ends the tests too.
func (r *runner) command(ctx context.Context, args []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = r.root
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if ctx.Err() != nil {
		err = errors.Join(err, ctx.Err())
	}
	return out.Bytes(), err
}

func tail(out []byte) []byte {
	const most = 2000
	if len(out) > most {
		return out[len(out)-most:]
	}
	return out
}
