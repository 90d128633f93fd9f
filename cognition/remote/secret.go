package remote

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"unicode"
)

const (
	maxKey = 4 << 10 // bytes of a key, and of any other value
	// minHidden is the length from which the text of a header that is written in the catalog is
	// taken out of foreign text: shorter ones are words and numbers. Values from the environment
	// and from files are taken out whatever their length.
	minHidden = 8
)

// Value is what a request carries: Text as it is, or what the environment variable Env or the file
// File holds. Exactly one is set. Secrets belong into the last two.
type Value struct{ Text, Env, File string }

// source names where a value comes from; empty for none and for Text.
func (v Value) source() string {
	switch {
	case v.Env != "":
		return "$" + v.Env
	case v.File != "":
		return v.File
	}
	return ""
}

// check refuses none and several.
func (v Value) check() error {
	set := 0
	for _, s := range []string{v.Text, v.Env, v.File} {
		if s != "" {
			set++
		}
	}
	if set != 1 {
		return errors.New("exactly one of value, env and file must be set")
	}
	return nil
}

// read returns the value.
func (v Value) read() (secret, error) {
	text := v.Text
	switch {
	case v.Env != "":
		text = os.Getenv(v.Env)
	case v.File != "":
		f, err := os.Open(v.File)
		if err != nil {
			return "", err
		}
		data, err := io.ReadAll(io.LimitReader(f, maxKey+1))
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return "", err
		}
		text = string(data)
	}
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", errors.New("empty")
	case len(text) > maxKey:
		return "", fmt.Errorf("more than %d bytes", maxKey)
	}
	return secret(text), nil
}

// printable tells whether a text consists of visible ASCII characters, and blanks where those are
// allowed.
func printable(text string, blanks bool) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsGraphic(r) || r == ' ' && !blanks })
}

// checkQuery refuses names and values that no query has.
func checkQuery(query map[string]Value) error {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if name == "" {
			return errors.New("query: empty name")
		}
		if err := query[name].check(); err != nil {
			return fmt.Errorf("query.%s: %w", name, err)
		}
	}
	return nil
}

// checkHeaders refuses names that no header has, those that this package sets, and a second
// Authorization beside a key.
func checkHeaders(headers map[string]Value, key bool) error {
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		err := headers[name].check()
		switch canonical := http.CanonicalHeaderKey(name); {
		case name == "" || strings.ContainsFunc(name, func(r rune) bool { return !headerRune(r) }):
			err = errors.New("not the name of a header")
		case canonical == "Authorization" && key:
			err = errors.New("key_env and key_file set it too; keep one of them")
		case slices.Contains([]string{
			"Accept", "Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Host", "Te", "Trailer", "Transfer-Encoding",
			"Upgrade",
		}, canonical):
			err = errors.New("set by this program")
		}
		if err != nil {
			return fmt.Errorf("headers.%s: %w", name, err)
		}
	}
	return nil
}

// headerRune tells whether a character may stand in the name of a header (RFC 9110, section 5.6.2).
func headerRune(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// readValues reads key, headers and query, and builds what every request begins with.
func (c *Client) readValues() error {
	bad := func(what string, v Value, err error) error {
		from := v.source()
		if from == "" {
			from = what
		}
		return &Error{
			Kind: ErrKey, Provider: c.cfg.Provider, URL: c.cfg.BaseURL, Detail: from, Err: err,
			Next: "put the key there, or correct key_env, key_file, headers or query in the catalog file",
		}
	}
	c.headers = map[string]secret{}
	if v := (Value{Env: c.cfg.KeyEnv, File: c.cfg.KeyFile}); v.source() != "" {
		key, err := v.read()
		if err == nil && !printable(string(key), false) {
			err = errors.New("holds something that no key has: white space or a character outside ASCII")
		}
		if err != nil {
			return bad("", v, err)
		}
		c.secrets.add(key)
		c.headers["Authorization"] = "Bearer " + key
	}
	for name, v := range c.cfg.Headers {
		value, err := v.read()
		if err == nil && !printable(string(value), true) {
			err = errors.New("holds something that no header has: a line end or a character outside ASCII")
		}
		if err != nil {
			return bad("headers."+name, v, err)
		}
		if v.source() != "" || len(value) >= minHidden {
			c.secrets.add(value)
		}
		c.headers[name] = value
	}
	query := url.Values{}
	for name, v := range c.cfg.Query {
		value, err := v.read()
		if err != nil {
			return bad("query."+name, v, err)
		}
		if v.source() != "" {
			c.secrets.add(value)
		}
		query.Set(name, string(value))
	}
	c.endpoint = secret(c.cfg.BaseURL + "/chat/completions")
	if len(query) > 0 {
		c.endpoint += secret("?" + query.Encode())
	}
	return nil
}

// secret is a key or what holds one. It shows itself to nobody.
type secret string

// String implements fmt.Stringer.
func (secret) String() string { return "[key]" }

// GoString implements fmt.GoStringer.
func (secret) GoString() string { return "[key]" }

// secrets are taken out of foreign text. Longer ones come first, since a short one may be part of
// them.
type secrets []secret

func (s *secrets) add(value secret) {
	for _, form := range []secret{value, secret(url.QueryEscape(string(value)))} {
		if !slices.Contains(*s, form) {
			*s = append(*s, form)
		}
	}
	slices.SortStableFunc(*s, func(a, b secret) int { return len(b) - len(a) })
}

// hide takes every secret out of foreign text.
func (s secrets) hide(text string) string {
	for _, one := range s {
		text = strings.ReplaceAll(text, string(one), one.String())
	}
	return text
}
