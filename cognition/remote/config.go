package remote

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Limits of a configuration.
const (
	defaultConcurrency = 4
	maxConcurrency     = 1024
	maxWait            = time.Hour
)

// Config is one provider.
type Config struct {
	// Provider names it in errors and budgets.
	Provider string
	// BaseURL is the http or https address that /chat/completions is appended to; mostly it ends in
	// /v1.
	BaseURL string
	// KeyEnv names the environment variable, KeyFile the file, that holds the API key. At most one
	// is set; none sends no key.
	KeyEnv, KeyFile string
	// Query is added to the address, Headers to the head of every request: Azure's api-version and
	// api-key, for example.
	Query, Headers map[string]Value
	// NoStreamOptions leaves stream_options out of requests, for servers that refuse it. Some of
	// those then do not count tokens.
	NoStreamOptions bool
	// Cache is how the provider is told which prompts begin alike.
	Cache CacheHint
	// Concurrency is how many calls may be under way; 0 means 4.
	Concurrency int
	// Queue is how long a call waits for a place when all are taken; 0 refuses it at once.
	Queue time.Duration
	// Timeouts of each call.
	Timeouts Timeouts
}

// Timeouts bound the parts of a call; 0 takes the default.
type Timeouts struct {
	// Connect bounds name lookup, connection and TLS; 5 s by default.
	Connect time.Duration
	// FirstToken bounds the time from the connection to the first token: the server reads picture
	// and prompt; 30 s by default.
	FirstToken time.Duration
	// BetweenTokens bounds the silence within an answer; 15 s by default.
	BetweenTokens time.Duration
	// Answer bounds the whole call; 2 min by default.
	Answer time.Duration
}

// complete fills in defaults and refuses what is out of range.
func (t *Timeouts) complete() error {
	for _, p := range []struct {
		name    string
		value   *time.Duration
		initial time.Duration
	}{
		{"connect", &t.Connect, 5 * time.Second},
		{"first_token", &t.FirstToken, 30 * time.Second},
		{"between_tokens", &t.BetweenTokens, 15 * time.Second},
		{"answer", &t.Answer, 2 * time.Minute},
	} {
		if *p.value == 0 {
			*p.value = p.initial
		}
		if *p.value < time.Millisecond || *p.value > maxWait {
			return fmt.Errorf("timeouts.%s: %v is not within 1ms and %v", p.name, *p.value, maxWait)
		}
	}
	return nil
}

// Places is how many calls may be under way.
func (c *Config) Places() int {
	if c.Concurrency == 0 {
		return defaultConcurrency
	}
	return c.Concurrency
}

// complete fills in defaults. Its errors name the field; they do not hold the address, which may
// hold a secret when it is refused.
func (c *Config) complete() error {
	if strings.TrimSpace(c.Provider) == "" {
		return fmt.Errorf("provider: missing")
	}
	u, err := url.Parse(c.BaseURL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("endpoint: not an http or https address")
	case u.User != nil:
		return fmt.Errorf("endpoint: holds a user name or password; use key_env or key_file")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return fmt.Errorf("endpoint: holds a query or fragment; use query")
	}
	c.BaseURL = strings.TrimRight(u.String(), "/")
	c.Concurrency = c.Places()
	if c.Concurrency < 1 || c.Concurrency > maxConcurrency {
		return fmt.Errorf("concurrency: %d is not within 1 and %d", c.Concurrency, maxConcurrency)
	}
	if c.Queue < 0 || c.Queue > maxWait {
		return fmt.Errorf("queue: %v is not within 0 and %v", c.Queue, maxWait)
	}
	if c.KeyEnv != "" && c.KeyFile != "" {
		return fmt.Errorf("key_env, key_file: only one may be set")
	}
	if err := errors.Join(checkQuery(c.Query), checkHeaders(c.Headers, c.KeyEnv != "" || c.KeyFile != "")); err != nil {
		return err
	}
	if err := c.Cache.check(); err != nil {
		return err
	}
	return c.Timeouts.complete()
}

// keySource names where the key comes from; empty where there is none.
func (c *Config) keySource() string { return Value{Env: c.KeyEnv, File: c.KeyFile}.source() }
