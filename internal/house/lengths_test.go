package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// Lengths that a reader can take in: a file in a few screens, prose in half of a wide one.
const (
	maxLines   = 300
	maxColumns = 100
	tabWidth   = 4
)

// TestFilesAreShort: a file that grows beyond the bound holds two subjects; cut it between them.
func TestFilesAreShort(t *testing.T) {
	for _, f := range files(t, ".go") {
		if len(f.lines) > maxLines && !generated(f) {
			t.Errorf("%s has %d lines, at most %d", f.path, len(f.lines), maxLines)
		}
	}
}

// maxFunction is how many lines a function may have; the linter counts them without comments, and
// not in tests.
const maxFunction = 60

// TestFunctionsAreShort.
func TestFunctionsAreShort(t *testing.T) {
	for _, f := range files(t, ".go") {
		if generated(f) || strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, filepath.Join(root, f.path), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			function, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			from, to := fset.Position(function.Pos()).Line, fset.Position(function.End()).Line
			if to-from+1 > maxFunction {
				t.Errorf("%s:%d: %s has %d lines, at most %d", f.path, from, function.Name.Name, to-from+1, maxFunction)
			}
		}
	}
}

// generated reports whether a program wrote a file, as go help generate wants it said.
func generated(f file) bool {
	mark := regexp.MustCompile(`^// Code generated .* DO NOT EDIT\.$`)
	for _, line := range f.lines {
		if mark.MatchString(line) {
			return true
		}
	}
	return false
}

// TestProseIsWrapped: texts and comments are read in terminals and changed line by line. Tables,
// code and addresses stay as wide as they are, and a comment behind code with it.
func TestProseIsWrapped(t *testing.T) {
	for _, f := range files(t, ".md", ".go") {
		if generated(f) {
			continue
		}
		for _, n := range wideLines(f) {
			t.Errorf("%s:%d: prose wider than %d columns", f.path, n+1, maxColumns)
		}
	}
}

// wideLines lists the lines of prose, from 0, that are too wide.
func wideLines(f file) (wide []int) {
	fenced, output := false, false
	for i, line := range f.lines {
		if path.Ext(f.path) == ".go" {
			text, isComment := strings.CutPrefix(strings.TrimLeft(line, "\t"), "// ")
			output = isComment && (output || text == "Output:") // what an example prints
			if isComment && !output && !strings.HasPrefix(text, "  ") && tooWide(line) {
				wide = append(wide, i)
			}
			continue
		}
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			continue
		}
		verbatim := fenced || strings.HasPrefix(line, "    ") || strings.HasPrefix(strings.TrimSpace(line), "|")
		if !verbatim && tooWide(line) {
			wide = append(wide, i)
		}
	}
	return wide
}

// tooWide reports whether a line is too wide and could be broken.
func tooWide(line string) bool {
	columns := utf8.RuneCountInString(strings.ReplaceAll(line, "\t", strings.Repeat(" ", tabWidth)))
	return columns > maxColumns && strings.Contains(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "// ")), " ")
}

// TestPackagesAreExplained: what comes in, what goes out and who owns it stands in doc.go.
func TestPackagesAreExplained(t *testing.T) {
	explained := map[string]bool{}
	for _, f := range files(t, ".go") {
		dir := path.Dir(f.path)
		if strings.Contains("/"+dir+"/", "/testdata/") {
			continue
		}
		if path.Base(f.path) == "doc.go" {
			explained[dir] = explained[dir] || comments(f)
		} else if !explained[dir] {
			explained[dir] = false
		}
	}
	for dir, yes := range explained {
		if !yes {
			t.Errorf("%s has no doc.go with a comment of its package", dir)
		}
	}
}

// comments reports whether the line before the clause is a comment that begins as go doc wants it.
func comments(f file) bool {
	for i, line := range f.lines {
		if strings.HasPrefix(line, "package ") {
			return i > 0 && strings.HasPrefix(f.lines[i-1], "//") &&
				(strings.HasPrefix(f.lines[0], "// Package ") || strings.HasPrefix(f.lines[0], "// Command ") || strings.Contains(strings.Join(f.lines[:i], "\n"), "\n// Package "))
		}
	}
	return false
}
