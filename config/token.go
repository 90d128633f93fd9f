package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/google/jsonschema-go/jsonschema"
)

// tokenSection has settings, and a list besides.
const tokenSection = "token"

// MaxOrigins bounds the web pages of others that are listed.
const MaxOrigins = 32

// Lifetimes of the tokens that pages get.
const (
	minTokenLife = time.Minute
	maxTokenLife = 24 * time.Hour
)

// tokenKeys are the settings of the tokens with which people of web pages enter rooms.
func tokenKeys() []Key {
	return []Key{
		{"token.rooms", "served, any or off: rooms that people of web pages are let into by POST /token; those that are served without it", asWord("served", "any", "off")},
		{"token.ttl", "how long such a token can be used to enter, from 1m to 24h; 15m without it", form{life, spanShape()}},
		{"token.url", "the LiveKit server's address as pages reach it; that of serve without it", form{server, addressShape()}},
	}
}

func life(s string, isNumber bool) (Value, string) {
	v, problem := duration(s, isNumber)
	if d := time.Duration(v.Number); problem == "" && (d < minTokenLife || d > maxTokenLife) {
		return Value{}, fmt.Sprintf("%s is not from 1m to 24h", s)
	}
	return v, problem
}

func server(s string, isNumber bool) (Value, string) {
	u, err := url.Parse(s)
	if isNumber || err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		!slices.Contains([]string{"ws", "wss", "http", "https"}, u.Scheme) {
		return Value{}, "must be an address such as wss://livekit.example.com" // it may hold a password
	}
	return Value{Text: s}, ""
}

func addressShape() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: `^(wss?|https?)://[^/?#@]+(/[^?#]*)?$`}
}

func originsShape() *jsonschema.Schema {
	return described(listOf(&jsonschema.Schema{Type: "string", Pattern: `^[hH][tT][tT][pP][sS]?://[^/?#@]+$`}, MaxOrigins), "web pages of others that may ask for tokens")
}

// Origins are the origins of web pages of others that may ask for tokens. The caller may change it.
func (c *Config) Origins() []string {
	if c == nil {
		return nil
	}
	return slices.Clone(c.origins)
}

// token reads the section.
func (r *reader) token(c *Config, section field) {
	for _, f := range r.mapping(section.value, tokenSection) {
		if f.name != "origins" {
			r.setting(c, tokenKeys(), join(tokenSection, f.name), f, "origins")
			continue
		}
		r.origins(c, f.value)
	}
}

func (r *reader) origins(c *Config, n ast.Node) {
	const field = tokenSection + ".origins"
	for i, o := range r.names(c, n, field) {
		o = strings.ToLower(o)
		u, err := url.Parse(o)
		if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != o || u.Scheme != "http" && u.Scheme != "https" {
			at := fmt.Sprintf("%s[%d]", field, i)
			r.problem(c.lineOf(at), at, "is no origin of a web page, such as https://page.example or http://localhost:3000")
			continue
		}
		c.origins = append(c.origins, o)
	}
	if len(c.origins) > MaxOrigins {
		r.problem(line(n), field, fmt.Sprintf("%d are more than %d", len(c.origins), MaxOrigins))
	}
}
