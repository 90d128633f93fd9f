package lkroom

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/interceptor"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

const (
	eventQueue     = 256              // events waiting for their reader; a full queue holds up signalling, it drops nothing
	connectTimeout = 5 * time.Second  // signalling and first media connection
	tokenLifetime  = 6 * time.Hour    // the SDK refreshes it while connected
	secretMinimum  = 32               // characters; the server refuses shorter ones
	leaveLimit     = 10 * time.Second // an SDK that does not come back from leaving is reported, not waited for
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
	// Attributes are set from the start.
	Attributes map[string]string
	// Topics are the text stream topics to receive.
	Topics []string
	// Interceptors are put around the connection's packets, for measuring or damaging them; the usual ones stay.
	Interceptors []interceptor.Factory
	// Limits bound what other participants can send; zero fields mean limits.Default.
	Limits limits.Limits
	Logger *slog.Logger
}

func (c *Config) validate() error {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" {
		return fmt.Errorf("%w: url %q is not an address such as ws://127.0.0.1:7880", ErrConfig, c.URL)
	}
	if err := c.Limits.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Token != "" {
		return nil
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

// Room is one joined room. Events is read by one goroutine; all other methods are safe from any.
type Room struct {
	cfg    Config
	sdk    *lksdk.Room
	log    *slog.Logger
	events chan Event

	done      chan struct{} // closed when Close begins: callbacks stop waiting for room in the queue
	closeOnce sync.Once
	readers   sync.WaitGroup // goroutines that read text streams
	pubs      pubSet
}

// Join connects and returns once the room is entered. Errors are JoinErrors.
func Join(ctx context.Context, cfg Config) (*Room, error) {
	if err := cfg.validate(); err != nil {
		return nil, &JoinError{URL: cfg.URL, Room: cfg.Room, Err: err}
	}
	token := cfg.Token
	if token == "" {
		var err error
		if token, err = mint(&cfg); err != nil {
			return nil, &JoinError{URL: cfg.URL, Room: cfg.Room, Err: err}
		}
	}
	route(cfg.Logger)
	r := &Room{cfg: cfg, log: cfg.Logger, events: make(chan Event, eventQueue), done: make(chan struct{})}
	r.pubs.byID = map[string]*Publication{}
	r.sdk = lksdk.NewRoom(r.callbacks())
	r.sdk.SetLogger(bridge(cfg.Logger))
	for _, topic := range cfg.Topics {
		if err := r.sdk.RegisterTextStreamHandler(topic, r.onTextStream); err != nil {
			return nil, &JoinError{URL: cfg.URL, Room: cfg.Room, Err: err}
		}
	}
	options := []lksdk.ConnectOption{
		lksdk.WithAutoSubscribe(false), lksdk.WithConnectTimeout(connectTimeout), lksdk.WithDisableRegionDiscovery(),
		lksdk.WithLogger(bridge(cfg.Logger)),
	}
	if len(cfg.Interceptors) > 0 {
		options = append(options, lksdk.WithInterceptors(cfg.Interceptors), lksdk.WithIncludeDefaultInterceptors(true))
	}
	err := r.sdk.JoinWithContextAndToken(ctx, cfg.URL, token, options...)
	if err != nil {
		r.abandon()
		return nil, classify(cfg, err)
	}
	for _, p := range r.sdk.GetRemoteParticipants() {
		r.onParticipant(p)
	}
	return r, nil
}

func mint(cfg *Config) (string, error) {
	yes := true
	grant := &auth.VideoGrant{
		RoomJoin: true, Room: cfg.Room, Agent: cfg.Agent,
		CanPublish: &yes, CanSubscribe: &yes, CanPublishData: &yes, CanUpdateOwnMetadata: &yes,
	}
	token := auth.NewAccessToken(cfg.APIKey, cfg.APISecret).
		SetVideoGrant(grant).SetIdentity(cfg.Identity).SetName(cfg.Name).
		SetAttributes(cfg.Attributes).SetValidFor(tokenLifetime)
	if cfg.Agent {
		token.SetKind(livekit.ParticipantInfo_AGENT)
	}
	return token.ToJWT()
}

// classify turns the SDK's join errors into the package's own. The SDK exports no types for them, so the HTTP status and the
// dial errors are read from the text.
func classify(cfg Config, err error) error {
	text := redact(err.Error())
	err = errors.New(text)
	out := &JoinError{URL: cfg.URL, Room: cfg.Room, Err: err}
	switch {
	case strings.Contains(text, "401") || strings.Contains(text, "unauthorized") || strings.Contains(text, "invalid token"):
		out.Err = fmt.Errorf("%w: %w", ErrUnauthorized, err)
		out.Hint = "check the API key and secret against the server's configuration"
	case strings.Contains(text, "refused") || strings.Contains(text, "no such host") || strings.Contains(text, "i/o timeout") ||
		strings.Contains(text, "unreachable") || strings.Contains(text, "bad handshake") || strings.Contains(text, "deadline"):
		out.Err = fmt.Errorf("%w: %w", ErrUnreachable, err)
		out.Hint = "is livekit-server running there, and is the port right?"
	case strings.Contains(text, "could not connect") || strings.Contains(text, "timeout"):
		out.Err = fmt.Errorf("%w: %w", ErrMedia, err)
		out.Hint = "the server answers but no media connection came up: check its UDP port and node_ip"
	}
	return out
}

// Events returns the channel of what happens in the room. It is never closed: Disconnected is its last event.
func (r *Room) Events() <-chan Event { return r.events }

// Name returns the room's name as the server gave it.
func (r *Room) Name() string { return r.sdk.Name() }

// Identity returns the own identity.
func (r *Room) Identity() string { return r.sdk.LocalParticipant.Identity() }

// ServerVersion returns the version that the server reported.
func (r *Room) ServerVersion() string { return r.sdk.ServerInfo().GetVersion() }

// SetAttributes changes own attributes. It returns before the server has confirmed them.
func (r *Room) SetAttributes(attrs map[string]string) { r.sdk.LocalParticipant.SetAttributes(attrs) }

// Close leaves the room and waits until everything that Join started has ended. It is idempotent.
func (r *Room) Close() error {
	var err error
	r.closeOnce.Do(func() {
		close(r.done)
		left := make(chan struct{})
		go func() {
			r.sdk.Disconnect()
			r.readers.Wait()
			close(left)
		}()
		select {
		case <-left:
		case <-time.After(leaveLimit):
			err = fmt.Errorf("leave room %q: the SDK did not return within %s", r.cfg.Room, leaveLimit)
		}
		r.last(Disconnected{Reason: "left", Requested: true})
	})
	return err
}

func (r *Room) abandon() {
	r.closeOnce.Do(func() {
		close(r.done)
		r.sdk.Disconnect()
	})
}

// push hands an event to the reader; it waits while the queue is full, and gives up when the room is being left.
func (r *Room) push(e Event) {
	select {
	case r.events <- e:
	case <-r.done:
	}
}

// last makes sure that the reader sees the end even when the queue is full: the oldest event makes way.
func (r *Room) last(e Event) {
	for {
		select {
		case r.events <- e:
			return
		default:
		}
		select {
		case <-r.events:
		default:
		}
	}
}
