package house_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// maxBack is the share of the arrows between files that may point back up. It only
// goes down.
const maxBack = 0.05

// An arrow goes from a file to another one that declares something which it uses: a type, a
// function, a method, a variable. That a method stands in another file than its type is none. Where
// files can be put into an order in which all arrows point down, each can be read knowing only
// those below it. What points up in the best order that is found is a knot. Arrows between packages
// cannot: Go forbids it.
//
// TestFilesOfTheAgentPointDown counts the arrows and the knots of all files of the agent.
func TestFilesOfTheAgentPointDown(t *testing.T) {
	all, knots := 0, 0
	for _, p := range packages(t, "./agent/...") {
		across, inside := p.arrows(t)
		up := upward(inside)
		count := across
		for _, to := range inside {
			count += len(to)
		}
		all, knots = all+count, knots+len(up)
		for _, a := range up {
			t.Logf("%s: %s uses %v of %s, which uses it", p.ImportPath, a[0], inside[a[0]][a[1]], a[1])
		}
	}
	if share := float64(knots) / float64(max(all, 1)); all == 0 || share > maxBack {
		t.Errorf("%d of %d arrows point up, %.1f %%; at most %.1f %%", knots, all, 100*share, 100*maxBack)
	}
}

// listed is what the go command says of a package.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	DepOnly                 bool
	exports                 map[string]string // of all packages, by import path
}

// packages lists packages of the module, with what the compiler says of everything they import.
func packages(t *testing.T, pattern string) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles,DepOnly", pattern)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, stderr.Bytes())
	}
	exports := map[string]string{}
	var own []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return own
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if p.exports = exports; !p.DepOnly {
			own = append(own, p)
		}
	}
}

// arrows lists for each file the other files of the package that it uses something of, and what,
// and counts those to files of other packages of the agent.
func (p *listed) arrows(t *testing.T) (across int, inside uses) {
	t.Helper()
	fset := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	open := func(path string) (io.ReadCloser, error) { return os.Open(p.exports[path]) }
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", open)}
	pkg, err := conf.Check(p.ImportPath, fset, parsed, info)
	if err != nil {
		t.Fatalf("%s: %v", p.ImportPath, err)
	}
	agent, inside, others := p.agent(), uses{}, uses{}
	receivers := receivers(parsed)
	for ident, used := range info.Uses {
		if used.Pkg() == nil || !strings.HasPrefix(used.Pkg().Path()+"/", agent) || !crosses(used) || receivers[ident] {
			continue
		}
		from, to := fileOf(fset, ident.Pos()), fileOf(fset, used.Pos())
		switch {
		case used.Pkg() != pkg:
			others.add(from, used.Pkg().Path()+"/"+to, used.Name())
		case from != to:
			inside.add(from, to, used.Name())
		}
	}
	for _, to := range others {
		across += len(to)
	}
	return across, inside
}

// agent is the path that those of the packages of the agent begin with.
func (p *listed) agent() string {
	module, _, _ := strings.Cut(p.ImportPath, "/agent")
	return module + "/agent/"
}

// uses are names that a file uses of another one, by both files.
type uses map[string]map[string][]string

func (u uses) add(from, to, name string) {
	if u[from] == nil {
		u[from] = map[string][]string{}
	}
	if !slices.Contains(u[from][to], name) {
		u[from][to] = append(u[from][to], name)
	}
}

// receivers are the names of types in front of their methods.
func receivers(parsed []*ast.File) map[*ast.Ident]bool {
	found := map[*ast.Ident]bool{}
	for _, f := range parsed {
		for _, d := range f.Decls {
			if method, ok := d.(*ast.FuncDecl); ok && method.Recv != nil {
				ast.Inspect(method.Recv, func(n ast.Node) bool {
					if ident, ok := n.(*ast.Ident); ok {
						found[ident] = true
					}
					return true
				})
			}
		}
	}
	return found
}

// crosses reports whether a use of an object ties files together. A field does where its type does.
func crosses(used types.Object) bool {
	switch o := used.(type) {
	case *types.PkgName, *types.Label:
		return false
	case *types.Var:
		return !o.IsField() && o.Parent() == o.Pkg().Scope()
	case *types.Const:
		return o.Parent() == o.Pkg().Scope()
	}
	return true
}

func fileOf(fset *token.FileSet, at token.Pos) string {
	return filepath.Base(fset.Position(at).Filename)
}
