package compute_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/compute"
)

// rewrite lets the scripts of testdata take over what the code prints now. Read the difference
// before you commit it: a script that changed without a reason that you can name is a bug that was
// found.
var rewrite = flag.Bool("rewrite", false, "rewrite the expected output of the scripts in testdata") // test flag

// script is one file: comments, commands with input lines, a line of four dashes, the expected
// output, an empty line.
type script struct {
	path  string
	cases []scriptCase
}

type scriptCase struct {
	prelude []string // comments and empty lines before it
	line    int      // of the command
	input   []string // the command and its lines
	want    string
}

func readScript(t *testing.T, path string) script {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := script{path: path}
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	for i := 0; i < len(lines); {
		var c scriptCase
		for ; i < len(lines) && (strings.TrimSpace(lines[i]) == "" || strings.HasPrefix(lines[i], "#")); i++ {
			c.prelude = append(c.prelude, lines[i])
		}
		c.line = i + 1
		for ; i < len(lines) && lines[i] != "----"; i++ {
			c.input = append(c.input, lines[i])
		}
		if len(c.input) > 0 && i == len(lines) {
			t.Fatalf("%s:%d: no ---- after the command", path, c.line)
		}
		var want []string
		for i++; i < len(lines) && lines[i] != ""; i++ {
			want = append(want, lines[i])
		}
		c.want = strings.Join(want, "\n")
		s.cases = append(s.cases, c)
	}
	return s
}

// play runs every case and compares, or rewrites the file.
func (s script) play(t *testing.T, run func(t *testing.T, input []string) string) {
	t.Helper()
	var out strings.Builder
	for _, c := range s.cases {
		for _, line := range c.prelude {
			out.WriteString(line + "\n")
		}
		if len(c.input) == 0 {
			continue
		}
		got := strings.TrimRight(run(t, c.input), "\n")
		if got == "" {
			got = "(nothing)"
		}
		fmt.Fprintf(&out, "%s\n----\n%s\n", strings.Join(c.input, "\n"), got)
		if !*rewrite && got != c.want {
			t.Errorf("%s:%d: %s\nprinted:\n%s\nexpected:\n%s", s.path, c.line, c.input[0], got, c.want)
		}
	}
	if *rewrite {
		if err := os.WriteFile(s.path, []byte(out.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func eachScript(t *testing.T, pattern string, test func(t *testing.T, s script)) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts match %s: %v", pattern, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) { test(t, readScript(t, path)) })
	}
}

// words is a line of a script: plain words and key=value pairs.
type words struct {
	t     *testing.T
	line  string
	plain []string
	pairs map[string]string
}

func split(t *testing.T, line string) words {
	t.Helper()
	w := words{t: t, line: line, pairs: map[string]string{}}
	for _, word := range strings.Fields(line) {
		if key, value, ok := strings.Cut(word, "="); ok {
			w.pairs[key] = value
		} else {
			w.plain = append(w.plain, word)
		}
	}
	return w
}

func (w words) has(flag string) bool {
	for _, word := range w.plain[1:] {
		if word == flag {
			return true
		}
	}
	return false
}

func (w words) number(key string, otherwise int64) int64 {
	text, ok := w.pairs[key]
	if !ok {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		w.t.Fatalf("%s: %v", w.line, err)
	}
	return n
}

func (w words) time(key string) time.Duration {
	text, ok := w.pairs[key]
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		w.t.Fatalf("%s: %v", w.line, err)
	}
	return d
}

func (w words) pool(text string) compute.Pool {
	name, provider, _ := strings.Cut(text, "/")
	silicon, err := compute.ParseSilicon(name)
	if err != nil {
		w.t.Fatalf("%s: %v", w.line, err)
	}
	return compute.Pool{Silicon: silicon, Provider: provider}
}

func (w words) class() compute.Class {
	class, err := compute.ParseClass(w.pairs["class"])
	if err != nil {
		w.t.Fatalf("%s: %v", w.line, err)
	}
	return class
}

func (w words) list(key string) []string {
	if w.pairs[key] == "" {
		return nil
	}
	return strings.Split(w.pairs[key], ",")
}

func (w words) cost() compute.Cost {
	return compute.Cost{Units: w.number("units", 1), Bytes: w.number("bytes", 0)}
}

func (w words) budget() compute.Budget {
	return compute.Budget{
		Pool: w.pool(w.plain[1]), Slots: w.number("slots", 1), Units: w.number("units", 100), Bytes: w.number("bytes", 0),
	}
}
