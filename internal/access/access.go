package access

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// MinSecret is the shortest API secret that a LiveKit server takes, in characters.
const MinSecret = 32

// ErrAccess says that what was given cannot open a room. What is wrong is an *Error.
var ErrAccess = errors.New("wrong access")

// Error names what was given wrongly. It unwraps to ErrAccess.
type Error struct {
	// Flag is the name of the flag whose value is wrong, without dashes.
	Flag, Problem string
}

// Error returns flag and problem.
func (e *Error) Error() string { return "--" + e.Flag + ": " + e.Problem }

// Unwrap returns ErrAccess.
func (e *Error) Unwrap() error { return ErrAccess }

// Access is what a command enters a room with: a token, or a key pair with room and identity.
type Access struct {
	URL         string
	Key, Secret string
	Token       string
	Room        string
	Identity    string
	Name        string
	// IdentityGiven and NameGiven tell that somebody chose them, so that another value in the token
	// contradicts.
	IdentityGiven, NameGiven bool
}

// Complete checks everything that can be checked here, and fills room, identity and name from a
// token. now is for the token's lifetime. Errors: *Error.
func (a *Access) Complete(now time.Time) error {
	if err := checkURL(a.URL); err != nil {
		return err
	}
	if a.Token != "" {
		return a.fromToken(now)
	}
	if a.Room == "" {
		return &Error{"room", "no room was given"}
	}
	if err := a.checkPair(); err != nil {
		return err
	}
	if a.Identity == "" {
		return &Error{"identity", "is empty"}
	}
	return nil
}

// CompletePair checks server and key pair of a command that enters many rooms. Errors: *Error.
func (a *Access) CompletePair() error {
	if err := checkURL(a.URL); err != nil {
		return err
	}
	return a.checkPair()
}

func (a *Access) checkPair() error {
	switch {
	case a.Key == "":
		return &Error{"api-key", "no credentials: give a token (--token-file, LIVEKIT_TOKEN), or key and secret (LIVEKIT_API_KEY, LIVEKIT_API_SECRET)"}
	case a.Secret == "":
		return &Error{"api-secret", "no secret: set LIVEKIT_API_SECRET, or give --api-secret-file"}
	case len(a.Secret) < MinSecret:
		return &Error{"api-secret", fmt.Sprintf("has %d characters, the server wants at least %d", len(a.Secret), MinSecret)}
	}
	return nil
}

// checkURL refuses what is no server's address.
func checkURL(text string) error {
	if text == "" {
		return &Error{"url", "no server: give --url or set LIVEKIT_URL; to try without one: sensory-agent demo"}
	}
	u, err := url.Parse(text)
	if err != nil { // the text may hold a password, and the error quotes it
		return &Error{"url", "is no address; use for example ws://127.0.0.1:7880 or wss://livekit.example.com"}
	}
	switch u.Scheme {
	case "ws", "wss", "http", "https":
	default:
		return &Error{"url", fmt.Sprintf("%q is not ws://, wss://, http:// or https://", u.Redacted())}
	}
	switch {
	case u.User != nil:
		return &Error{"url", "holds a user or password; the server takes a token or a key pair only"}
	case u.Hostname() == "":
		return &Error{"url", fmt.Sprintf("%q names no host", text)}
	case u.RawQuery != "" || u.Fragment != "":
		return &Error{"url", "has a query or a fragment; only scheme, host, port and path are used"}
	case u.Port() != "" && !isPort(u.Port()):
		return &Error{"url", fmt.Sprintf("%q has no port between 1 and 65535", text)}
	}
	return nil
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 1 && n <= 65535
}
