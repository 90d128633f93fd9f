package house_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// maxCommand is how many lines a function of a command may have: enough to register flags, check a
// call and hand it on.
const maxCommand = 40

// TestCommandsOnlyWire: what decides, waits or runs beside something else has a package with tests
// of its own; a command is flags and one call. So nothing under cmd starts a goroutine, waits for
// one of several things or makes a channel, and its functions are short.
func TestCommandsOnlyWire(t *testing.T) {
	for _, f := range files(t, ".go") {
		if !strings.HasPrefix(f.path, "cmd/") || strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, filepath.Join(root, f.path), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		broken := commandRules(fset, parsed)
		if len(broken) > 0 {
			t.Errorf("%s breaks the rule:\n%s", f.path, strings.Join(broken, "\n"))
		}
	}
}

// commandRules lists what a file of a command does that it should not, by line.
func commandRules(fset *token.FileSet, parsed *ast.File) (broken []string) {
	line := func(n ast.Node) int { return fset.Position(n.Pos()).Line }
	add := func(n ast.Node, what string) { broken = append(broken, fmt.Sprintf("%d: %s", line(n), what)) }
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			add(n, "starts a goroutine")
		case *ast.SelectStmt:
			add(n, "waits for one of several things")
		case *ast.CallExpr:
			if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "make" && len(n.Args) > 0 {
				if _, ok := n.Args[0].(*ast.ChanType); ok {
					add(n, "makes a channel")
				}
			}
		case *ast.FuncDecl:
			if lines := fset.Position(n.End()).Line - line(n) + 1; lines > maxCommand {
				add(n, fmt.Sprintf("%s has %d lines, at most %d", n.Name.Name, lines, maxCommand))
			}
		}
		return true
	})
	return broken
}

// TestCommandRules is what is refused and what is not.
func TestCommandRules(t *testing.T) {
	for code, want := range map[string]int{
		"func f() { go f() }":                                1,
		"func f(c chan int) { select { case <-c: } }":        1,
		"func f() chan int { return make(chan int, 3) }":     1,
		"func f(c <-chan int) int { return <-c }":            0,
		"func f() []int { return make([]int, 3) }":           0,
		"func f() {" + strings.Repeat("\n", 39) + "}":        0,
		"func f() {" + strings.Repeat("\n", 40) + "}":        1,
		"func f() { g := func() { go f() }; g(); select{} }": 2,
	} {
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, "x.go", "package main\n"+code, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := commandRules(fset, parsed); len(got) != want {
			t.Errorf("%q: %q, want %d", code, got, want)
		}
	}
}
