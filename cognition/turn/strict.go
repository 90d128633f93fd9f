package turn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// deepest is how deep lists and objects may stand in each other; a request has four levels.
const deepest = 32

// wrong is the first thing of a JSON text that cannot be used: where it is, and what is wrong.
type wrong struct{ field, problem string }

func (e *wrong) Error() string { return e.field + ": " + e.problem }

// decode reads one JSON value strictly: a field that is not known, in other letter case or there
// twice, a null, a number that is no whole one where one is expected, and anything behind the value
// are wrong, and named by their path. Its error is a *wrong, or the reader's.
func decode(r io.Reader, into any) error {
	text, err := io.ReadAll(io.LimitReader(r, mostRequest+1))
	switch {
	case err != nil:
		return err
	case len(text) > mostRequest:
		return &wrong{"(all)", fmt.Sprintf("longer than %d bytes", mostRequest)}
	case !utf8.Valid(text):
		return &wrong{"(all)", "is not UTF-8"}
	}
	s := strict{json.NewDecoder(bytes.NewReader(text))}
	s.UseNumber()
	if err := s.value(reflect.TypeOf(into).Elem(), "(all)", 0); err != nil {
		return err
	}
	if _, err := s.Token(); !errors.Is(err, io.EOF) {
		return &wrong{"(all)", "something stands behind it"}
	}
	if err := json.Unmarshal(text, into); err != nil {
		return &wrong{"(all)", strings.TrimPrefix(err.Error(), "json: ")}
	}
	return nil
}

// strict walks through a JSON text beside the type that it is to become.
type strict struct{ *json.Decoder }

func (s strict) next(at string) (json.Token, error) {
	token, err := s.Token()
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &wrong{at, "ends too early"}
	case err != nil:
		return nil, &wrong{at, "not JSON: " + strings.TrimPrefix(err.Error(), "json: ")}
	}
	return token, nil
}

func (s strict) value(t reflect.Type, at string, depth int) error {
	token, err := s.next(at)
	if err != nil {
		return err
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	expects := ""
	switch t.Kind() {
	case reflect.Struct:
		if token == json.Delim('{') {
			return s.object(t, at, depth+1)
		}
		expects = "an object"
	case reflect.Slice:
		if token == json.Delim('[') {
			return s.list(t.Elem(), at, depth+1)
		}
		expects = "a list"
	case reflect.String:
		if _, ok := token.(string); ok {
			return nil
		}
		expects = "a text"
	case reflect.Bool:
		if _, ok := token.(bool); ok {
			return nil
		}
		expects = "true or false"
	default:
		if n, ok := token.(json.Number); ok {
			if _, err := strconv.ParseInt(n.String(), 10, t.Bits()); err == nil {
				return nil
			}
		}
		expects = "a whole number"
	}
	if token == nil {
		return &wrong{at, "is null; leave it out, or give " + expects}
	}
	return &wrong{at, "must be " + expects}
}

func (s strict) object(t reflect.Type, at string, depth int) error {
	if depth > deepest {
		return &wrong{at, "stands too deep"}
	}
	fields, names := fieldsOf(t)
	seen := map[string]bool{}
	for s.More() {
		token, err := s.next(at)
		if err != nil {
			return err
		}
		key, _ := token.(string)
		of, known := fields[key]
		path := key
		if !known {
			path = strconv.Quote(clip(key))
		}
		if at != "(all)" {
			path = at + "." + path
		}
		switch {
		case !known:
			return &wrong{path, "is not known; there are " + strings.Join(names, ", ")}
		case seen[key]:
			return &wrong{path, "is there twice"}
		}
		seen[key] = true
		if err := s.value(of, path, depth); err != nil {
			return err
		}
	}
	_, err := s.next(at)
	return err
}

func (s strict) list(t reflect.Type, at string, depth int) error {
	if depth > deepest {
		return &wrong{at, "stands too deep"}
	}
	for i := 0; s.More(); i++ {
		if err := s.value(t, at+"["+strconv.Itoa(i)+"]", depth); err != nil {
			return err
		}
	}
	_, err := s.next(at)
	return err
}

// fieldsOf are the fields of a struct by their names in JSON, and the names in their order.
func fieldsOf(t reflect.Type) (fields map[string]reflect.Type, names []string) {
	fields = map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields[name] = f.Type
		names = append(names, name)
	}
	return fields, names
}
