package sensory_test

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

// maxNames bounds what the package exports, methods aside: who begins should be able to read all of
// it. maxMethods bounds those, of which doc.go says who needs which.
const maxNames, maxMethods = 15, 11

// TestAPI compares what the package exports with testdata/api.txt: a change of it is one that
// somebody meant. UPDATE_API=1 writes the file.
func TestAPI(t *testing.T) {
	t.Parallel()
	got, names, methods := exported(t)
	if len(names) > maxNames || len(methods) > maxMethods {
		t.Errorf("%d names and %d methods are exported, at most %d and %d: %v, %v", len(names), len(methods), maxNames, maxMethods, names, methods)
	}
	about, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range methods {
		if !bytes.Contains(about, []byte("["+m+"]")) {
			t.Errorf("doc.go does not say who needs %s", m)
		}
	}
	const path = "testdata/api.txt"
	if os.Getenv("UPDATE_API") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("the package is not what %s says (%v); UPDATE_API=1 go test . writes it anew. Now:\n%s", path, err, got)
	}
}

// exported lists the declarations that users see, a paragraph each, their names, and those of
// methods.
func exported(t *testing.T) (text string, names, methods []string) {
	t.Helper()
	fset := token.NewFileSet()
	paths, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, p := range paths {
		if !strings.HasSuffix(p.Name(), ".go") || strings.HasSuffix(p.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, p.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	pkg, err := doc.NewFromFiles(fset, files, "github.com/sensory-agent/sensory-agent")
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	add := func(n ast.Node) {
		var b bytes.Buffer
		if err := printer.Fprint(&b, fset, n); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, b.String())
	}
	values := append(slices.Clone(pkg.Consts), pkg.Vars...)
	funcs := slices.Clone(pkg.Funcs)
	for _, typ := range pkg.Types {
		names = append(names, typ.Name)
		add(typ.Decl)
		values = append(append(values, typ.Consts...), typ.Vars...)
		funcs = append(funcs, typ.Funcs...)
		for _, m := range typ.Methods {
			methods = append(methods, typ.Name+"."+m.Name)
			m.Decl.Body, m.Decl.Doc = nil, nil
			add(m.Decl)
		}
	}
	for _, v := range values {
		names = append(names, v.Names...)
		add(v.Decl)
	}
	for _, f := range funcs {
		names = append(names, f.Name)
		f.Decl.Body, f.Decl.Doc = nil, nil
		add(f.Decl)
	}
	return strings.Join(parts, "\n\n") + "\n", names, methods
}
