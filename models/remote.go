package models

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/answer"
	"github.com/sensory-agent/sensory-agent/cognition/model"
)

// Remote is a model behind a server that speaks the OpenAI-compatible API. Keys are never part of a
// catalog: it names where they are. Durations are written as in "1500ms" or "30s"; what is left out
// takes the default of package cognition/remote.
type Remote struct {
	// Provider names the server; entries with the same provider share its places, so they must
	// agree on everything but the model.
	Provider string `yaml:"provider"`
	// Endpoint is the address that /chat/completions is appended to.
	Endpoint string `yaml:"endpoint"`
	// Model is the server's name of the model.
	Model string `yaml:"model"`
	// KeyEnv names the environment variable, KeyFile the file, that holds the API key.
	KeyEnv  string `yaml:"key_env"`
	KeyFile string `yaml:"key_file"`
	// Concurrency is how many calls may be under way, Queue how long a call waits for a place.
	Concurrency int            `yaml:"concurrency"`
	Queue       time.Duration  `yaml:"queue"`
	Timeouts    RemoteTimeouts `yaml:"timeouts"`
	Picture     RemotePicture  `yaml:"picture"`
	// MaxTokensField is max_tokens or max_completion_tokens.
	MaxTokensField string `yaml:"max_tokens_field"`
	// Temperature is sent when it is set.
	Temperature *float64 `yaml:"temperature"`
	// Query is added to the address, Headers to the head of every request; see RemoteValue.
	Query   map[string]RemoteValue `yaml:"query"`
	Headers map[string]RemoteValue `yaml:"headers"`
	// StreamOptions false leaves stream_options out of requests, for servers that refuse it.
	StreamOptions *bool `yaml:"stream_options"`
	// Cache is how the server is told which prompts begin alike.
	Cache RemoteCache `yaml:"cache"`
}

// RemoteCache is how a server is told which prompts begin alike; see remote.CacheHint.
type RemoteCache struct {
	// KeyField is the field of a request that takes the key of a persona's prompts.
	KeyField string `yaml:"key_field"`
	// Slots is how many slots llama.cpp's server has.
	Slots int `yaml:"slots"`
	// Marks has the ends of what stays marked.
	Marks bool `yaml:"marks"`
}

// RemoteValue is what a query or a header holds: a text in the catalog, or what the environment
// variable Env or the file File holds. It is written as the text itself, or as {env: NAME} or
// {file: PATH}; secrets belong into these two.
type RemoteValue struct{ Text, Env, File string }

// UnmarshalYAML reads both forms.
func (v *RemoteValue) UnmarshalYAML(unmarshal func(any) error) error {
	if unmarshal(&v.Text) == nil {
		return nil
	}
	var from map[string]string
	if err := unmarshal(&from); err != nil {
		return err
	}
	for key, value := range from {
		switch key {
		case "env":
			v.Env = value
		case "file":
			v.File = value
		default:
			return fmt.Errorf("unknown field %q, want env or file", key)
		}
	}
	return nil
}

// check refuses none and both.
func (v RemoteValue) check() error {
	if (v.Text == "") == (v.Env == "" && v.File == "") || v.Env != "" && v.File != "" {
		return errors.New("want one text, env or file")
	}
	return nil
}

// Words for how the answers of a model begin.
const (
	BeginsPlain    = "plain"
	BeginsThinking = "thinking"
)

// AnswerStyle is what is known of how a model writes, beside what its own files say.
type AnswerStyle struct {
	// Begins is plain, or thinking where the template of the server opens a thought in the prompt,
	// so that answers show its closing mark only. Left out it is found from answer to answer, and
	// until then the beginning of an answer is held back.
	Begins string `yaml:"begins"`
	// Special are tokens that the server leaves in the text, beside the usual ones.
	Special []string `yaml:"special"`
}

func (e *Entry) checkAnswer() error {
	a := e.Answer
	switch {
	case a == nil:
		return nil
	case e.Kind != string(model.KindModel):
		return fmt.Errorf("answer: only a model answers, not a %s", e.Kind)
	case a.Begins != "" && a.Begins != BeginsPlain && a.Begins != BeginsThinking:
		return fmt.Errorf("answer.begins: %q is neither %s nor %s", a.Begins, BeginsPlain, BeginsThinking)
	}
	for _, s := range a.Special {
		if !answer.MarkLike(s) {
			return fmt.Errorf("answer.special: %q is no token: it must have 3 to %d bytes and neither begin nor end like a word", s, answer.MaxMark)
		}
	}
	return nil
}

// RemoteTimeouts bound the parts of a call.
type RemoteTimeouts struct {
	Connect       time.Duration `yaml:"connect"`
	FirstToken    time.Duration `yaml:"first_token"`
	BetweenTokens time.Duration `yaml:"between_tokens"`
	Answer        time.Duration `yaml:"answer"`
}

// RemotePicture says how pictures are sent.
type RemotePicture struct {
	// LongestSide bounds width and height in pixels.
	LongestSide int `yaml:"longest_side"`
	// Format is jpeg or png.
	Format string `yaml:"format"`
	// Quality of JPEG, 1 to 100.
	Quality int `yaml:"quality"`
}

func (e *Entry) checkRemote() error {
	r := e.Remote
	u, err := url.Parse(r.Endpoint)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return errors.New("remote.endpoint: not an http or https address")
	case u.User != nil || u.RawQuery != "":
		return errors.New("remote.endpoint: holds a user name or a query; keys belong into key_env or key_file, a query into query")
	case r.Provider == "" || r.Model == "":
		return errors.New("remote: provider and model are required")
	case r.Provider == model.LocalProvider:
		return fmt.Errorf("remote.provider: %q is this program", r.Provider)
	case e.Kind != string(model.KindModel):
		return fmt.Errorf("remote: only a model can be behind a server, not a %s", e.Kind)
	case r.KeyEnv != "" && r.KeyFile != "":
		return errors.New("remote.key_env, remote.key_file: only one may be set")
	case len(e.Files) > 0:
		return errors.New("files: a remote model has none")
	}
	for field, values := range map[string]map[string]RemoteValue{"query": r.Query, "headers": r.Headers} {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			if err := values[name].check(); err != nil {
				return fmt.Errorf("remote.%s.%s: %w", field, name, err)
			}
		}
	}
	return nil
}

// sameServer compares two entries of one provider in everything that belongs to the server.
func (r *Remote) sameServer(o *Remote) bool {
	return r.Endpoint == o.Endpoint && r.KeyEnv == o.KeyEnv && r.KeyFile == o.KeyFile && r.Concurrency == o.Concurrency &&
		r.Queue == o.Queue && r.Timeouts == o.Timeouts && maps.Equal(r.Query, o.Query) && maps.Equal(r.Headers, o.Headers) &&
		(r.StreamOptions == nil || *r.StreamOptions) == (o.StreamOptions == nil || *o.StreamOptions) && r.Cache == o.Cache
}

// checkProviders refuses a provider that is declared in two ways.
func (c *Catalog) checkProviders() error {
	first := map[string]*Entry{}
	for i := range c.Entries {
		e := &c.Entries[i]
		if e.Remote == nil {
			continue
		}
		other, seen := first[e.Remote.Provider]
		if !seen {
			first[e.Remote.Provider] = e
			continue
		}
		if !e.Remote.sameServer(other.Remote) {
			return fmt.Errorf("%w: models %q and %q: provider %q differs in endpoint, key, concurrency, queue, timeouts, query, headers, stream_options or cache", ErrCatalog, other.ID, e.ID, e.Remote.Provider)
		}
	}
	return nil
}
