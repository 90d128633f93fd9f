package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"connectrpc.com/connect"

	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/api/sensory/v1/sensoryv1connect"
)

// mostAnswer bounds an answer, in bytes: an export's page is a few MiB.
const mostAnswer = 16 << 20

var (
	// ErrAddress means that the address is none: use HOST:PORT.
	ErrAddress = errors.New("no address of the form HOST:PORT")
	// ErrNoAnswer means that nothing answers at the address.
	ErrNoAnswer = errors.New("nothing answers (is serve or join running with --listen?)")
)

// Error is what a call was answered with.
type Error struct {
	Code connect.Code
	// Reason is one stable word, and Field the path of the field concerned; both may be empty where
	// something else than the API answered.
	Reason, Field string
	// Of events: the oldest and the newest that are kept; 0 where they are not concerned.
	Oldest, Newest uint64
	Message        string
	// came says that it came as the answer: what did not is a connection that broke, or no API.
	came bool
}

// Error gives the text.
func (e *Error) Error() string { return e.Message }

// Client calls one process. Its methods and fields are safe from any goroutine.
type Client struct {
	Rooms    sensoryv1connect.RoomServiceClient
	Personas sensoryv1connect.PersonaServiceClient
	Chat     sensoryv1connect.ChatServiceClient
	Turns    sensoryv1connect.TurnServiceClient
	Memories sensoryv1connect.MemoryServiceClient
	Machine  sensoryv1connect.MachineServiceClient
	Events   sensoryv1connect.EventServiceClient

	http *http.Client
}

// New makes a client. token may be empty. Errors: ErrAddress.
func New(address, token string) (*Client, error) {
	if !strings.Contains(address, ":") || strings.ContainsAny(address, "/?#@ ") {
		return nil, fmt.Errorf("%w: %q", ErrAddress, address)
	}
	own := &http.Client{
		Transport:     &http.Transport{MaxIdleConns: 2},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	to, with := "http://"+address, connect.WithClientOptions(
		connect.WithInterceptors(carry{address, token}), connect.WithReadMaxBytes(mostAnswer), connect.WithAcceptCompression("gzip", nil, nil),
	)
	return &Client{
		Rooms: sensoryv1connect.NewRoomServiceClient(own, to, with), Personas: sensoryv1connect.NewPersonaServiceClient(own, to, with),
		Chat: sensoryv1connect.NewChatServiceClient(own, to, with), Turns: sensoryv1connect.NewTurnServiceClient(own, to, with),
		Memories: sensoryv1connect.NewMemoryServiceClient(own, to, with),
		Machine:  sensoryv1connect.NewMachineServiceClient(own, to, with), Events: sensoryv1connect.NewEventServiceClient(own, to, with), http: own,
	}, nil
}

// Close closes connections that are idle.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// carry puts the token on calls, and says what their errors mean.
type carry struct{ address, token string }

func (c carry) sign(h http.Header) {
	if c.token != "" {
		h.Set("Authorization", "Bearer "+c.token)
	}
}

// WrapUnary implements connect.Interceptor.
func (c carry) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		c.sign(req.Header())
		out, err := next(ctx, req)
		return out, told(c.address, err)
	}
}

// WrapStreamingClient implements connect.Interceptor.
func (c carry) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return func(ctx context.Context, spec connect.Spec) connect.StreamingClientConn {
		conn := next(ctx, spec)
		c.sign(conn.RequestHeader())
		return streamed{conn, c.address}
	}
}

// WrapStreamingHandler implements connect.Interceptor.
func (carry) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return next
}

// streamed is a call that streams, whose errors say what they mean.
type streamed struct {
	connect.StreamingClientConn
	address string
}

// Receive implements connect.StreamingClientConn.
func (s streamed) Receive(m any) error { return told(s.address, s.StreamingClientConn.Receive(m)) }

// told is an error of a call. What did not come over the wire was not said by a process.
func told(address string, err error) error {
	var wire *connect.Error
	if !errors.As(err, &wire) {
		return err
	}
	if !connect.IsWireError(err) && wire.Code() == connect.CodeUnavailable {
		return fmt.Errorf("%w at %s: %s", ErrNoAnswer, address, wire.Message())
	}
	out := &Error{Code: wire.Code(), Message: wire.Message(), came: connect.IsWireError(err)}
	for _, d := range wire.Details() {
		if v, err := d.Value(); err == nil {
			if info, ok := v.(*sensoryv1.ErrorInfo); ok {
				out.Reason, out.Field, out.Oldest, out.Newest = info.GetReason(), info.GetField(), info.GetOldest(), info.GetNewest()
			}
		}
	}
	return out
}
