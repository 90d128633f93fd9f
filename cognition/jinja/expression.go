package jinja

import (
	"fmt"
	"slices"
)

// Levels of binding strength, weakest first.
const (
	levelTernary = iota
	levelOr
	levelAnd
	levelNot
	levelCompare
	levelConcat
	levelAdd
	levelMultiply
	levelUnary
)

// expressions parses one list of tokens.
type expressions struct {
	list  []token
	at    int
	depth int
}

func newExpressions(src string) (*expressions, error) {
	list, err := tokens(src)
	return &expressions{list: list}, err
}

func (e *expressions) peek() token {
	if e.at < len(e.list) {
		return e.list[e.at]
	}
	return token{}
}

// sign consumes a sign if it is next.
func (e *expressions) sign(text string) bool { return e.take(tokenSign, text) }

// word consumes a word if it is next.
func (e *expressions) word(text string) bool { return e.take(tokenName, text) }

func (e *expressions) take(kind tokenKind, text string) bool {
	if t := e.peek(); t.kind == kind && t.text == text {
		e.at++
		return true
	}
	return false
}

func (e *expressions) need(text string) error {
	if !e.sign(text) {
		return fmt.Errorf("%q expected, not %q", text, e.peek().text)
	}
	return nil
}

func (e *expressions) name() (string, error) {
	t := e.peek()
	if t.kind != tokenName {
		return "", fmt.Errorf("name expected, not %q", t.text)
	}
	e.at++
	return t.text, nil
}

func (e *expressions) finished() error {
	if t := e.peek(); t.kind != tokenEnd {
		return fmt.Errorf("unexpected %q", t.text)
	}
	return nil
}

// binary operators by level.
func operators(level int) []string {
	switch level {
	case levelConcat:
		return []string{"~"}
	case levelAdd:
		return []string{"+", "-"}
	case levelMultiply:
		return []string{"*", "//", "/", "%"}
	}
	return nil
}

// parse reads an expression of at least the given level.
func (e *expressions) parse(level int) (expr, error) {
	e.depth++
	defer func() { e.depth-- }()
	if e.depth > maxDepth*levelUnary {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	switch level {
	case levelTernary:
		return e.ternary()
	case levelOr, levelAnd:
		return e.logic(level)
	case levelNot:
		if e.word("not") {
			of, err := e.parse(levelNot)
			return unaryExpr{"not", of}, err
		}
		return e.parse(levelCompare)
	case levelCompare:
		return e.compare()
	case levelUnary:
		return e.unary()
	}
	left, err := e.parse(level + 1)
	for err == nil {
		op := e.peek()
		if op.kind != tokenSign || !slices.Contains(operators(level), op.text) {
			break
		}
		e.at++
		var right expr
		right, err = e.parse(level + 1)
		left = binaryExpr{op.text, left, right}
	}
	return left, err
}

func (e *expressions) ternary() (expr, error) {
	then, err := e.parse(levelOr)
	if err != nil || !e.word("if") {
		return then, err
	}
	n := condExpr{then: then}
	if n.cond, err = e.parse(levelOr); err != nil {
		return nil, err
	}
	if e.word("else") {
		n.other, err = e.parse(levelTernary)
	}
	return n, err
}

func (e *expressions) logic(level int) (expr, error) {
	op := map[int]string{levelOr: "or", levelAnd: "and"}[level]
	left, err := e.parse(level + 1)
	for err == nil && e.word(op) {
		var right expr
		right, err = e.parse(level + 1)
		left = binaryExpr{op, left, right}
	}
	return left, err
}

// compare reads comparisons, membership and tests.
func (e *expressions) compare() (expr, error) {
	left, err := e.parse(levelConcat)
	for err == nil {
		t := e.peek()
		switch {
		case t.kind == tokenSign && slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, t.text):
			e.at++
			var right expr
			right, err = e.parse(levelConcat)
			left = binaryExpr{t.text, left, right}
		case e.word("in"):
			var right expr
			right, err = e.parse(levelConcat)
			left = binaryExpr{"in", left, right}
		case t.kind == tokenName && t.text == "not" && e.at+1 < len(e.list) && e.list[e.at+1].text == "in":
			e.at += 2
			var right expr
			right, err = e.parse(levelConcat)
			left = unaryExpr{"not", binaryExpr{"in", left, right}}
		case e.word("is"):
			left, err = e.test(left)
		default:
			return left, nil
		}
	}
	return left, err
}

// test reads what follows "is".
func (e *expressions) test(of expr) (expr, error) {
	n := testExpr{of: of, not: e.word("not")}
	var err error
	if n.name, err = e.name(); err != nil {
		return nil, err
	}
	if !knownTest(n.name) {
		return nil, fmt.Errorf("test %q is not supported", n.name)
	}
	if e.sign("(") {
		n.args, _, _, err = e.arguments()
	}
	return n, err
}
