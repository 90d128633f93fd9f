package access

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// ErrUnreachable says that nothing answers at the server's address.
var ErrUnreachable = errors.New("server unreachable")

// reachLimit bounds the attempt: a network that needs longer for one connection is of no use for speech.
const reachLimit = 5 * time.Second

// Reach opens a connection to the server and closes it again, so that a wrong address is noticed before models are loaded. Nothing is
// sent. Where the environment puts a proxy in between, nothing is tried: only the server's own client knows the way. Errors:
// ErrUnreachable.
func Reach(ctx context.Context, server string) error {
	u, err := url.Parse(server)
	if err != nil {
		return checkURL(server)
	}
	secure := u.Scheme == "wss" || u.Scheme == "https"
	asHTTP := url.URL{Scheme: "http", Host: u.Host}
	port := "80"
	if secure {
		asHTTP.Scheme, port = "https", "443"
	}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &asHTTP}); proxy != nil || err != nil {
		return nil //nolint:nilerr // an odd proxy is the client's to report
	}
	if u.Port() != "" {
		port = u.Port()
	}
	dialer := net.Dialer{Timeout: reachLimit}
	c, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return fmt.Errorf("%w: %s: %w (is livekit-server running there, and is the port right?)", ErrUnreachable, u.Redacted(), err)
	}
	return c.Close()
}
