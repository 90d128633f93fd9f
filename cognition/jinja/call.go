package jinja

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func knownFunction(name string) bool {
	return slices.Contains([]string{"range", "namespace", "dict", "raise_exception"}, name)
}

func knownFilter(name string) bool {
	return slices.Contains([]string{
		"trim", "upper", "lower", "capitalize", "title", "length", "count", "join", "first", "last", "tojson", "default", "d",
		"replace", "string", "int", "list", "reverse", "items", "safe",
	}, name)
}

func knownMethod(name string) bool {
	return slices.Contains([]string{
		"strip", "lstrip", "rstrip", "split", "upper", "lower", "capitalize", "title", "startswith", "endswith", "replace", "join",
		"items", "keys", "values", "get",
	}, name)
}

func knownTest(name string) bool {
	return slices.Contains([]string{
		"defined", "undefined", "none", "string", "mapping", "sequence", "iterable", "number", "integer", "boolean", "true", "false",
		"odd", "even", "equalto", "eq",
	}, name)
}

func (s *state) evalTest(e testExpr) (any, error) {
	v, err := s.eval(e.of)
	if err != nil {
		return nil, err
	}
	args, err := s.evalAll(e.args)
	if err != nil {
		return nil, err
	}
	return test(e.name, v, args) != e.not, nil
}

func test(name string, v any, args []any) bool {
	n, isInt := v.(int64)
	_, isString := v.(string)
	_, isList := v.([]any)
	_, isDict := v.(*Dict)
	_, isUndefined := v.(undefined)
	b, isBool := v.(bool)
	_, isFloat := v.(float64)
	switch name {
	case "defined":
		return !isUndefined
	case "undefined":
		return isUndefined
	case "none":
		return v == nil
	case "string":
		return isString
	case "mapping":
		return isDict
	case "sequence", "iterable":
		return isString || isList || isDict
	case "number":
		return isInt || isFloat || isBool
	case "integer":
		return isInt
	case "boolean":
		return isBool
	case "true":
		return isBool && b
	case "false":
		return isBool && !b
	case "odd":
		return isInt && n%2 != 0
	case "even":
		return isInt && n%2 == 0
	}
	return len(args) > 0 && equal(v, args[0])
}

func (s *state) evalCall(e callExpr) (any, error) {
	args, err := s.evalAll(e.args)
	if err != nil {
		return nil, err
	}
	named, err := s.evalAll(e.vals)
	if err != nil {
		return nil, err
	}
	if e.kind == "function" {
		return function(e.name, args, e.keys, named)
	}
	of, err := s.eval(e.of)
	if err != nil {
		return nil, err
	}
	if len(e.keys) > 0 && e.name != "tojson" {
		return nil, fmt.Errorf("%w: %s with named arguments", ErrRender, e.name)
	}
	var v any
	if e.kind == "filter" {
		v, err = filter(e.name, of, args)
	} else {
		v, err = method(e.name, of, args)
	}
	if err == nil {
		if text, ok := v.(string); ok && len(text) > maxOutput {
			return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLong, maxOutput)
		}
	}
	return v, err
}

func function(name string, args []any, keys []string, named []any) (any, error) {
	switch name {
	case "namespace", "dict":
		d := NewDict()
		for i, key := range keys {
			d.Set(key, named[i])
		}
		return d, nil
	case "raise_exception":
		return nil, fmt.Errorf("%w: %s", ErrRefused, text(argument(args, 0, "")))
	}
	limits := []int64{0, 0, 1}
	for i, a := range args {
		n, ok := a.(int64)
		if !ok || i > 2 {
			return nil, fmt.Errorf("%w: range of %s", ErrRender, repr(a))
		}
		if len(args) == 1 {
			i = 1
		}
		limits[i] = n
	}
	if limits[2] == 0 || len(args) == 0 {
		return nil, fmt.Errorf("%w: range without end or step", ErrRender)
	}
	var list []any
	for n := limits[0]; (limits[2] > 0 && n < limits[1]) || (limits[2] < 0 && n > limits[1]); n += limits[2] {
		if len(list) >= maxSteps {
			return nil, fmt.Errorf("%w: range of more than %d", ErrTooLong, maxSteps)
		}
		list = append(list, n)
	}
	return list, nil
}

// argument is an argument by position, or a default.
func argument(args []any, i int, fallback any) any {
	if i < len(args) {
		return args[i]
	}
	return fallback
}

func filter(name string, of any, args []any) (any, error) {
	switch name {
	case "default", "d":
		if _, ok := of.(undefined); ok || (truth(argument(args, 1, false)) && !truth(of)) {
			return argument(args, 0, ""), nil
		}
		return of, nil
	case "tojson":
		return toJSON(of)
	case "string":
		return text(of), nil
	case "safe":
		return of, nil
	case "length", "count":
		items, err := iterate(of)
		return int64(len(items)), err
	case "list":
		items, err := iterate(of)
		return items, err
	case "reverse":
		items, err := iterate(of)
		items = slices.Clone(items)
		slices.Reverse(items)
		return items, err
	case "first", "last":
		return end(name, of)
	case "join":
		return method("join", text(argument(args, 0, "")), []any{of})
	case "items":
		return method("items", of, nil)
	case "int":
		if n, ok := numberOf(of); ok {
			return int64(n), nil
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(text(of)), 10, 64); err == nil {
			return n, nil
		}
		return argument(args, 0, int64(0)), nil
	case "trim":
		name = "strip"
	}
	return method(name, text(of), args)
}

func end(name string, of any) (any, error) {
	items, err := iterate(of)
	switch {
	case err != nil:
		return nil, err
	case len(items) == 0:
		return undefined{name}, nil
	case name == "first":
		return items[0], nil
	}
	return items[len(items)-1], nil
}
