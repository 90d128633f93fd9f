package config

import (
	"strconv"

	"github.com/google/jsonschema-go/jsonschema"
)

// form is how a value is written: what reads it, and what an editor is told of it.
type form struct {
	read  func(text string, isNumber bool) (Value, string)
	shape *jsonschema.Schema
}

func asText() form { return form{text, lineOf(maxText)} }

func asPlace() form { return form{place, lineOf(maxText)} }

func asWord(known ...string) form { return form{word(known...), oneWordOf(known...)} }

func asAddress() form {
	return form{address, &jsonschema.Schema{Type: "string", Pattern: `^.*:[^:\]]+$`}}
}

func asUpTo(most int64) form { return form{upTo(most), wholeFrom(0, most)} }

func asSize() form {
	return form{size, &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
		wholeFrom(0, 0), {Type: "string", Pattern: `^[0-9]+\s*([KMGT]iB|[kMGT]B)$`},
	}}}
}

func asDuration() form { return form{duration, spanShape()} }

// spanShape is a length of time as time.ParseDuration takes it, without a sign.
func spanShape() *jsonschema.Schema {
	return &jsonschema.Schema{
		Type: "string", Pattern: `^\+?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$`,
	}
}

// lineOf is a text of at most that many bytes. A schema counts characters: of text beyond ASCII it
// lets some pass that the program refuses.
func lineOf(bytes int) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", MinLength: jsonschema.Ptr(1), MaxLength: &bytes}
}

func oneWordOf(known ...string) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, w := range known {
		s.Enum = append(s.Enum, w)
	}
	return s
}

// wholeFrom is a whole number of at least least, and of at most most where that is not 0.
func wholeFrom(least, most int64) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "integer", Minimum: jsonschema.Ptr(float64(least))}
	if most > 0 {
		s.Maximum = jsonschema.Ptr(float64(most))
	}
	return s
}

// wholeOrAll is a number of at least 1, or the word all.
func wholeOrAll() *jsonschema.Schema {
	return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{wholeFrom(1, 0), oneWordOf("all")}}
}

// listOf is a list of at most most entries.
func listOf(entry *jsonschema.Schema, most int) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: entry, MaxItems: &most}
}

// described adds what people read of it.
func described(s *jsonschema.Schema, doc string) *jsonschema.Schema {
	s.Description = doc
	return s
}

// object is a mapping of those keys and no others.
func object(must ...string) *jsonschema.Schema {
	return &jsonschema.Schema{
		Type: "object", Properties: map[string]*jsonschema.Schema{}, Required: must,
		AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}},
	}
}

// put adds a key, in the order of the calls.
func put(s *jsonschema.Schema, name string, value *jsonschema.Schema) {
	s.Properties[name] = value
	s.PropertyOrder = append(s.PropertyOrder, name)
}

// defaulted adds what holds without the key.
func defaulted(s *jsonschema.Schema, text string) *jsonschema.Schema {
	s.Default = []byte(strconv.Quote(text))
	return s
}
