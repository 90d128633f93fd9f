package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/sensory-agent/sensory-agent/internal/yamlguard"
)

// Parse reads one document. name is used in messages. Prompts in files of their own are left out:
// Load reads them. Errors: *FieldError, or FieldErrors where there are several.
func Parse(name string, data []byte) (c *Config, err error) {
	r := &reader{file: name}
	// The YAML library is known to crash on some broken texts; a user's file must not take the
	// program down with it.
	defer func() {
		if cause := recover(); cause != nil {
			c, err = nil, &FieldError{File: name, Problem: fmt.Sprintf("unreadable YAML: %v", cause)}
		}
	}()
	body, wrong := document(name, data)
	if wrong != nil {
		return nil, wrong
	}
	c = &Config{Path: name, values: map[string]Value{}, lines: map[string]int{}, roomPolicies: map[string]policyRoom{}}
	if body != nil {
		r.document(c, body)
	}
	r.checkSet(c)
	r.roomPolicies(c, false)
	if err := r.mistakes.err(); err != nil {
		return nil, err
	}
	if _, err := c.Limits(); err != nil {
		return nil, err
	}
	return c, nil
}

// document returns the body of the one document of a text, nil where it has none.
func document(name string, data []byte) (ast.Node, *FieldError) {
	if err := guard(name, data); err != nil {
		return nil, err
	}
	tree, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, syntaxError(name, err)
	}
	if len(tree.Docs) > 1 {
		return nil, &FieldError{File: name, Problem: "more than one document"}
	}
	for _, doc := range tree.Docs {
		return doc.Body, nil
	}
	return nil, nil
}

// guard refuses what the YAML library would take too much memory for. Aliases are refused later,
// with the field that has them.
func guard(name string, data []byte) *FieldError {
	limits := yamlguard.Default()
	limits.Bytes, limits.Aliases = maxFile, limits.Tokens
	err := yamlguard.Check(data, limits)
	var beyond *yamlguard.LimitError
	switch {
	case errors.As(err, &beyond):
		return &FieldError{File: name, Line: beyond.Line, Problem: beyond.Error()}
	case err != nil:
		return &FieldError{File: name, Problem: err.Error()}
	}
	return nil
}

// syntaxError takes the line out of what the library says, which is several lines long and repeats
// the text.
func syntaxError(name string, err error) *FieldError {
	e := &FieldError{File: name}
	first, _, _ := strings.Cut(err.Error(), "\n")
	if _, scan := fmt.Sscanf(first, "[%d:", &e.Line); scan == nil {
		_, first, _ = strings.Cut(first, "] ")
	}
	e.Problem = "not YAML: " + first
	return e
}

// reader walks the tree and keeps what is wrong.
type reader struct {
	file     string
	mistakes FieldErrors
}

func (r *reader) fail(at ast.Node, field, problem string) {
	n := 0
	if at != nil {
		n = line(at)
	}
	r.problem(n, field, problem)
}

// problem notes a mistake, the first one of each field only: what follows from it would be noise.
func (r *reader) problem(line int, field, text string) {
	known := func(e *FieldError) bool {
		return e.Field == field || strings.HasPrefix(field, e.Field+".") || strings.HasPrefix(field, e.Field+"[")
	}
	if len(r.mistakes) < maxMistakes && !slices.ContainsFunc(r.mistakes, known) {
		r.mistakes = append(r.mistakes, &FieldError{File: r.file, Line: line, Field: field, Problem: text})
	}
}

func line(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

// field is one key of a mapping with its value.
type field struct {
	name  string
	key   ast.Node
	value ast.Node
}

// mapping returns the fields of a mapping, in order, each once.
func (r *reader) mapping(n ast.Node, path string) []field {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		r.fail(n, path, "must be a mapping of keys to values")
		return nil
	}
	var out []field
	for _, pair := range pairs {
		name := ""
		switch key := pair.Key.(type) {
		case *ast.StringNode:
			name = key.Value
		default:
			r.fail(pair, path, "a key must be a plain word")
			continue
		}
		if slices.ContainsFunc(out, func(f field) bool { return f.name == name }) {
			r.fail(pair.Key, join(path, name), "is there twice")
			continue
		}
		out = append(out, field{name, pair.Key, pair.Value})
	}
	return out
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// scalar returns a plain value as text, and whether it is a number.
func (r *reader) scalar(n ast.Node, path string) (text string, isNumber, ok bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, false, true
	case *ast.LiteralNode:
		return strings.TrimRight(n.Value.Value, "\n"), false, true
	case *ast.IntegerNode:
		return strings.ReplaceAll(n.Token.Value, "_", ""), true, true
	case *ast.FloatNode:
		return n.Token.Value, true, true
	case *ast.BoolNode:
		r.fail(n, path, "must not be true or false")
	case *ast.NullNode:
		r.fail(n, path, "has no value")
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		r.fail(n, path, "anchors, aliases and tags are not supported")
	default:
		r.fail(n, path, "must be a single value")
	}
	return "", false, false
}

// document reads the sections.
func (r *reader) document(c *Config, body ast.Node) {
	if empty(body) {
		return
	}
	keys := Keys()
	for _, section := range r.mapping(body, "") {
		if empty(section.value) {
			continue // a section whose keys are commented out
		}
		switch section.name {
		case "budgets":
			r.budgets(c, section.value)
			continue
		case "personas":
			r.personas(c, section)
			continue
		case "rooms":
			r.rooms(c, section)
			continue
		case workerSection:
			r.worker(c, section)
			continue
		case tokenSection:
			r.token(c, section)
			continue
		}
		known := slices.DeleteFunc(slices.Clone(keys), func(k Key) bool { return !strings.HasPrefix(k.Name, section.name+".") })
		if len(known) == 0 {
			r.fail(section.key, section.name, "unknown section; known are "+strings.Join(sections(keys), ", "))
			continue
		}
		for _, f := range r.mapping(section.value, section.name) {
			r.setting(c, known, join(section.name, f.name), f)
		}
	}
}

// empty tells whether nothing is written there but comments.
func empty(n ast.Node) bool {
	switch n.(type) {
	case *ast.NullNode, *ast.CommentGroupNode, *ast.CommentNode:
		return true
	}
	return false
}

// setting reads one value. besides are keys of the section that are none of those.
func (r *reader) setting(c *Config, known []Key, path string, f field, besides ...string) {
	i := slices.IndexFunc(known, func(k Key) bool { return k.Name == path })
	if i < 0 {
		names := make([]string, len(known))
		for i, k := range known {
			_, names[i], _ = strings.Cut(k.Name, ".")
		}
		r.fail(f.key, path, "unknown key; known are "+strings.Join(append(names, besides...), ", "))
		return
	}
	text, isNumber, ok := r.scalar(f.value, path)
	if !ok {
		return
	}
	value, problem := known[i].read(text, isNumber)
	if problem != "" {
		r.fail(f.value, path, problem)
		return
	}
	value.Line = line(f.value)
	c.values[path] = value
}

func sections(keys []Key) []string {
	var out []string
	for _, k := range keys {
		name, _, _ := strings.Cut(k.Name, ".")
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return append(out, "budgets", "personas", "rooms")
}
