package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
)

// kind of a change.
type kind string

const (
	negated  kind = "comparison"
	edge     kind = "edge" // < for <=: often harmless
	logical  kind = "logic"
	sum      kind = "sum"
	number   kind = "number"
	errorNil kind = "error"
	dropped  kind = "call"
	jump     kind = "jump"
	guard    kind = "guard"
)

// change replaces the bytes [from, to) of a file by text.
type change struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Kind     kind   `json:"kind"`
	What     string `json:"what"`
	from, to int
	text     string
}

// negations and edges of comparisons, by operator.
func comparisons(op token.Token) (negation, moved token.Token) {
	switch op {
	case token.EQL:
		return token.NEQ, token.ILLEGAL
	case token.NEQ:
		return token.EQL, token.ILLEGAL
	case token.LSS:
		return token.GEQ, token.LEQ
	case token.LEQ:
		return token.GTR, token.LSS
	case token.GTR:
		return token.LEQ, token.GEQ
	case token.GEQ:
		return token.LSS, token.GTR
	default:
		return token.ILLEGAL, token.ILLEGAL
	}
}

// finder collects the changes of one file.
type finder struct {
	set    *token.FileSet
	name   string
	source []byte
	out    []change
}

// find returns every change that can be made to a file, in the order of its text.
func find(name string, source []byte) ([]change, error) {
	f := &finder{set: token.NewFileSet(), name: name, source: source}
	tree, err := parser.ParseFile(f.set, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range tree.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			f.function(fn.Type, fn.Body)
		}
	}
	return f.out, nil
}

// function walks a body; functions inside it have results of their own.
func (f *finder) function(t *ast.FuncType, body *ast.BlockStmt) {
	fails := false
	if t.Results != nil && len(t.Results.List) > 0 {
		last, ok := t.Results.List[len(t.Results.List)-1].Type.(*ast.Ident)
		fails = ok && last.Name == "error"
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			f.function(n.Type, n.Body)
			return false
		case *ast.BinaryExpr:
			f.binary(n)
		case *ast.BasicLit:
			if v, err := strconv.ParseInt(n.Value, 0, 64); n.Kind == token.INT && err == nil {
				f.add(n, number, strconv.FormatInt(v+1, 10))
			}
		case *ast.ReturnStmt:
			f.returned(n, fails)
		case *ast.ExprStmt:
			f.statement(n)
		case *ast.BranchStmt:
			f.branch(n)
		case *ast.IfStmt:
			if leaves(n) {
				cond := f.text(n.Cond)
				f.add(n.Cond, guard, "false && ("+cond+")")
			}
		}
		return true
	})
}

func (f *finder) binary(n *ast.BinaryExpr) {
	at := int(f.set.Position(n.OpPos).Offset)
	put := func(k kind, op token.Token) {
		f.out = append(f.out, change{
			File: f.name, Line: f.set.Position(n.OpPos).Line, Kind: k,
			What: fmt.Sprintf("%s  ⟶  %s", brief(f.text(n)), op), from: at, to: at + len(n.Op.String()), text: op.String(),
		})
	}
	switch n.Op {
	case token.LAND:
		put(logical, token.LOR)
	case token.LOR:
		put(logical, token.LAND)
	case token.ADD:
		put(sum, token.SUB)
	case token.SUB:
		put(sum, token.ADD)
	default:
		negation, moved := comparisons(n.Op)
		if negation != token.ILLEGAL {
			put(negated, negation)
		}
		if moved != token.ILLEGAL {
			put(edge, moved)
		}
	}
}

func (f *finder) returned(n *ast.ReturnStmt, fails bool) {
	if !fails || len(n.Results) == 0 {
		return
	}
	last := n.Results[len(n.Results)-1]
	if id, ok := last.(*ast.Ident); ok && id.Name == "nil" {
		return
	}
	if call, ok := last.(*ast.CallExpr); ok && len(n.Results) == 1 {
		f.add(last, errorNil, "func() error { _ = "+f.text(call)+"; return nil }()")
		return
	}
	f.add(last, errorNil, "func() error { _ = "+f.text(last)+"; return nil }()")
}

// statement drops a call whose result nobody takes; what only logs is left alone.
func (f *finder) statement(n *ast.ExprStmt) {
	call, ok := n.X.(*ast.CallExpr)
	if !ok {
		return
	}
	if s, ok := call.Fun.(*ast.SelectorExpr); ok {
		switch s.Sel.Name {
		case "Debug", "Info", "Warn", "Error", "Log":
			return
		}
	}
	f.add(n, dropped, "func() { _ = func() { "+f.text(n)+" } }()")
}

func (f *finder) branch(n *ast.BranchStmt) {
	if n.Label != nil {
		return
	}
	switch n.Tok {
	case token.BREAK:
		f.add(n, jump, "continue")
	case token.CONTINUE:
		f.add(n, jump, "break")
	}
}

// leaves reports whether an if does nothing but leave the block: a guard.
func leaves(n *ast.IfStmt) bool {
	if n.Else != nil || len(n.Body.List) == 0 {
		return false
	}
	switch n.Body.List[len(n.Body.List)-1].(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	}
	return false
}

func (f *finder) add(n ast.Node, k kind, text string) {
	p := f.set.Position(n.Pos())
	f.out = append(f.out, change{
		File: f.name, Line: p.Line, Kind: k, What: brief(f.text(n)),
		from: p.Offset, to: f.set.Position(n.End()).Offset, text: text,
	})
}

func (f *finder) text(n ast.Node) string {
	return string(f.source[f.set.Position(n.Pos()).Offset:f.set.Position(n.End()).Offset])
}

// brief is the first line of a piece of code, at most 80 bytes of it.
func brief(code string) string {
	for i, r := range code {
		if r == '\n' || i >= 80 {
			return code[:i] + " …"
		}
	}
	return code
}

// apply returns the source with the change made.
func (c change) apply(source []byte) []byte {
	out := append([]byte(nil), source[:c.from]...)
	out = append(out, c.text...)
	return append(out, source[c.to:]...)
}
