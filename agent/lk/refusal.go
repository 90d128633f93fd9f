package lk

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	lksdk "github.com/livekit/server-sdk-go/v2"
)

// Beginnings of what the SDK makes of HTTP answers: it has no types for them.
const (
	sdkUnauthorized = "unauthorized: "
	sdkUnavailable  = "unavailable: "
	sdkNotFound     = "not found"
)

// classify turns the SDK's join errors into the package's own. ctx is what bounded joining.
func classify(ctx context.Context, cfg Config, token string, err error, now time.Time) error {
	text := redact(err.Error())
	shown := errors.New(text) // the SDK's error may hold the token
	out := &JoinError{URL: address(cfg.URL), Room: cfg.Room, Err: shown}
	var transport *url.Error
	var network net.Error
	switch {
	case ctx.Err() != nil:
		out.Err = fmt.Errorf("%w: %w", context.Cause(ctx), shown)
	case strings.HasPrefix(text, sdkUnauthorized):
		var why error
		out.Hint, why = explain(token, cfg.Token == "", text, now)
		out.Err = fmt.Errorf("%w: %w", why, shown)
	case text == sdkNotFound:
		out.Err = fmt.Errorf("%w: %w", ErrNotLiveKit, shown)
		out.Hint = "something answers there, but not as LiveKit does: check host, port and path"
	case strings.HasPrefix(text, sdkUnavailable):
		out.Err = fmt.Errorf("%w: %w", ErrUnreachable, shown)
		out.Hint = "the server is there and takes nobody in: it starts, ends or is full"
	case errors.Is(err, lksdk.ErrConnectionTimeout):
		out.Err = fmt.Errorf("%w: %w", ErrMedia, shown)
		out.Hint = mediaHint(cfg.Transport)
	case errors.Is(err, ErrProtocol):
		out.Err = fmt.Errorf("%w: %w", ErrProtocol, shown)
		out.Hint = "is that a livekit server, and is nothing in between that changes what it sends?"
	case errors.Is(err, ErrSilent):
		out.Err = fmt.Errorf("%w: %w", ErrSilent, shown)
		out.Hint = "what listens there takes connections and sends nothing: is it a livekit server, and does it still run?"
	case errors.Is(err, errSentAway):
		out.Err = fmt.Errorf("%w: %w", ErrUnreachable, shown)
		out.Hint = "the server is there and takes nobody in: it ends, or its room is full"
	case errors.Is(err, errEnded):
		out.Err = fmt.Errorf("%w: %w", ErrUnreachable, shown)
		out.Hint = "the server let us in, and then its WebSocket was closed: what is in between, and does the server still run?"
	case errors.Is(err, lksdk.ErrCannotConnectSignal):
		out.Err = fmt.Errorf("%w: %w", ErrUnreachable, shown)
		out.Hint = "the server takes the token, but no WebSocket comes up: a proxy in between must pass them on"
	case errors.As(err, &transport), errors.As(err, &network):
		out.Err = fmt.Errorf("%w: %w", ErrUnreachable, shown)
		out.Hint = transportHint(err, text)
	}
	return out
}

// mediaHint says what to look at when signals come through and media do not.
func mediaHint(t Transport) string {
	switch t {
	case Relay:
		return "media may go through TURN only: does the server name a TURN server (rtc.turn_servers, turn), " +
			"is it reached from here, and is its certificate trusted (SSL_CERT_FILE)?"
	case TCP:
		return "media may go over the server's TCP port only: is rtc.tcp_port set there, and is it reached from here?"
	}
	return "the server answers but no media connection came up: check its UDP port and node_ip; " +
		"where no UDP gets through, set ice.transport"
}

// transportHint says what to look at when no HTTP answer came.
func transportHint(err error, text string) string {
	var host x509.HostnameError
	var signer x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host), errors.As(err, &signer), errors.As(err, &invalid):
		return "the server's certificate is not trusted on this machine"
	case strings.Contains(text, "HTTP response to HTTPS client"):
		return "the server speaks without TLS: write ws:// instead of wss://"
	}
	return "is livekit-server running there, and is the port right?"
}

// claims are what this package reads of a token. Its signature is the server's business.
type claims struct {
	Expires   float64 `json:"exp"` // seconds since 1970, which may be written as 1.7e9
	NotBefore float64 `json:"nbf"`
	Subject   string  `json:"sub"` // the identity
	Video     struct {
		RoomJoin bool   `json:"roomJoin"`
		Room     string `json:"room"`
	} `json:"video"`
}

func readClaims(token string) (c claims, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, false
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	return c, err == nil && json.Unmarshal(body, &c) == nil
}

// explain says why a server may have refused a token, from the token's own claims and the clock of
// this machine. minted is true for one that was made here from key and secret, text what the server
// said.
func explain(token string, minted bool, text string, now time.Time) (hint string, why error) {
	c, ok := readClaims(token)
	now = now.UTC().Truncate(time.Second)
	clock := "by this machine's clock it is " + now.Format(time.RFC3339)
	from, until := time.Unix(int64(c.NotBefore), 0).UTC(), time.Unix(int64(c.Expires), 0).UTC()
	timed := fmt.Errorf("%w: %w", ErrUnauthorized, ErrTokenTime)
	life := ""
	if c.NotBefore > 0 && c.Expires > c.NotBefore {
		life = fmt.Sprintf(" after a lifetime of %s", until.Sub(from))
	}
	switch {
	case !ok:
		return "the token is none: it must be three parts of base64 with points between them", ErrUnauthorized
	case c.Expires > 0 && !until.After(now):
		return fmt.Sprintf("the token ran out at %s%s; %s, %s later: use a new token, or set the clock",
			until.Format(time.RFC3339), life, clock, now.Sub(until)), timed
	case c.NotBefore > 0 && from.After(now):
		return fmt.Sprintf("the token is valid from %s on; %s, %s earlier: wait, or set the clock",
			from.Format(time.RFC3339), clock, from.Sub(now)), timed
	case strings.Contains(text, "expired"), strings.Contains(text, "not valid yet"):
		return fmt.Sprintf("the token is valid here until %s; %s: the server's clock says otherwise, set both right",
			until.Format(time.RFC3339), clock), timed
	case !c.Video.RoomJoin:
		return "the token does not grant roomJoin: mint one that does", ErrUnauthorized
	case minted:
		return "check the API key and secret against the server's configuration", ErrUnauthorized
	}
	return "check that the token was signed with a key and secret of this server's configuration", ErrUnauthorized
}

// address is a server's address as it may be shown: without user name, password and query.
func address(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		text, _, _ = strings.Cut(text, "?")
		if scheme, rest, ok := strings.Cut(text, "://"); ok {
			return scheme + "://" + rest[strings.LastIndex(rest, "@")+1:]
		}
		return text[strings.LastIndex(text, "@")+1:]
	}
	u.User, u.RawQuery, u.Fragment, u.ForceQuery = nil, "", "", false
	return u.String()
}
