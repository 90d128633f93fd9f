package jinja

import (
	"fmt"
	"strconv"
)

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
