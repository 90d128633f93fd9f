package jinja_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/jinja"
)

// values turns decoded JSON into template values.
func values(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = values(item)
		}
		return list
	case map[string]any:
		d := jinja.NewDict()
		for _, key := range []string{"role", "content", "type", "text"} {
			if item, ok := v[key]; ok {
				d.Set(key, values(item))
			}
		}
		return d
	}
	return v
}

func TestEqualsReference(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		Template string `json:"template"`
		Messages any    `json:"messages"`
		Prompt   bool   `json:"prompt"`
		Text     string `json:"text"`
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	for i, g := range golden {
		source, err := os.ReadFile(filepath.Join("testdata", g.Template))
		if err != nil {
			t.Fatal(err)
		}
		template, err := jinja.Parse(string(source))
		if err != nil {
			t.Fatalf("%s: %v", g.Template, err)
		}
		got, err := template.Render(jinja.NewDict("messages", values(g.Messages), "add_generation_prompt", g.Prompt))
		if err != nil || got != g.Text {
			t.Errorf("%d %s:\n got %q (%v)\nwant %q", i, g.Template, got, err, g.Text)
		}
	}
	if len(golden) < 20 {
		t.Errorf("only %d golden texts", len(golden))
	}
}

// render parses and renders with one message.
func render(source string) (string, error) {
	template, err := jinja.Parse(source)
	if err != nil {
		return "", err
	}
	return template.Render(jinja.NewDict("messages", []any{jinja.NewDict("role", "user", "content", "hi")}))
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ source, text string }{
		{"{{ x", "{{ without }}"},
		{"a\n{% if x %}", "line 2"},
		{"{% for x in y %}", "for without endfor"},
		{"{% endif %}", "endif without a beginning"},
		{"{% include 'x' %}", `tag "include"`},
		{"{% macro m() %}{% endmacro %}", `tag "macro"`},
		{"{{ x | nosuch }}", `filter "nosuch"`},
		{"{{ x.format(1) }}", `method "format"`},
		{"{{ open('x') }}", `function "open"`},
		{"{{ x is nosuch }}", `test "nosuch"`},
		{"{{ 'x }}", "{{ without }}"},
		{"{{ 1 + }}", `unexpected ""`},
		{"{{ (1 }}", "expected"},
		{"{{ a b }}", `unexpected "b"`},
		{"{{ '\\q' }}", "escape"},
		{"{% break %}", "outside a loop"},
		{"{% set 1 = 2 %}", "name expected"},
		{strings.Repeat("{% if x %}", 200), "nested deeper"},
		{"{{ " + strings.Repeat("(", 2000) + " }}", "nested deeper"},
	} {
		_, err := jinja.Parse(c.source)
		var se *jinja.SyntaxError
		if !errors.As(err, &se) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%.40q: got %v, want %q", c.source, err, c.text)
		}
	}
}

func TestRenderErrors(t *testing.T) {
	for _, c := range []struct {
		source string
		want   error
	}{
		{"{{ raise_exception('roles must alternate') }}", jinja.ErrRefused},
		{"{{ missing.attribute }}", jinja.ErrRender},
		{"{{ missing[0] }}", jinja.ErrRender},
		{"{{ 1 // 0 }}", jinja.ErrRender},
		{"{{ 1 / 0 }}", jinja.ErrRender},
		{"{{ 'a' + 1 }}", jinja.ErrRender},
		{"{% for x in 5 %}{% endfor %}", jinja.ErrRender},
		{"{% for a, b in [1] %}{% endfor %}", jinja.ErrRender},
		{"{% set x.y = 1 %}", jinja.ErrRender},
		{"{% set n = namespace() %}{% set n.a = [n] %}{{ n }}", jinja.ErrRender},
		{"{% for a in range(2000) %}{% for b in range(2000) %}x{% endfor %}{% endfor %}", jinja.ErrTooLong},
		{"{% set n = namespace(s='xxxxxxxxxxxxxxxx') %}{% for a in range(100) %}{% set n.s = n.s + n.s %}{% endfor %}", jinja.ErrTooLong},
		{"{% set n = namespace(l=[1]) %}{% for a in range(100) %}{% set n.l = [n.l, n.l] %}{% endfor %}", jinja.ErrTooLong},
		{"{{ range(9000000000) | length }}", jinja.ErrTooLong},
	} {
		if got, err := render(c.source); !errors.Is(err, c.want) {
			t.Errorf("%s: got %.40q, %v; want %v", c.source, got, err, c.want)
		}
	}
	if _, err := render("{{ raise_exception('roles must alternate') }}"); err == nil || !strings.Contains(err.Error(), "roles must alternate") {
		t.Errorf("the template's own words are lost: %v", err)
	}
}

// FuzzTemplate parses and renders arbitrary templates: any error is typed, and work is bounded.
func FuzzTemplate(f *testing.F) {
	files, err := filepath.Glob("testdata/*.jinja")
	if err != nil || len(files) == 0 {
		f.Fatalf("no templates: %v", err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(source))
	}
	f.Fuzz(func(t *testing.T, source string) {
		_, err := render(source)
		for _, kind := range []error{nil, jinja.ErrSyntax, jinja.ErrRender, jinja.ErrRefused, jinja.ErrTooLong} {
			if err == nil || (kind != nil && errors.Is(err, kind)) {
				return
			}
		}
		t.Fatalf("untyped error %v", err)
	})
}
