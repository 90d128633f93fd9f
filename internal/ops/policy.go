package ops

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// minToken is the shortest token that is taken, in characters: 16 random letters and digits are
// beyond guessing over a network.
const minToken = 16

// Config says where to serve, and for whom.
type Config struct {
	// Address is HOST:PORT. An empty one serves nothing.
	Address string
	// Token opens the paths besides /healthz and /readyz; empty means that none is asked for.
	Token string
	// Current, if set, is asked for the token at each request, in the place of Token, which is the
	// one that holds at the beginning. While it fails nobody is let in. Requests under way end,
	// with Changed as the cause of their context, soon after the token has become another one.
	Current func() (string, error)
	Changed error
	// Open serves plain pages beyond loopback without a token. Beside mounts or a console, which
	// steer the program and make tokens of rooms, it opens nothing.
	Open bool
	// Mounts are served beside the pages, behind the same checks.
	Mounts []Mount
	// Console, if set, is a page for people: at RootPath for who asks for HTML, with its parts
	// below ConsolePath. It holds nothing that a token protects, so none is asked for.
	Console http.Handler
}

// Validate refuses what must not be served. Errors: ErrConfig.
func (c Config) Validate() error {
	if c.Address == "" {
		return nil
	}
	host, port, err := net.SplitHostPort(c.Address)
	if err != nil || port == "" {
		return fmt.Errorf("%w: %q is no address; use HOST:PORT", ErrConfig, c.Address)
	}
	if c.Token != "" && len(c.Token) < minToken {
		return fmt.Errorf("%w: the token has %d characters, at least %d are needed", ErrConfig, len(c.Token), minToken)
	}
	if open := c.Open && len(c.Mounts) == 0 && c.Console == nil; c.Token == "" && !open && !loopback(host) {
		return fmt.Errorf("%w: %s can be reached from other machines: a token is needed", ErrConfig, c.Address)
	}
	return nil
}

// loopback tells whether a host of an address or of a Host header names this machine and nothing
// else.
func loopback(host string) bool {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// guarded puts the checks of a request in front of a handler. open paths need no token.
func (c Config) guarded(h http.Handler, open func(path string) bool, held *holder) http.Handler {
	host, _, _ := net.SplitHostPort(c.Address)
	local, origins := loopback(host), http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case local && !loopback(hostOf(r.Host)):
			c.refuse(w, r, http.StatusForbidden, "the Host header names another machine")
		case c.shares(w, r) && preflight(r): // browsers ask so without a token
			w.WriteHeader(http.StatusNoContent)
		case open(r.URL.Path):
			c.sameOrigin(w, r, origins, h)
		default:
			held.admit(w, r, c, func(w http.ResponseWriter, r *http.Request) { c.sameOrigin(w, r, origins, h) })
		}
	})
}

// sameOrigin serves what no page of another origin asks for.
func (c Config) sameOrigin(w http.ResponseWriter, r *http.Request, origins *http.CrossOriginProtection, h http.Handler) {
	if origins.Check(r) != nil && !c.shared(r) {
		c.refuse(w, r, http.StatusForbidden, "a web page of another origin asks")
		return
	}
	h.ServeHTTP(w, r)
}

// refuse answers a request that is not served, in the words of the handler that it was for.
func (c Config) refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	if m := c.mount(r); m != nil && m.Refuse != nil {
		m.Refuse(w, r, status, why)
		return
	}
	reply(w, status, refusal{why})
}

// hostOf is a Host header without its port.
func hostOf(header string) string {
	if host, _, err := net.SplitHostPort(header); err == nil {
		return host
	}
	return header
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}

// same compares in a time that says nothing about where two texts differ.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
