package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/sensory-agent/sensory-agent/config"
)

// judge tells what a schema says of a YAML text.
func judge(t *testing.T, schema *jsonschema.Resolved, text string) error {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if value == nil {
		value = map[string]any{}
	}
	return schema.Validate(value)
}

func resolved(t *testing.T, schema *jsonschema.Schema) *jsonschema.Resolved {
	t.Helper()
	out, err := schema.Resolve(&jsonschema.ResolveOptions{ValidateDefaults: true})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// values are ways to write one, right for some key and wrong for the others.
func values() []string {
	return []string{
		"0", "1", "7", "-1", "40000000", "1.5", "0.25", "true", "false", "~", `""`, "word", `"90s"`, "1h30m", "1.5s", "-4s", "90",
		"4GiB", "3 MB", "4XB", "debug", "json", "vp8", "on", "off", "127.0.0.1:8081", "nowhere", "all", "auto", "mentions", "parallel", "marked",
		"[a, b]", "[]", "{a: 1}", "[1]",
	}
}

// TestSchemaAgrees writes every key with every value: what the program takes, the schema takes.
// What the program refuses, it refuses as well, but for what only the program counts.
func TestSchemaAgrees(t *testing.T) {
	t.Parallel()
	schema, policy := resolved(t, config.Schema()), resolved(t, config.PolicySchema())
	looser := 0
	both := func(key, text string, of *jsonschema.Resolved, err error) {
		wrong := judge(t, of, text)
		switch {
		case err == nil && wrong != nil:
			t.Errorf("%s: the program takes what the schema refuses: %v\n%s", key, wrong, text)
		case err != nil && wrong == nil:
			if !counted(err) {
				t.Errorf("%s: the schema takes what the program refuses: %v\n%s", key, err, text)
			}
			looser++
		}
	}
	for _, k := range config.Keys() {
		section, name, _ := strings.Cut(k.Name, ".")
		for _, v := range values() {
			text := fmt.Sprintf("%s:\n  %s: %s\n", section, name, v)
			_, err := config.Parse("a.yaml", []byte(text))
			both(k.Name, text, schema, err)
		}
	}
	for _, k := range config.PolicyKeys() {
		section, name, nested := strings.Cut(k.Name, ".")
		for _, v := range values() {
			text := fmt.Sprintf("%s: %s\n", section, v)
			if nested {
				text = fmt.Sprintf("%s:\n  %s: %s\n", section, name, v)
			}
			_, err := config.ReadPolicy("p.yaml", []byte(text))
			both(k.Name, text, policy, err)
		}
	}
	if looser == 0 {
		t.Error("not one value was refused by the program alone: are bounds checked at all?")
	}
}

// counted tells whether a mistake is one of amount or of the whole file, which a schema does not
// see.
func counted(err error) bool {
	for _, part := range []string{
		"is not from", "is more than", "is too large", "is longer than", "is less than", "must be between", "must be at least", "would let nothing through",
	} {
		if strings.Contains(err.Error(), part) {
			return true
		}
	}
	return false
}

// TestSchemaTakesRealFiles reads the files that the documentation ships.
func TestSchemaTakesRealFiles(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../docs/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no files in docs", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := config.Parse(path, data); err != nil {
			t.Error(err)
		}
		if err := judge(t, resolved(t, config.Schema()), string(data)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestSchemaKnowsEveryKey writes a file with every key of a persona and of a room, asked for from
// the messages about unknown ones.
func TestSchemaKnowsEveryKey(t *testing.T) {
	t.Parallel()
	schema := config.Schema()
	for _, c := range []struct {
		text string
		of   *jsonschema.Schema
	}{
		{"personas: [{nonsense: 1}]", schema.Defs["persona"]},
		{"rooms: [{nonsense: 1}]", schema.Defs["room"]},
		{"worker: {agents: [{nonsense: 1}]}", schema.Defs["room"]},
		{"budgets: [{nonsense: 1}]", schema.Properties["budgets"].AnyOf[0].Items},
	} {
		_, err := config.Parse("a.yaml", []byte(c.text))
		_, list, found := strings.Cut(fmt.Sprint(err), "known are ")
		if !found {
			t.Fatalf("%s: %v", c.text, err)
		}
		list, _, _ = strings.Cut(list, "\n")
		list, _, _ = strings.Cut(list, ";")
		got := slices.Clone(c.of.PropertyOrder)
		want := strings.Split(strings.TrimSpace(list), ", ")
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %v, the program knows %v", c.text, got, want)
		}
	}
}

// TestSchemaOfPersonas writes personas and rooms that are right and wrong by their shape.
func TestSchemaOfPersonas(t *testing.T) {
	t.Parallel()
	schema := resolved(t, config.Schema())
	const iris = "personas: [{name: iris, prompt: You are Iris., answer: {tokens: 20}, aliases: [irish], remember: auto, history: stored}]\n"
	for text, right := range map[string]bool{
		iris + "rooms: [{name: lobby, personas: [iris], mode: all, policy: {floor: {gap: 100ms}, responders: {named: all}, lanes: {lab: 2}}}]": true,
		iris + "worker: {agents: [{name: greeter, personas: [iris]}], seats: 4}":                                                               true,
		iris + "rooms:\n": true,
		"budgets: [{silicon: CLOUD, provider: lab, slots: 1, units: 2, bytes: 1GiB}]": true,
		"":                             true,
		"personas: [{identity: iris}]": false,
		"personas: [{name: iris, history: always}]":                                  false,
		"personas: [{name: iris, prompt: a, prompt_file: b}]":                        false,
		"personas: [{name: iris, answer: {tokens: many}}]":                           false,
		"personas: {name: iris}":                                                     false,
		iris + "rooms: [{name: lobby}]":                                              false,
		iris + "rooms: [{name: lobby, personas: []}]":                                false,
		iris + "rooms: [{name: lobby, personas: [iris], policy: {floor: {gap: 4}}}]": false,
		"budgets: [{silicon: ABACUS, slots: 1}]":                                     false,
		"nonsense: {a: 1}":                                                           false,
	} {
		_, err := config.Parse("a.yaml", []byte(text))
		if _, e := config.Parse("a.yaml", []byte(strings.ReplaceAll(text, ", prompt_file: b", ""))); strings.Contains(text, "prompt_file") && e == nil {
			err = fmt.Errorf("two prompts") // Load says it: files are read there
		}
		if (err == nil) != right {
			t.Errorf("the program: %v\n%s", err, text)
		}
		if wrong := judge(t, schema, text); (wrong == nil) != right {
			t.Errorf("the schema: %v\n%s", wrong, text)
		}
	}
}
