package compute

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"
)

// node is one JSON value with its path, kept until somebody asks for it as a type. The first wrong
// thing met is remembered in the reader; later questions return zero values.
type node struct {
	reader *treeReader
	path   string
	raw    any // nil, bool, json.Number, string, []node or *object
}

// object is a JSON object. Fields that nobody asked for are unknown.
type object struct {
	fields map[string]node
	order  []string
	asked  map[string]bool
}

// treeReader reads JSON strictly: one value, no field twice, no unknown field, no value of another
// type.
type treeReader struct {
	decoder *json.Decoder
	err     error
}

// maxDepth is deeper than any request.
const maxDepth = 8

func readTree(data []byte) (node, *treeReader) {
	r := &treeReader{decoder: json.NewDecoder(bytes.NewReader(data))}
	r.decoder.UseNumber()
	root := r.value("request", 0)
	if _, err := r.decoder.Token(); r.err == nil && err != io.EOF {
		r.fail("request", "more text after the JSON value")
	}
	return root, r
}

func (r *treeReader) fail(path, problem string) {
	if r.err == nil {
		r.err = invalid(path, problem)
	}
}

func (r *treeReader) value(path string, depth int) node {
	n := node{reader: r, path: path}
	if depth > maxDepth {
		r.fail(path, "nested too deeply")
		return n
	}
	token, err := r.decoder.Token()
	if err != nil {
		r.fail(path, "malformed JSON: "+err.Error())
		return n
	}
	switch token {
	case json.Delim('{'):
		n.raw = r.object(path, depth)
	case json.Delim('['):
		n.raw = r.array(path, depth)
	default:
		n.raw = token
	}
	return n
}

func (r *treeReader) object(path string, depth int) *object {
	o := &object{fields: map[string]node{}, asked: map[string]bool{}}
	for r.err == nil && r.decoder.More() {
		token, err := r.decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			r.fail(path, "malformed JSON: field name expected")
			return o
		}
		if _, twice := o.fields[name]; twice {
			r.fail(child(path, name), "given twice")
			return o
		}
		o.fields[name] = r.value(child(path, name), depth+1)
		o.order = append(o.order, name)
	}
	r.end(path)
	return o
}

func (r *treeReader) array(path string, depth int) []node {
	items := []node{}
	for r.err == nil && r.decoder.More() {
		items = append(items, r.value(path+"["+strconv.Itoa(len(items))+"]", depth+1))
	}
	r.end(path)
	return items
}

// end reads the closing bracket.
func (r *treeReader) end(path string) {
	if r.err != nil {
		return
	}
	if _, err := r.decoder.Token(); err != nil {
		r.fail(path, "malformed JSON: "+err.Error())
	}
}

// child returns the path of a field; the name of the whole request is left out.
func child(path, name string) string {
	if len(name) > 64 {
		name = name[:64] + "…"
	}
	if name == "" {
		name = `""`
	}
	if path == "request" {
		return name
	}
	return path + "." + name
}

// object returns the value as an object; ask for its fields, then call done.
func (n node) object() *object {
	if o, ok := n.raw.(*object); ok {
		return o
	}
	n.wrong("an object")
	return &object{asked: map[string]bool{}}
}

func (n node) wrong(expected string) {
	n.reader.fail(n.path, fmt.Sprintf("must be %s, not %s", expected, n.kind()))
}

func (n node) kind() string {
	switch n.raw.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case []node:
		return "a list"
	default:
		return "an object"
	}
}

// field returns a field and whether it is there. A required one that is missing is an error.
func (n node) field(o *object, name string, required bool) (node, bool) {
	o.asked[name] = true
	value, ok := o.fields[name]
	if !ok && required {
		n.reader.fail(child(n.path, name), "missing")
	}
	return value, ok && n.reader.err == nil
}

// done refuses fields that nobody asked for.
func (n node) done(o *object) {
	for _, name := range o.order {
		if !o.asked[name] {
			n.reader.fail(child(n.path, name), "unknown field")
		}
	}
}

func (n node) text(o *object, name string, required bool) string {
	value, ok := n.field(o, name, required)
	if !ok {
		return ""
	}
	text, ok := value.raw.(string)
	if !ok {
		value.wrong("a string")
	}
	return text
}

func (n node) truth(o *object, name string) bool {
	value, ok := n.field(o, name, false)
	if !ok {
		return false
	}
	truth, ok := value.raw.(bool)
	if !ok {
		value.wrong("true or false")
	}
	return truth
}

func (n node) integer(o *object, name string, required bool) int64 {
	value, ok := n.field(o, name, required)
	if !ok {
		return 0
	}
	number, ok := value.raw.(json.Number)
	if !ok {
		value.wrong("an integer")
		return 0
	}
	integer, err := strconv.ParseInt(number.String(), 10, 64)
	if err != nil {
		n.reader.fail(value.path, fmt.Sprintf("%s is not an integer of 64 bits", clipText(number.String())))
	}
	return integer
}

// millis returns a time in whole milliseconds.
func (n node) millis(o *object, name string, required bool) time.Duration {
	value := n.integer(o, name, required)
	if value > math.MaxInt64/int64(time.Millisecond) || value < math.MinInt64/int64(time.Millisecond) {
		n.reader.fail(child(n.path, name), fmt.Sprintf("%d milliseconds are out of range", value))
		return 0
	}
	return time.Duration(value) * time.Millisecond
}

func (n node) list(o *object, name string, required bool) []node {
	value, ok := n.field(o, name, required)
	if !ok {
		return nil
	}
	items, ok := value.raw.([]node)
	if !ok {
		value.wrong("a list")
	}
	return items
}

func (n node) texts(o *object, name string) []string {
	items := n.list(o, name, false)
	if len(items) == 0 {
		return nil
	}
	texts := make([]string, len(items))
	for i, item := range items {
		text, ok := item.raw.(string)
		if !ok {
			item.wrong("a string")
		}
		texts[i] = text
	}
	return texts
}

func clipText(text string) string {
	if len(text) > 32 {
		return text[:32] + "…"
	}
	return text
}
