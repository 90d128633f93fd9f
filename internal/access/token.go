package access

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const (
	maxToken = 16 << 10         // bytes; a token with every grant has about 1 kB
	skew     = 30 * time.Second // that clocks may differ without a word
)

// claims are the parts of a LiveKit access token that matter before joining.
// https://docs.livekit.io/frontends/authentication/tokens/
type claims struct {
	Expires   float64 `json:"exp"`
	NotBefore float64 `json:"nbf"`
	Identity  string  `json:"sub"`
	Name      string  `json:"name"`
	Video     struct {
		RoomJoin bool   `json:"roomJoin"`
		Room     string `json:"room"`
	} `json:"video"`
}

// read takes the claims out of a token, without looking at its signature.
func read(token string) (claims, error) {
	var c claims
	parts := strings.Split(token, ".")
	if len(token) > maxToken || len(parts) != 3 {
		return c, &Error{"token", "is no access token: three parts with dots between them are wanted, as the server's key pair makes them"}
	}
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err != nil { // the cause would quote the token
		return c, &Error{"token", "is no access token: its middle part cannot be read; was it copied whole?"}
	}
	return c, nil
}

// fromToken takes room, identity and name from the token and refuses what contradicts them.
func (a *Access) fromToken(now time.Time) error {
	c, err := read(a.Token)
	if err != nil {
		return err
	}
	if err := c.valid(now); err != nil {
		return err
	}
	switch {
	case c.Video.Room == "" && a.Room == "":
		return &Error{"room", "the token is for no particular room: say which"}
	case c.Video.Room != "" && a.Room != "" && a.Room != c.Video.Room:
		return &Error{"room", fmt.Sprintf("is %q, but the token is for room %q: leave one of them out", a.Room, c.Video.Room)}
	case a.IdentityGiven && a.Identity != c.Identity:
		return &Error{"identity", fmt.Sprintf("is %q, but the token is for %q: leave --identity out", a.Identity, c.Identity)}
	case a.NameGiven && a.Name != c.Name:
		return &Error{"name", fmt.Sprintf("is %q, but the token has %q: leave --name out", a.Name, c.Name)}
	}
	if c.Video.Room != "" {
		a.Room = c.Video.Room
	}
	a.Identity, a.Name = c.Identity, c.Name
	return nil
}

// valid refuses a token that no server would take.
func (c *claims) valid(now time.Time) error {
	when := func(seconds float64) string { return unix(seconds).UTC().Format(time.RFC3339) }
	clock := "; this machine's clock says " + now.UTC().Format(time.RFC3339)
	switch {
	case c.Identity == "":
		return &Error{"token", "names no identity"}
	case !c.Video.RoomJoin:
		return &Error{"token", "does not allow joining a room: the grant roomJoin is missing"}
	case c.Expires != 0 && now.After(unix(c.Expires).Add(skew)):
		return &Error{"token", "ran out at " + when(c.Expires) + clock + ": make a new one"}
	case c.NotBefore != 0 && now.Add(skew).Before(unix(c.NotBefore)):
		return &Error{"token", "is valid from " + when(c.NotBefore) + " on" + clock}
	}
	return nil
}

// unix bounds what a token says: beyond the year 9999 a time has no usual form.
func unix(seconds float64) time.Time {
	const last = 253402300799
	return time.Unix(int64(min(max(seconds, 0), last)), 0)
}
