package reconcile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/twitchtv/twirp"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
)

const (
	callLimit     = 2 * time.Second
	tokenLifetime = time.Minute
	answerMaximum = 64 << 20 // bytes: a list of rooms holds their metadata
	secretMinimum = 32       // characters; the server refuses shorter ones
)

// server is a real server behind its API.
type server struct {
	shown, key, secret string
	rooms              livekit.RoomService
	dispatches         livekit.AgentDispatchService
}

// Dial returns the API of a server at ws://, wss://, http:// or https://, with a path where it is
// behind one. It asks nothing yet. client may be nil. Errors: ErrConfig.
func Dial(address, key, secret string, client *http.Client) (API, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return nil, fmt.Errorf("%w: url is no address such as ws://127.0.0.1:7880", ErrConfig)
	case key == "":
		return nil, fmt.Errorf("%w: api key is empty", ErrConfig)
	case len(secret) < secretMinimum:
		return nil, fmt.Errorf("%w: api secret has %d characters, the server wants at least %d", ErrConfig, len(secret), secretMinimum)
	}
	switch strings.ToLower(u.Scheme) {
	case "ws", "http":
		u.Scheme = "http"
	case "wss", "https":
		u.Scheme = "https"
	default:
		return nil, fmt.Errorf("%w: url begins with %q, not with ws://, wss://, http:// or https://", ErrConfig, u.Scheme)
	}
	u.RawQuery, u.Fragment = "", ""
	if client == nil {
		client = &http.Client{}
	}
	limited := *client
	limited.Transport = dated{bounded{client.Transport}}
	base := strings.TrimSuffix(u.String(), "/")
	return &server{
		shown: base, key: key, secret: secret,
		rooms:      livekit.NewRoomServiceProtobufClient(base, &limited),
		dispatches: livekit.NewAgentDispatchServiceProtobufClient(base, &limited),
	}, nil
}

// bounded reads so much of an answer and no more.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	next := b.next
	if next == nil {
		next = http.DefaultTransport
	}
	answer, err := next.RoundTrip(req)
	if err != nil {
		return nil, err // as it is
	}
	answer.Body = &body{ReadCloser: answer.Body, left: answerMaximum}
	return answer, nil
}

// dated takes note of the server's time, for calls that ask for it.
type dated struct{ next http.RoundTripper }

// clock is where dated puts it.
type clock struct{}

func (d dated) RoundTrip(req *http.Request) (*http.Response, error) {
	answer, err := d.next.RoundTrip(req)
	if at, asks := req.Context().Value(clock{}).(*time.Time); asks && err == nil {
		if told, err := http.ParseTime(answer.Header.Get("Date")); err == nil { // whole seconds, cut off
			*at = told
		}
	}
	return answer, err // as it is
}

type body struct {
	io.ReadCloser
	left int64
}

func (b *body) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, ErrTooLarge
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err // as it is
}

// call signs a request, bounds it and says what became of it.
func (s *server) call(ctx context.Context, name, room string, grant *auth.VideoGrant, f func(context.Context) error) error {
	failed := func(err error) error { return &ServerError{Call: name, URL: s.shown, Room: room, Err: err} }
	token, err := auth.NewAccessToken(s.key, s.secret).SetVideoGrant(grant).SetValidFor(tokenLifetime).ToJWT()
	if err != nil {
		return failed(err)
	}
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	if ctx, err = twirp.WithHTTPRequestHeaders(ctx, http.Header{"Authorization": {"Bearer " + token}}); err != nil {
		return failed(err)
	}
	err = f(ctx)
	var answer twirp.Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &answer):
		return failed(err)
	case answer.Code() == twirp.NotFound:
		return failed(fmt.Errorf("%w: %w", ErrGone, err))
	case answer.Code() == twirp.Unauthenticated, answer.Code() == twirp.PermissionDenied:
		return failed(fmt.Errorf("%w: %w", ErrUnauthorized, err))
	}
	return failed(err)
}

func (s *server) Rooms(ctx context.Context) (out []string, err error) {
	err = s.call(ctx, "ListRooms", "", &auth.VideoGrant{RoomList: true}, func(ctx context.Context) error {
		list, err := s.rooms.ListRooms(ctx, &livekit.ListRoomsRequest{})
		for _, r := range list.GetRooms() {
			out = append(out, r.GetName())
		}
		return err // call does
	})
	return out, err
}

func (s *server) Dispatches(ctx context.Context, room string) (out []Dispatch, err error) {
	var now time.Time
	ctx = context.WithValue(ctx, clock{}, &now)
	err = s.call(ctx, "ListDispatch", room, admin(room), func(ctx context.Context) error {
		list, err := s.dispatches.ListDispatch(ctx, &livekit.ListAgentDispatchRequest{Room: room})
		for _, d := range list.GetAgentDispatches() {
			out = append(out, dispatchOf(d))
			out[len(out)-1].Age = age(d.GetState().GetCreatedAt(), now)
		}
		return err // call does
	})
	return out, gone(err)
}

func (s *server) Participants(ctx context.Context, room string) (out []Participant, err error) {
	err = s.call(ctx, "ListParticipants", room, admin(room), func(ctx context.Context) error {
		list, err := s.rooms.ListParticipants(ctx, &livekit.ListParticipantsRequest{Room: room})
		for _, p := range list.GetParticipants() {
			agent := p.GetKind() == livekit.ParticipantInfo_AGENT
			human := !agent && p.GetKind() != livekit.ParticipantInfo_EGRESS && p.GetKind() != livekit.ParticipantInfo_BRIDGE
			out = append(out, Participant{Identity: p.GetIdentity(), Agent: p.GetAttributes()["lk.agent_name"], Human: human})
		}
		return err // call does
	})
	return out, gone(err)
}

func (s *server) Create(ctx context.Context, d Dispatch) (out Dispatch, err error) {
	req := &livekit.CreateAgentDispatchRequest{
		AgentName: d.Agent, Room: d.Room, Metadata: d.Metadata, Deployment: d.Deployment, Attributes: d.Attributes,
	}
	if d.Never {
		req.RestartPolicy = livekit.JobRestartPolicy_JRP_NEVER
	}
	err = s.call(ctx, "CreateDispatch", d.Room, admin(d.Room), func(ctx context.Context) error {
		made, err := s.dispatches.CreateDispatch(ctx, req)
		if err == nil {
			out = dispatchOf(made)
		}
		return err // call does
	})
	return out, err
}

func (s *server) Delete(ctx context.Context, room, id string) error {
	return s.call(ctx, "DeleteDispatch", room, admin(room), func(ctx context.Context) error {
		_, err := s.dispatches.DeleteDispatch(ctx, &livekit.DeleteAgentDispatchRequest{DispatchId: id, Room: room})
		return err // call does
	})
}

func admin(room string) *auth.VideoGrant { return &auth.VideoGrant{RoomAdmin: true, Room: room} }

// gone takes a room that has been closed for one with nothing in it.
func gone(err error) error {
	if errors.Is(err, ErrGone) {
		return nil
	}
	return err
}

// age is how old something is at least that was made at a time in nanoseconds; 0 where either is
// not known.
func age(made int64, now time.Time) time.Duration {
	if made <= 0 || now.IsZero() {
		return 0
	}
	return max(0, now.Sub(time.Unix(0, made)))
}

func dispatchOf(d *livekit.AgentDispatch) Dispatch {
	out := Dispatch{
		ID: d.GetId(), Room: d.GetRoom(), Agent: d.GetAgentName(), Metadata: d.GetMetadata(), Deployment: d.GetDeployment(),
		Attributes: d.GetAttributes(), Never: d.GetRestartPolicy() == livekit.JobRestartPolicy_JRP_NEVER,
		Created: time.Unix(0, d.GetState().GetCreatedAt()),
	}
	for _, j := range d.GetState().GetJobs() {
		out.Identities = append(out.Identities, j.GetState().GetParticipantIdentity())
	}
	return out
}
