package token

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Lifetimes of tokens. A token is for entering: while somebody is in a room the server renews it,
// so minutes are enough for a page that is slow. DefaultTTL is that of LiveKit's starter pages.
const (
	DefaultTTL = 15 * time.Minute
	MinTTL     = time.Minute
	MaxTTL     = 24 * time.Hour
)

// minSecret is the shortest secret that a LiveKit server takes, in characters.
const minSecret = 32

// Config says for what tokens are made. Its functions are called by many goroutines.
type Config struct {
	// URL is the server's address as pages reach it: ws:// or wss://. http:// and https:// are
	// turned into those.
	URL         string
	Key, Secret string
	// TTL is how long a token can be used to enter; 0 means DefaultTTL.
	TTL time.Duration
	// Any lets people into every room of the server; without it Served decides.
	Any bool
	// Served lists the rooms that people may enter. Where a request names none and there is one, it
	// is meant.
	Served func() []string
	// Agents lists the names that a request may call into its room.
	Agents func() []string
	// Taken tells whether an identity in a room is that of a persona, whom somebody with a token
	// for it would put out of the room.
	Taken func(room, identity string) bool
}

// complete checks a configuration and fills in defaults. Errors: ErrConfig.
func (c *Config) complete() error {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.User != nil {
		return fmt.Errorf("%w: the server's address is none that pages could use, such as wss://livekit.example.com", ErrConfig)
	}
	switch u.Scheme = strings.ToLower(u.Scheme); u.Scheme {
	case "http":
		u.Scheme = "ws"
	case "https":
		u.Scheme = "wss"
	case "ws", "wss":
	default:
		return fmt.Errorf("%w: the server's address begins with neither ws:// nor wss://", ErrConfig)
	}
	c.URL = u.String()
	if c.TTL == 0 {
		c.TTL = DefaultTTL
	}
	switch {
	case c.Key == "":
		return fmt.Errorf("%w: no API key", ErrConfig)
	case len(c.Secret) < minSecret:
		return fmt.Errorf("%w: the API secret has %d characters, a server wants at least %d", ErrConfig, len(c.Secret), minSecret)
	case c.TTL < MinTTL || c.TTL > MaxTTL:
		return fmt.Errorf("%w: a lifetime of %s is not between %s and %s", ErrConfig, c.TTL, MinTTL, MaxTTL)
	}
	none := func() []string { return nil }
	if c.Served == nil {
		c.Served = none
	}
	if c.Agents == nil {
		c.Agents = none
	}
	if c.Taken == nil {
		c.Taken = func(string, string) bool { return false }
	}
	return nil
}
