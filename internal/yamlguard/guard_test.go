package yamlguard_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/parser"

	"github.com/sensory-agent/sensory-agent/internal/yamlguard"
)

// stairs are mappings, each one column further right than the last.
func stairs(levels int) string {
	var b strings.Builder
	for i := range levels {
		fmt.Fprintf(&b, "%sa:\n", strings.Repeat(" ", i))
	}
	return b.String()
}

func TestLimitsAreExact(t *testing.T) {
	l := yamlguard.Limits{Bytes: 400, Depth: 4, Tokens: 60, Aliases: 1}
	for _, c := range []struct {
		name, good, bad, what string
		line                  int
	}{
		{"bytes", strings.Repeat("#", 400), strings.Repeat("#", 401), "bytes", 0},
		{"tokens", strings.Repeat("- a\n", 30), strings.Repeat("- a\n", 31), "tokens", 31},
		{"brackets", "a: [[[1]]]\nb: 2", "a:\n [[[[1", "levels", 2},
		{"braces", "{a: {a: {a: {}}}}", "{a: {a: {a: {a: {}}}}}", "levels", 1},
		{"closed brackets", "[" + strings.Repeat("[],", 15) + "]", "\n]]]]]]]][[[[[", "levels", 2},
		{"dashes", "- - - - x", "- - - - - x", "levels", 1},
		{"questions", "? ? ? ? x", "x: y\n? ? ? ? ? x", "levels", 2},
		{"stairs", stairs(4) + stairs(4), stairs(4) + "    a: b", "levels", 5},
		{"back and down", "a:\n  b:\n    c: 1\n  d:\n    e:\n      f: 1\ng: 1", "a:\n  b:\n    c: 1\n    d:\n      e:\n        f: 1\ng: 1", "levels", 6},
		{"mixed", "a:\n - b: {c: d}", "a:\n - b: [1, {c: d}]", "levels", 2},
		{"aliases", "a: &x 1\nb: *x", "a: &x 1\nb: *x\nc: *x", "aliases", 3},
	} {
		if err := yamlguard.Check([]byte(c.good), l); err != nil {
			t.Errorf("%s: within: %v", c.name, err)
		}
		err := yamlguard.Check([]byte(c.bad), l)
		var limit *yamlguard.LimitError
		if !errors.As(err, &limit) || limit.What != c.what || limit.Line != c.line || !errors.Is(err, yamlguard.ErrTooMuch) || !strings.Contains(err.Error(), c.what) {
			t.Errorf("%s: beyond: %v (%+v), want %s at line %d", c.name, err, limit, c.what, c.line)
		}
	}
	l.Aliases = 0
	if err := yamlguard.Check([]byte("a: *b"), l); err == nil || err.Error() != "aliases are not supported" {
		t.Errorf("no alias is allowed: %v", err)
	}
}

func TestDefaultTakesTheDocumentsOfThisProgram(t *testing.T) {
	for _, path := range []string{"../../models/catalog.yaml", "../../models/profiles.yaml"} {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		l := yamlguard.Default()
		l.Bytes, l.Tokens, l.Depth = l.Bytes/4, l.Tokens/2, l.Depth/3
		if err := yamlguard.Check(data, l); err != nil {
			t.Errorf("%s is near the limit: %v", path, err)
		}
	}
}

// hostile are the texts that took gigabytes, or ended the process, each of about n bytes.
func hostile(n int) map[string]string {
	return map[string]string{
		"brackets": strings.Repeat("[", n), "closed": strings.Repeat("[", n/2) + strings.Repeat("]", n/2), "braces": strings.Repeat("{a: ", n/4),
		"dashes": strings.Repeat("- ", n/2) + "x", "mixed": strings.Repeat("- [{a: ", n/7), "wide": strings.Repeat("a: b\n", n/5),
		"tags": strings.Repeat("!!a ", n/4), "anchors": strings.Repeat("&a ", n/3), "questions": strings.Repeat("? ", n/2),
		"laughs": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n" + strings.Repeat("#", n-50),
	}
}

func TestHostileTextsAreRefused(t *testing.T) {
	for _, size := range []int{40_000, 1_000_000} {
		for name, text := range hostile(size) {
			flat := name == "tags" || name == "wide" || name == "questions" || name == "anchors"
			if err := yamlguard.Check([]byte(text), yamlguard.Default()); !errors.Is(err, yamlguard.ErrTooMuch) && (!flat || size > 100_000) {
				t.Errorf("%s of %d bytes: %v", name, size, err)
			}
			costs(t, text)
		}
	}
}

// costs parses what the guard lets through and fails when it takes more memory than the package
// promises.
func costs(t *testing.T, text string) {
	t.Helper()
	if yamlguard.Check([]byte(text), yamlguard.Default()) != nil {
		return
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	func() {
		defer func() { _ = recover() }() // the parser breaks on some texts; its callers catch that
		_, _ = parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
	}()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 400<<20 {
		t.Fatalf("%d bytes passed the guard and took %d MB: %.60q…", len(text), took>>20, text)
	}
}

// FuzzCheck: no text crashes the guard, and what it lets through is cheap for the parser.
func FuzzCheck(f *testing.F) {
	for _, text := range hostile(2000) {
		f.Add(text)
	}
	f.Add("a: &x [1, {b: *x}]\n? |\n  x\n: - y\n---\n%YAML 1.2\n'\"")
	f.Fuzz(func(t *testing.T, text string) {
		if err := yamlguard.Check([]byte(text), yamlguard.Default()); err != nil && !errors.Is(err, yamlguard.ErrTooMuch) && !errors.Is(err, yamlguard.ErrUnreadable) {
			t.Fatalf("%v is not typed", err)
		}
		costs(t, text)
	})
}
