package lk

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	protologger "github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

const (
	tokenLifetime = 6 * time.Hour // the SDK refreshes it while connected
	secretMinimum = 32            // characters; the server refuses shorter ones
)

// Config says which room to join, and as whom.
type Config struct {
	// URL of the server: ws://, wss://, http:// or https://.
	URL string
	// Token joins as it stands; without it APIKey and APISecret mint one.
	Token             string
	APIKey, APISecret string
	Room              string
	Identity, Name    string
	// Agent joins as a participant of kind AGENT.
	Agent bool
	// Hidden joins unseen by everybody, to listen: it publishes no track, and may send texts.
	Hidden bool
	// Attributes are set from the start.
	Attributes map[string]string
	// Topics are the text stream topics to receive.
	Topics []string
	// Redundant sends each packet of a voice with copies of the two before it (audio/red, RFC
	// 2198): whoever loses a packet finds it in the next one. It costs three times the bits. Copies
	// that others send are taken in any case.
	Redundant bool
	// Served says that participants may ask this one as LiveKit's front ends ask an agent: for its
	// session (SessionAsked), and with what they said while connecting (EarlyAudio).
	Served bool
	// Methods are those of remote procedure calls that are served (Called).
	Methods []string
	// Transport says what media may go through.
	Transport Transport
	// Interceptors are put around the connection's packets, for measuring or damaging them; the
	// usual ones stay.
	Interceptors []interceptor.Factory
	// Limits bound what other participants can send; zero fields mean limits.Default.
	Limits limits.Limits
	Logger *slog.Logger
}

func (c *Config) validate() error {
	if err := checkAddress(c.URL); err != nil {
		return err
	}
	if err := c.Transport.validate(); err != nil {
		return err
	}
	if err := c.Limits.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Token != "" {
		return c.named()
	}
	for _, f := range []struct{ name, value string }{
		{"room", c.Room}, {"identity", c.Identity}, {"api key", c.APIKey}, {"api secret", c.APISecret},
	} {
		if f.value == "" {
			return fmt.Errorf("%w: %s is empty", ErrConfig, f.name)
		}
	}
	if len(c.APISecret) < secretMinimum {
		return fmt.Errorf("%w: api secret has %d characters, the server wants at least %d", ErrConfig, len(c.APISecret), secretMinimum)
	}
	return nil
}

// named takes room and identity from the token, so that errors and log lines tell them: the server
// heeds no others.
func (c *Config) named() error {
	claims, ok := readClaims(c.Token)
	switch of := claims.Video.Room; {
	case !ok:
		return fmt.Errorf("%w: the token is none: it must be three parts of base64 with points between them", ErrConfig)
	case of != "" && c.Room != "" && of != c.Room: // the server would enter that of the token
		return fmt.Errorf("%w: the token is for room %q and not for %q: leave the room out, or have a token made for it", ErrConfig, of, c.Room)
	}
	c.Room, c.Identity = cmp.Or(claims.Video.Room, c.Room), cmp.Or(claims.Subject, c.Identity)
	return nil
}

// options are those of the SDK.
func (c *Config) options(log protologger.Logger) []lksdk.ConnectOption {
	out := []lksdk.ConnectOption{
		lksdk.WithAutoSubscribe(false), lksdk.WithConnectTimeout(connectTimeout),
		lksdk.WithDisableRegionDiscovery(), lksdk.WithLogger(log),
	}
	if len(c.Interceptors) > 0 {
		out = append(out, lksdk.WithInterceptors(c.Interceptors), lksdk.WithIncludeDefaultInterceptors(true))
	}
	if c.Transport == Relay {
		out = append(out, lksdk.WithICETransportPolicy(webrtc.ICETransportPolicyRelay))
	}
	return out
}

func checkAddress(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || !slices.Contains([]string{"ws", "wss", "http", "https"}, strings.ToLower(u.Scheme)):
		return fmt.Errorf("%w: url %q is not an address such as ws://127.0.0.1:7880", ErrConfig, address(text))
	case u.User != nil:
		return fmt.Errorf("%w: url holds a user name or password; servers take tokens only, so leave it out", ErrConfig)
	}
	return nil
}

func mint(cfg *Config) (string, error) {
	yes, seen := true, !cfg.Hidden
	grant := &auth.VideoGrant{
		RoomJoin: true, Room: cfg.Room, Agent: cfg.Agent, Hidden: cfg.Hidden,
		CanPublish: &seen, CanSubscribe: &yes, CanPublishData: &yes, CanUpdateOwnMetadata: &seen,
	}
	token := auth.NewAccessToken(cfg.APIKey, cfg.APISecret).
		SetVideoGrant(grant).SetIdentity(cfg.Identity).SetName(cfg.Name).
		SetAttributes(cfg.Attributes).SetValidFor(tokenLifetime)
	if cfg.Agent {
		token.SetKind(livekit.ParticipantInfo_AGENT)
	}
	return token.ToJWT()
}
