package chat

import (
	"fmt"
	"slices"
	"strconv"
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

func (e *expressions) unary() (expr, error) {
	for _, op := range []string{"-", "+"} {
		if e.sign(op) {
			of, err := e.parse(levelUnary)
			return unaryExpr{op, of}, err
		}
	}
	of, err := e.primary()
	for err == nil {
		switch {
		case e.sign("."):
			of, err = e.attribute(of)
		case e.sign("["):
			of, err = e.index(of)
		case e.sign("|"):
			of, err = e.filter(of)
		default:
			return of, nil
		}
	}
	return of, err
}

// attribute reads a name behind a dot: an attribute, or a method with arguments.
func (e *expressions) attribute(of expr) (expr, error) {
	name, err := e.name()
	if err != nil {
		return nil, err
	}
	if !e.sign("(") {
		return attrExpr{of, name}, nil
	}
	if !knownMethod(name) {
		return nil, fmt.Errorf("method %q is not supported", name)
	}
	n := callExpr{kind: "method", name: name, of: of}
	n.args, n.keys, n.vals, err = e.arguments()
	return n, err
}

func (e *expressions) filter(of expr) (expr, error) {
	name, err := e.name()
	if err != nil {
		return nil, err
	}
	if !knownFilter(name) {
		return nil, fmt.Errorf("filter %q is not supported", name)
	}
	n := callExpr{kind: "filter", name: name, of: of}
	if e.sign("(") {
		n.args, n.keys, n.vals, err = e.arguments()
	}
	return n, err
}

// index reads what stands in square brackets behind a value.
func (e *expressions) index(of expr) (expr, error) {
	var from, to expr
	var err error
	if !e.sign(":") {
		if from, err = e.parse(levelTernary); err != nil {
			return nil, err
		}
		if e.sign("]") {
			return indexExpr{of, from}, nil
		}
		if err := e.need(":"); err != nil {
			return nil, err
		}
	}
	if e.sign("]") {
		return sliceExpr{of, from, nil}, nil
	}
	if to, err = e.parse(levelTernary); err != nil {
		return nil, err
	}
	return sliceExpr{of, from, to}, e.need("]")
}

// arguments reads up to the closing bracket.
func (e *expressions) arguments() (args []expr, keys []string, vals []expr, err error) {
	for !e.sign(")") {
		if len(args)+len(keys) > 0 {
			if err = e.need(","); err != nil {
				return nil, nil, nil, err
			}
		}
		if t := e.peek(); t.kind == tokenName && e.at+1 < len(e.list) && e.list[e.at+1] == (token{tokenSign, "="}) {
			e.at += 2
			keys = append(keys, t.text)
			v, err := e.parse(levelTernary)
			if err != nil {
				return nil, nil, nil, err
			}
			vals = append(vals, v)
			continue
		}
		a, err := e.parse(levelTernary)
		if err != nil {
			return nil, nil, nil, err
		}
		args = append(args, a)
	}
	return args, keys, vals, nil
}

// primary reads a constant, a name, a function call or something in brackets.
func (e *expressions) primary() (expr, error) {
	t := e.peek()
	e.at++
	switch t.kind {
	case tokenString:
		text := t.text
		for e.peek().kind == tokenString { // neighbouring strings are one string
			text += e.peek().text
			e.at++
		}
		return constExpr{text}, nil
	case tokenNumber:
		return numberExpr(t.text)
	case tokenName:
		return e.named(t.text)
	case tokenSign:
		switch t.text {
		case "(":
			return e.group()
		case "[":
			items, err := e.items("]")
			return listExpr{items}, err
		case "{":
			return e.dict()
		}
	}
	return nil, fmt.Errorf("unexpected %q", t.text)
}

func numberExpr(text string) (expr, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return constExpr{n}, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	return constExpr{f}, err
}

func (e *expressions) named(name string) (expr, error) {
	switch name {
	case "true", "True":
		return constExpr{true}, nil
	case "false", "False":
		return constExpr{false}, nil
	case "none", "None":
		return constExpr{nil}, nil
	}
	if !e.sign("(") {
		return nameExpr{name}, nil
	}
	if !knownFunction(name) {
		return nil, fmt.Errorf("function %q is not supported", name)
	}
	n := callExpr{kind: "function", name: name}
	var err error
	n.args, n.keys, n.vals, err = e.arguments()
	return n, err
}

// group reads what stands in round brackets: an expression, or a tuple.
func (e *expressions) group() (expr, error) {
	if e.sign(")") {
		return listExpr{}, nil
	}
	first, err := e.parse(levelTernary)
	if err != nil {
		return nil, err
	}
	if e.sign(")") {
		return first, nil
	}
	if err := e.need(","); err != nil {
		return nil, err
	}
	rest, err := e.items(")")
	return listExpr{append([]expr{first}, rest...)}, err
}

// items reads a comma list up to the closing sign.
func (e *expressions) items(end string) ([]expr, error) {
	var list []expr
	for !e.sign(end) {
		item, err := e.parse(levelTernary)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
		if !e.sign(",") {
			return list, e.need(end)
		}
	}
	return list, nil
}

func (e *expressions) dict() (expr, error) {
	var n dictExpr
	for !e.sign("}") {
		key, err := e.parse(levelTernary)
		if err != nil {
			return nil, err
		}
		if err := e.need(":"); err != nil {
			return nil, err
		}
		value, err := e.parse(levelTernary)
		if err != nil {
			return nil, err
		}
		n.keys, n.values = append(n.keys, key), append(n.values, value)
		if !e.sign(",") {
			return n, e.need("}")
		}
	}
	return n, nil
}
