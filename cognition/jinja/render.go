package jinja

import (
	"fmt"
	"strings"
)

// Bounds of one rendering.
const (
	maxOutput = 8 << 20 // bytes
	maxSteps  = 1 << 18 // statements and expressions
)

// jump is how a statement leaves its block.
type jump int

const (
	stay jump = iota
	leaveLoop
	nextRound
)

// state of one rendering.
type state struct {
	out    strings.Builder
	scopes []map[string]any
	steps  int
}

// Render writes the template with the given names. It returns an error of kind [ErrRender],
// [ErrRefused] or [ErrTooLong].
func (t *Template) Render(names *Dict) (string, error) {
	top := make(map[string]any, len(names.keys))
	for _, key := range names.keys {
		top[key] = names.values[key]
	}
	s := &state{scopes: []map[string]any{top}}
	if _, err := s.run(t.body); err != nil {
		return "", err
	}
	return s.out.String(), nil
}

// step counts work.
func (s *state) step() error {
	s.steps++
	if s.steps > maxSteps {
		return fmt.Errorf("%w: more than %d steps", ErrTooLong, maxSteps)
	}
	return nil
}

func (s *state) write(text string) error {
	if s.out.Len()+len(text) > maxOutput {
		return fmt.Errorf("%w: more than %d bytes", ErrTooLong, maxOutput)
	}
	s.out.WriteString(text)
	return nil
}

func (s *state) run(body []node) (jump, error) {
	for _, n := range body {
		if j, err := s.exec(n); err != nil || j != stay {
			return j, err
		}
	}
	return stay, nil
}

func (s *state) exec(n node) (jump, error) {
	if err := s.step(); err != nil {
		return stay, err
	}
	switch n := n.(type) {
	case textNode:
		return stay, s.write(n.text)
	case valueNode:
		v, err := s.eval(n.value)
		if err != nil {
			return stay, err
		}
		return stay, s.write(text(v))
	case setNode:
		return stay, s.set(n)
	case ifNode:
		v, err := s.eval(n.cond)
		if err != nil {
			return stay, err
		}
		if truth(v) {
			return s.run(n.then)
		}
		return s.run(n.rest)
	case forNode:
		return s.loop(n)
	case jumpNode:
		if n.stop {
			return leaveLoop, nil
		}
		return nextRound, nil
	}
	return stay, nil
}

func (s *state) set(n setNode) error {
	value, err := s.setValue(n)
	if err != nil {
		return err
	}
	if n.attr == "" {
		s.scopes[len(s.scopes)-1][n.name] = value
		return nil
	}
	space, ok := s.lookup(n.name).(*Dict)
	if !ok {
		return fmt.Errorf("%w: %s is not a namespace", ErrRender, n.name)
	}
	if err := s.weigh(value, space); err != nil {
		return err
	}
	space.Set(n.attr, value)
	return nil
}

// weigh counts a composite value as work, so that values built from values stay bounded, and
// refuses one that holds the mapping it is about to be put into.
func (s *state) weigh(v any, into *Dict) error {
	if err := s.step(); err != nil {
		return err
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if err := s.weigh(item, into); err != nil {
				return err
			}
		}
	case *Dict:
		if v == into {
			return fmt.Errorf("%w: a namespace inside itself", ErrRender)
		}
		for _, key := range v.keys {
			if err := s.weigh(v.values[key], into); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *state) setValue(n setNode) (any, error) {
	if n.value != nil {
		return s.eval(n.value)
	}
	before := s.out
	s.out = strings.Builder{}
	_, err := s.run(n.body)
	value := s.out.String()
	s.out = strings.Builder{}
	s.out.WriteString(before.String())
	return value, err
}

func (s *state) lookup(name string) any {
	for i := len(s.scopes) - 1; i >= 0; i-- {
		if v, ok := s.scopes[i][name]; ok {
			return v
		}
	}
	return undefined{name}
}

func (s *state) loop(n forNode) (jump, error) {
	over, err := s.eval(n.over)
	if err != nil {
		return stay, err
	}
	items, err := iterate(over)
	if err != nil {
		return stay, err
	}
	scope := map[string]any{}
	s.scopes = append(s.scopes, scope)
	defer func() { s.scopes = s.scopes[:len(s.scopes)-1] }()
	if n.cond != nil {
		if items, err = s.keep(n, items, scope); err != nil {
			return stay, err
		}
	}
	for i, item := range items {
		clear(scope)
		if err := bind(scope, n.names, item); err != nil {
			return stay, err
		}
		scope["loop"] = loopInfo(items, i)
		j, err := s.run(n.body)
		if err != nil {
			return stay, err
		}
		if j == leaveLoop {
			break
		}
	}
	if len(items) == 0 {
		clear(scope)
		return s.run(n.rest)
	}
	return stay, nil
}

// keep returns the items that meet the loop's condition.
func (s *state) keep(n forNode, items []any, scope map[string]any) ([]any, error) {
	var kept []any
	for _, item := range items {
		if err := bind(scope, n.names, item); err != nil {
			return nil, err
		}
		v, err := s.eval(n.cond)
		if err != nil {
			return nil, err
		}
		if truth(v) {
			kept = append(kept, item)
		}
	}
	return kept, nil
}

// loopInfo is the value of the name loop.
func loopInfo(items []any, i int) *Dict {
	n := int64(len(items))
	d := NewDict("index0", int64(i), "index", int64(i)+1, "first", i == 0, "last", i == len(items)-1, "length", n,
		"revindex", n-int64(i), "revindex0", n-int64(i)-1)
	if i > 0 {
		d.Set("previtem", items[i-1])
	}
	if i+1 < len(items) {
		d.Set("nextitem", items[i+1])
	}
	return d
}

// bind gives an item's parts to the loop's names.
func bind(scope map[string]any, names []string, item any) error {
	if len(names) == 1 {
		scope[names[0]] = item
		return nil
	}
	parts, ok := item.([]any)
	if !ok || len(parts) != len(names) {
		return fmt.Errorf("%w: %d names for %s", ErrRender, len(names), repr(item))
	}
	for i, name := range names {
		scope[name] = parts[i]
	}
	return nil
}

// iterate lists the items of a value.
func iterate(v any) ([]any, error) {
	switch v := v.(type) {
	case []any:
		return v, nil
	case *Dict:
		items := make([]any, len(v.keys))
		for i, key := range v.keys {
			items[i] = key
		}
		return items, nil
	case string:
		var items []any
		for _, r := range v {
			items = append(items, string(r))
		}
		return items, nil
	case undefined:
		return nil, nil
	}
	return nil, fmt.Errorf("%w: %s cannot be iterated", ErrRender, repr(v))
}
