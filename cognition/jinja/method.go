package jinja

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

func method(name string, of any, args []any) (any, error) {
	switch of := of.(type) {
	case string:
		return stringMethod(name, of, args)
	case *Dict:
		return dictMethod(name, of, args)
	case undefined:
		return nil, fmt.Errorf("%w: %s of undefined %q", ErrRender, name, of.name)
	}
	return nil, fmt.Errorf("%w: %s of %s", ErrRender, name, repr(of))
}

func dictMethod(name string, d *Dict, args []any) (any, error) {
	list := []any{}
	for _, key := range d.keys {
		switch name {
		case "items":
			list = append(list, []any{key, d.values[key]})
		case "keys":
			list = append(list, key)
		case "values":
			list = append(list, d.values[key])
		}
	}
	if name != "get" {
		if name != "items" && name != "keys" && name != "values" {
			return nil, fmt.Errorf("%w: %s of a mapping", ErrRender, name)
		}
		return list, nil
	}
	if v, ok := d.values[text(argument(args, 0, ""))]; ok {
		return v, nil
	}
	return argument(args, 1, nil), nil
}

func stringMethod(name, of string, args []any) (any, error) {
	first := text(argument(args, 0, ""))
	switch name {
	case "strip", "lstrip", "rstrip":
		return strip(name, of, first, len(args) > 0), nil
	case "split":
		return splitText(of, first, len(args) > 0), nil
	case "upper":
		return strings.ToUpper(of), nil
	case "lower":
		return strings.ToLower(of), nil
	case "capitalize":
		_, n := utf8.DecodeRuneInString(of)
		return strings.ToUpper(of[:n]) + strings.ToLower(of[n:]), nil
	case "title":
		return title(of), nil
	case "startswith":
		return strings.HasPrefix(of, first), nil
	case "endswith":
		return strings.HasSuffix(of, first), nil
	case "replace":
		if len(args) != 2 {
			return nil, fmt.Errorf("%w: replace with %d arguments", ErrRender, len(args))
		}
		second := text(args[1])
		if len(first) == 0 || (strings.Count(of, first)+1)*len(second)+len(of) > maxOutput {
			return nil, fmt.Errorf("%w: replace of %q", ErrTooLong, first)
		}
		return strings.ReplaceAll(of, first, second), nil
	case "join":
		items, err := iterate(argument(args, 0, undefined{}))
		if err != nil {
			return nil, err
		}
		parts := make([]string, len(items))
		for i, item := range items {
			parts[i] = text(item)
		}
		return strings.Join(parts, of), nil
	}
	return nil, fmt.Errorf("%w: %s of a string", ErrRender, name)
}

func strip(name, of, set string, given bool) string {
	in := unicode.IsSpace
	if given {
		in = func(r rune) bool { return strings.ContainsRune(set, r) }
	}
	if name != "rstrip" {
		of = strings.TrimLeftFunc(of, in)
	}
	if name != "lstrip" {
		of = strings.TrimRightFunc(of, in)
	}
	return of
}

func splitText(of, sep string, given bool) []any {
	parts := strings.Fields(of)
	if given && sep != "" {
		parts = strings.Split(of, sep)
	}
	list := make([]any, len(parts))
	for i, part := range parts {
		list[i] = part
	}
	return list
}

// title upper-cases the first letter of every word and lower-cases the rest.
func title(of string) string {
	start := true
	return strings.Map(func(r rune) rune {
		was := start
		start = !unicode.IsLetter(r)
		if was {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, of)
}
