package compose_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

const (
	commandDir  = "../../cmd/sensory-agent"
	catalogFile = "../../models/catalog.yaml"
)

// TestCommandsExist holds the commands of the compose files against the source of the program.
func TestCommandsExist(t *testing.T) {
	program := readProgram(t)
	catalog, err := os.ReadFile(catalogFile)
	if err != nil {
		t.Fatal(err)
	}
	eachVariant(t, func(t *testing.T, p *types.Project) {
		for name, words := range map[string]int{"agent": 1, "models": 2} {
			command := p.Services[name].Command
			if len(command) <= words {
				t.Fatalf("%s runs %v", name, command)
			}
			for _, word := range command[:words] {
				if program[word] == nil {
					t.Errorf("%s runs %v: there is no command %q", name, command, word)
				}
			}
			flags := program[command[words-1]]
			for _, word := range command[words:] {
				if flag, is := strings.CutPrefix(word, "--"); is && !slices.Contains(flags, flag) {
					t.Errorf("%s runs %v: %s has no flag --%s, only %v", name, command, command[words-1], flag, flags)
				}
			}
		}
		for _, word := range p.Services["models"].Command[2:] {
			known := strings.Contains(string(catalog), "- id: "+word+"\n") || strings.Contains(string(catalog), "\n  "+word+": [")
			if !strings.HasPrefix(word, "--") && !known {
				t.Errorf("models pulls %q, which the catalog does not know", word)
			}
		}
	})
}

// readProgram returns the flags of every command, by the first word of its Use. A function that
// makes a command has the literal; what its register methods add is counted for every command that
// calls one.
func readProgram(t *testing.T) map[string][]string {
	t.Helper()
	commands, shared, callers := map[string][]string{}, []string{}, []string{}
	for _, file := range sources(t) {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range tree.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			use, flags, registers := scan(f)
			switch {
			case use != "":
				commands[use] = append([]string{}, flags...)
				if registers {
					callers = append(callers, use)
				}
			case f.Name.Name == "register":
				shared = append(shared, flags...)
			}
		}
	}
	for _, use := range callers {
		commands[use] = append(commands[use], shared...)
	}
	return commands
}

// scan finds a command literal, flag definitions and calls of register in a function.
func scan(f *ast.FuncDecl) (use string, flags []string, registers bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Use" {
				use, _, _ = strings.Cut(text(n.Value), " ")
			}
		case *ast.CallExpr:
			if name, is := n.Fun.(*ast.Ident); is && name.Name == "group" && len(n.Args) > 0 {
				use = text(n.Args[0])
			}
			called, ok := n.Fun.(*ast.SelectorExpr)
			switch {
			case !ok:
			case called.Sel.Name == "register":
				registers = true
			case strings.HasSuffix(called.Sel.Name, "Var") && len(n.Args) >= 3 && text(n.Args[1]) != "":
				flags = append(flags, text(n.Args[1]))
			}
		}
		return true
	})
	return use, flags, registers
}

// text returns the value of a string literal, or "".
func text(e ast.Expr) string {
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		if s, err := strconv.Unquote(lit.Value); err == nil {
			return s
		}
	}
	return ""
}

func sources(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(commandDir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source in %s: %v", commandDir, err)
	}
	return slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") })
}

// sourceContains tells whether the program's source holds a line with text, white space aside.
func sourceContains(t *testing.T, text string) bool {
	t.Helper()
	for _, file := range sources(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.Join(strings.Fields(string(data)), " "), text) {
			return true
		}
	}
	return false
}

// stage is what the tests want to know of one image of the Dockerfile: what it is given and what it
// has from the stage that it starts from.
type stage struct {
	name, user, health string
	env                map[string]string
	runs               []string
	copies             []string
}

// dockerfile holds the images it starts from and its stages, in order; the last one is what a plain
// build makes.
type dockerfile struct {
	images []string
	stages []stage
}

func (d dockerfile) stage(t *testing.T, name string) stage {
	t.Helper()
	i := slices.IndexFunc(d.stages, func(s stage) bool { return s.name == name })
	if i < 0 {
		t.Fatalf("the Dockerfile has no stage %q", name)
	}
	return d.stages[i]
}

func readDockerfile(t *testing.T) dockerfile {
	t.Helper()
	data, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	var d dockerfile
	for line := range strings.Lines(strings.ReplaceAll(string(data), "\\\n", " ")) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word == "FROM" {
			d.begin(strings.Fields(rest))
			continue
		}
		if len(d.stages) == 0 {
			continue
		}
		s := &d.stages[len(d.stages)-1]
		switch word {
		case "USER":
			s.user = rest
		case "HEALTHCHECK":
			s.health = rest
		case "RUN":
			s.runs = append(s.runs, rest)
		case "COPY":
			s.copies = append(s.copies, rest)
		case "ENV":
			for _, pair := range strings.Fields(rest) {
				name, value, _ := strings.Cut(pair, "=")
				s.env[name] = value
			}
		}
	}
	return d
}

// begin adds a stage: FROM image AS name, or FROM stage AS name.
func (d *dockerfile) begin(words []string) {
	next := stage{env: map[string]string{}}
	if i := slices.IndexFunc(d.stages, func(s stage) bool { return s.name == words[0] }); i >= 0 {
		next = d.stages[i]
		next.env, next.runs, next.copies = maps.Clone(next.env), slices.Clone(next.runs), slices.Clone(next.copies)
	} else {
		d.images = append(d.images, words[0])
	}
	if len(words) == 3 {
		next.name = words[2]
	}
	d.stages = append(d.stages, next)
}
