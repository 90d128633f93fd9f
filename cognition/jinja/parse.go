package jinja

import (
	"fmt"
	"slices"
	"strings"
)

// maxSource bounds a template; published ones take up to 20 kB.
const maxSource = 1 << 20

// maxDepth bounds nested tags and expressions.
const maxDepth = 100

// Template is a parsed chat template.
type Template struct{ body []node }

// Parse reads a template. It returns a [*SyntaxError].
func Parse(src string) (*Template, error) {
	if len(src) > maxSource {
		return nil, &SyntaxError{Line: 1, Detail: fmt.Sprintf("%d bytes are more than %d", len(src), maxSource)}
	}
	list, err := pieces(src)
	if err != nil {
		return nil, err
	}
	p := &parser{list: list}
	body, end, err := p.block(0)
	if err != nil {
		return nil, err
	}
	if end != "" {
		return nil, p.fail("%s without a beginning", end)
	}
	return &Template{body: body}, nil
}

// parser walks the pieces of a template.
type parser struct {
	list  []piece
	at    int
	line  int
	loops int
}

func (p *parser) fail(format string, args ...any) error {
	return &SyntaxError{Line: max(p.line, 1), Detail: fmt.Sprintf(format, args...)}
}

// block reads statements up to a tag that ends or continues a block; that tag's words are returned
// and left as p.words.
func (p *parser) block(depth int) (body []node, end string, err error) {
	if depth > maxDepth {
		return nil, "", p.fail("nested deeper than %d", maxDepth)
	}
	for p.at < len(p.list) {
		piece := p.list[p.at]
		p.at++
		p.line = piece.line
		switch piece.kind {
		case pieceText:
			body = append(body, textNode{piece.body})
		case pieceValue:
			e, err := p.whole(piece.body)
			if err != nil {
				return nil, "", err
			}
			body = append(body, valueNode{e})
		case pieceTag:
			word, rest, _ := strings.Cut(piece.body, " ")
			word, rest = strings.TrimSpace(word), strings.TrimSpace(rest)
			if slices.Contains([]string{"endif", "endfor", "endset", "else", "elif", "endgeneration"}, word) {
				if word == "elif" {
					p.at-- // read again by the if that it continues
				}
				return body, word, nil
			}
			n, err := p.tag(word, rest, depth)
			if err != nil {
				return nil, "", err
			}
			body = append(body, n...)
		}
	}
	return body, "", nil
}

// tag reads one statement.
func (p *parser) tag(word, rest string, depth int) ([]node, error) {
	switch word {
	case "if":
		n, err := p.ifTag(rest, depth)
		return []node{n}, err
	case "for":
		n, err := p.forTag(rest, depth)
		return []node{n}, err
	case "set":
		n, err := p.setTag(rest, depth)
		return []node{n}, err
	case "generation":
		// Marks what the model wrote, for training; without effect on the text.
		body, end, err := p.block(depth + 1)
		if err == nil && end != "endgeneration" {
			err = p.fail("generation without endgeneration")
		}
		return body, err
	case "break", "continue":
		if p.loops == 0 {
			return nil, p.fail("%s outside a loop", word)
		}
		return []node{jumpNode{stop: word == "break"}}, nil
	}
	return nil, p.fail("tag %q is not supported", word)
}

func (p *parser) ifTag(rest string, depth int) (node, error) {
	cond, err := p.whole(rest)
	if err != nil {
		return nil, err
	}
	n := ifNode{cond: cond}
	var end string
	if n.then, end, err = p.block(depth + 1); err != nil {
		return nil, err
	}
	switch end {
	case "endif":
		return n, nil
	case "elif":
		_, rest, _ := strings.Cut(p.list[p.at].body, " ")
		p.at++
		other, err := p.ifTag(rest, depth+1)
		n.rest = []node{other}
		return n, err
	case "else":
		if n.rest, end, err = p.block(depth + 1); err != nil {
			return nil, err
		}
	}
	if end != "endif" {
		return nil, p.fail("if without endif")
	}
	return n, nil
}

func (p *parser) forTag(rest string, depth int) (node, error) {
	e, err := newExpressions(rest)
	if err != nil {
		return nil, p.fail("%v", err)
	}
	var n forNode
	for {
		name, err := e.name()
		if err != nil {
			return nil, p.fail("%v", err)
		}
		n.names = append(n.names, name)
		if !e.sign(",") {
			break
		}
	}
	if !e.word("in") {
		return nil, p.fail("for without in")
	}
	if n.over, err = e.parse(levelOr); err != nil {
		return nil, p.fail("%v", err)
	}
	if e.word("if") {
		if n.cond, err = e.parse(levelTernary); err != nil {
			return nil, p.fail("%v", err)
		}
	}
	if err := e.finished(); err != nil {
		return nil, p.fail("%v", err)
	}
	p.loops++
	body, end, err := p.block(depth + 1)
	p.loops--
	if err != nil {
		return nil, err
	}
	n.body = body
	if end == "else" {
		if n.rest, end, err = p.block(depth + 1); err != nil {
			return nil, err
		}
	}
	if end != "endfor" {
		return nil, p.fail("for without endfor")
	}
	return n, nil
}

func (p *parser) setTag(rest string, depth int) (node, error) {
	e, err := newExpressions(rest)
	if err != nil {
		return nil, p.fail("%v", err)
	}
	var n setNode
	if n.name, err = e.name(); err != nil {
		return nil, p.fail("%v", err)
	}
	if e.sign(".") {
		if n.attr, err = e.name(); err != nil {
			return nil, p.fail("%v", err)
		}
	}
	if e.sign("=") {
		if n.value, err = e.parse(levelTernary); err != nil {
			return nil, p.fail("%v", err)
		}
		if err := e.finished(); err != nil {
			return nil, p.fail("%v", err)
		}
		return n, nil
	}
	if err := e.finished(); err != nil {
		return nil, p.fail("%v", err)
	}
	body, end, err := p.block(depth + 1)
	if err == nil && end != "endset" {
		err = p.fail("set without a value")
	}
	n.body = body
	return n, err
}

// whole reads src as exactly one expression.
func (p *parser) whole(src string) (expr, error) {
	e, err := newExpressions(src)
	if err != nil {
		return nil, p.fail("%v", err)
	}
	value, err := e.parse(levelTernary)
	if err == nil {
		err = e.finished()
	}
	if err != nil {
		return nil, p.fail("%v", err)
	}
	return value, nil
}
