package processorfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
)

// The two files.
const (
	Flat   = "preprocessor_config.json"
	Nested = "processor_config.json"
)

// The parts that are read here. The second is called audio_processor by some processors.
const (
	ImageProcessor   = "image_processor"
	FeatureExtractor = "feature_extractor"
	audioProcessor   = "audio_processor"
)

// Section is the text of one part.
type Section struct {
	// File holds it; Prefix stands in front of its fields' names, and is empty or ends with a dot.
	File, Prefix string
	// Data is a JSON object, or whatever stands in its place.
	Data []byte
}

// ErrMissing means that no file holds the part.
var ErrMissing = errors.New("no settings of the processor")

// ErrContradiction means that the two files say different things.
var ErrContradiction = errors.New("two files contradict each other")

// Find returns the part from Flat and from Nested, in this order, where they hold it. A Nested
// without the part, as version 4 writes it, does not count. Errors wrap ErrMissing, or those of the
// file system; a Nested that is no JSON object is one too.
func Find(folder fs.FS, part string) ([]Section, error) {
	var found []Section
	data, err := fs.ReadFile(folder, Flat)
	switch {
	case err == nil:
		found = append(found, Section{File: Flat, Data: data})
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	nested, err := fs.ReadFile(folder, Nested)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		var parts map[string]json.RawMessage
		if err := json.Unmarshal(nested, &parts); err != nil {
			return nil, fmt.Errorf("%s: not a JSON object: %w", Nested, err)
		}
		name := part
		if _, ok := parts[name]; !ok && part == FeatureExtractor {
			name = audioProcessor
		}
		if raw, ok := parts[name]; ok && string(raw) != "null" {
			found = append(found, Section{File: Nested, Prefix: name + ".", Data: raw})
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: %s: missing, and %s has no %s: %w", ErrMissing, Flat, Nested, part, fs.ErrNotExist)
	}
	return found, nil
}

// Read parses every section into a structure, or a pointer to one, and returns what all of them
// say. Where two say different things the error wraps ErrContradiction and names both files and the
// exported fields that differ.
func Read[T any](folder fs.FS, part string, parse func(Section) (T, error)) (T, error) {
	var first T
	sections, err := Find(folder, part)
	if err != nil {
		return first, err
	}
	for i, s := range sections {
		parsed, err := parse(s)
		if err != nil {
			return first, err
		}
		if i == 0 {
			first = parsed
			continue
		}
		if what := differ(first, parsed); what != "" {
			return first, fmt.Errorf("%w: %s and %s (%s) differ in %s; keep the one that belongs to the weights", ErrContradiction, Flat, Nested, part, what)
		}
	}
	return first, nil
}

// differ names the fields of two structures that are not alike, with both values; empty where all
// are.
func differ(a, b any) string {
	left, right := reflect.Indirect(reflect.ValueOf(a)), reflect.Indirect(reflect.ValueOf(b))
	var out []string
	for i := range left.NumField() {
		if !left.Type().Field(i).IsExported() {
			continue
		}
		l, r := left.Field(i).Interface(), right.Field(i).Interface()
		if !reflect.DeepEqual(l, r) {
			out = append(out, fmt.Sprintf("%s: %v and %v", left.Type().Field(i).Name, l, r))
		}
	}
	return strings.Join(out, ", ")
}
