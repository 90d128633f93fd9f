package jinja

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Values of a template are: nil (none), undefined, bool, int64, float64, string, []any and *Dict.

// undefined is the value of a name or attribute that does not exist: empty, false, and without
// attributes.
type undefined struct{ name string }

// Dict is a mapping that keeps the order of its keys. It is not safe for use by several goroutines
// while it changes.
type Dict struct {
	keys   []string
	values map[string]any
}

// NewDict makes a mapping from keys and values in turn.
func NewDict(pairs ...any) *Dict {
	d := &Dict{values: make(map[string]any, len(pairs)/2)}
	for i := 0; i+1 < len(pairs); i += 2 {
		if key, ok := pairs[i].(string); ok {
			d.Set(key, pairs[i+1])
		}
	}
	return d
}

// Set adds or replaces a value.
func (d *Dict) Set(key string, value any) {
	if _, ok := d.values[key]; !ok {
		d.keys = append(d.keys, key)
	}
	d.values[key] = value
}

// Range calls each for every key in order.
func (d *Dict) Range(each func(key string, value any)) {
	for _, key := range d.keys {
		each(key, d.values[key])
	}
}

// get returns a value, or undefined.
func (d *Dict) get(key string) any {
	if v, ok := d.values[key]; ok {
		return v
	}
	return undefined{key}
}

// truth is what a value means in a condition.
func truth(v any) bool {
	switch v := v.(type) {
	case nil, undefined:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case *Dict:
		return len(v.keys) > 0
	}
	return true
}

// text is what a value looks like in the output.
func text(v any) string {
	switch v := v.(type) {
	case undefined:
		return ""
	case string:
		return v
	}
	return repr(v)
}

// repr is what a value looks like inside a list.
func repr(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case undefined:
		return "Undefined"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return reprFloat(v)
	case string:
		return reprString(v)
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = repr(item)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case *Dict:
		parts := make([]string, len(v.keys))
		for i, key := range v.keys {
			parts[i] = reprString(key) + ": " + repr(v.values[key])
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v)
}

func reprFloat(v float64) string {
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if math.Trunc(v) == v && !strings.ContainsAny(s, "eInN.") {
		return s + ".0"
	}
	return s
}

func reprString(s string) string {
	quote := "'"
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = `"`
	}
	r := strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`, quote, `\`+quote)
	return quote + r.Replace(s) + quote
}

// toJSON writes a value as the publishers' tojson filter does: spaces after signs, no escaping of
// letters.
func toJSON(v any) (string, error) {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			part, err := toJSON(item)
			if err != nil {
				return "", err
			}
			parts[i] = part
		}
		return "[" + strings.Join(parts, ", ") + "]", nil
	case *Dict:
		parts := make([]string, len(v.keys))
		for i, key := range v.keys {
			part, err := toJSON(v.values[key])
			if err != nil {
				return "", err
			}
			name, err := toJSON(key)
			if err != nil {
				return "", err
			}
			parts[i] = name + ": " + part
		}
		return "{" + strings.Join(parts, ", ") + "}", nil
	case float64:
		return reprFloat(v), nil
	case undefined:
		return "", fmt.Errorf("%w: tojson of an undefined value", ErrRender)
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", fmt.Errorf("%w: %w", ErrRender, err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// numberOf converts a number or truth value.
func numberOf(v any) (float64, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case int64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// equal compares two values.
func equal(a, b any) bool {
	if x, ok := numberOf(a); ok {
		y, ok := numberOf(b)
		return ok && x == y
	}
	switch a := a.(type) {
	case nil:
		return b == nil
	case string:
		s, ok := b.(string)
		return ok && a == s
	case undefined:
		_, ok := b.(undefined)
		return ok
	case []any:
		other, ok := b.([]any)
		if !ok || len(a) != len(other) {
			return false
		}
		for i := range a {
			if !equal(a[i], other[i]) {
				return false
			}
		}
		return true
	case *Dict:
		other, ok := b.(*Dict)
		if !ok || len(a.keys) != len(other.keys) {
			return false
		}
		for _, key := range a.keys {
			if v, ok := other.values[key]; !ok || !equal(a.values[key], v) {
				return false
			}
		}
		return true
	}
	return false
}
