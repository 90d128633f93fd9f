package lk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	protologger "github.com/livekit/protocol/logger"
	"github.com/livekit/server-sdk-go/v2/signalling"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"
)

// Pings of the way to a server's signals.
const (
	pingEvery   = 2 * time.Second // servers ask for 5 s
	silentAfter = 6 * time.Second // without a message, not even an answer to a ping; servers ask for 15 s
)

// signals is the way to a server's signals in place of the SDK's own, which waits for ever for a
// server that takes a connection and says nothing, reads messages of any size, and takes whatever
// comes first. Besides, it sends the pings that LiveKit's browsers send, so that a server or a
// network that falls silent is noticed. The SDK calls its methods.
type signals struct {
	conn   owner
	cfg    Config
	log    *slog.Logger
	path   string
	query  func(params *signalling.ConnectParams, adds []*livekit.AddTrackRequest, offer webrtc.SessionDescription, sid string) (string, error)
	handle func(proto.Message) error
	lost   func()      // called when a connection that was started has ended, for whatever reason
	media  func() bool // tells whether media can flow
	dialer websocket.Dialer
	first  firstOffer

	mu       sync.Mutex // guards what follows
	link     *link      // nil without a connection
	failure  error      // why the last connection did not come up
	entered  bool       // a join response has come
	beat     time.Duration
	patience time.Duration // 0 where the server answers no pings
}

// owner is whose signals they are.
type owner interface {
	fence(where string)
	fail(err error)
	isBroken() bool
}

var _ signalling.SignalTransport = (*signals)(nil)

// SetLogger implements signalling.SignalTransport: what is logged here goes to the connection's
// logger.
func (*signals) SetLogger(protologger.Logger) {}

// Join implements signalling.SignalTransport.
func (s *signals) Join(
	ctx context.Context, server, token string, params signalling.ConnectParams, adds []*livekit.AddTrackRequest, offer webrtc.SessionDescription,
) error {
	s.first.begin()
	query, err := s.query(&params, adds, offer, "")
	if err != nil {
		return s.note(err)
	}
	l, err := s.open(ctx, server, token, query)
	if err != nil {
		return s.note(err)
	}
	if err := s.welcome(l); err != nil {
		s.Close()
		return s.note(err)
	}
	if err := s.give(l.first); err != nil {
		return s.note(err)
	}
	return s.note(flows(ctx, s.media))
}

// welcome looks at the first message of a server that is joined.
func (s *signals) welcome(l *link) error {
	switch m := l.first.GetMessage().(type) {
	case *livekit.SignalResponse_Join:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.beat, s.patience = pace(m.Join)
		l.every, l.silent = s.beat, s.patience
		err := complete(m.Join)
		s.entered = s.entered || err == nil
		return err
	case *livekit.SignalResponse_Leave:
		return fmt.Errorf("%w: %s", errSentAway, m.Leave.GetReason())
	default:
		return fmt.Errorf("%w: it begins with %T, and no join response", ErrProtocol, m)
	}
}

// pace is how often a server is sent a ping, and after how long without a message it counts as
// silent: what it asks for, and no longer than this package's own. Servers that name no time answer
// none.
func pace(j *livekit.JoinResponse) (every, silent time.Duration) {
	if j.GetPingTimeout() <= 0 || j.GetPingInterval() <= 0 {
		return 0, 0
	}
	return min(pingEvery, time.Duration(j.GetPingInterval())*time.Second), min(silentAfter, time.Duration(j.GetPingTimeout())*time.Second)
}

// Reconnect implements signalling.SignalTransport: it continues a connection.
func (s *signals) Reconnect(ctx context.Context, server, token string, params signalling.ConnectParams, sid string) error {
	params.Reconnect = true
	query, err := s.query(&params, nil, webrtc.SessionDescription{}, sid)
	if err != nil {
		return s.note(err)
	}
	l, err := s.open(ctx, server, token, query)
	if err != nil {
		return s.note(err)
	}
	s.mu.Lock()
	l.every, l.silent = s.beat, s.patience
	s.mu.Unlock()
	switch m := l.first.GetMessage().(type) {
	case *livekit.SignalResponse_Reconnect:
		first := l.first
		l.first = nil
		if err = s.give(first); err == nil {
			s.offerAgain(ctx, l)
		}
		return s.note(err)
	case *livekit.SignalResponse_Leave:
		_ = s.give(l.first) // it says what to do instead
		err = fmt.Errorf("%w: %s", errSentAway, m.Leave.GetReason())
	default: // old servers do not greet; then it waits until the connection is started
		if err = proper(l.first, l.known); err == nil {
			s.offerAgain(ctx, l)
			return s.note(nil)
		}
	}
	s.Close()
	return s.note(err)
}

// open connects and waits for the first message, both as long as ctx lasts.
func (s *signals) open(ctx context.Context, server, token, query string) (*link, error) {
	s.Close()
	u, err := url.Parse(signalling.ToWebsocketURL(server))
	if err != nil {
		return nil, err // never shown: the SDK asks the server by another way, and tells of that
	}
	u = u.JoinPath(s.path)
	u.RawQuery = query
	ws, answer, err := s.dialer.DialContext(ctx, u.String(), http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		s.refused(answer, token)
		return nil, err // as above
	}
	_ = answer.Body.Close()
	ws.SetReadLimit(signalBytes)
	stop := context.AfterFunc(ctx, func() { _ = ws.Close() })
	l := &link{ws: ws, known: map[string]bool{}, ended: make(chan struct{})}
	l.first, err = l.receive()
	if !stop() {
		err = fmt.Errorf("%w: it took the connection and sent no message", ErrSilent)
	}
	if err != nil {
		_ = ws.Close()
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.link = l
	return l, nil
}

// refused ends the room where its server does not take the newest token any more: that does not
// change, however often it is asked. It reads the server's answer, nil where there is none.
func (s *signals) refused(answer *http.Response, token string) {
	if answer == nil {
		return
	}
	text, _ := io.ReadAll(io.LimitReader(answer.Body, tryBody)) // what there is of it
	_ = answer.Body.Close()
	s.mu.Lock()
	entered := s.entered
	s.mu.Unlock()
	if entered && (answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden) {
		why := errors.New(sdkUnauthorized + string(text)) // classified at once
		s.conn.fail(classify(context.Background(), s.cfg, token, why, time.Now()))
	}
}

// note keeps why a connection did not come up: the SDK keeps that to itself.
func (s *signals) note(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = err
	return err
}

// told returns what note kept where that says more than the SDK's own error, otherwise.
func (s *signals) told(otherwise error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range []error{ErrProtocol, ErrSilent, errSentAway} {
		if errors.Is(s.failure, known) {
			return s.failure
		}
	}
	return otherwise
}

// give hands a message to the SDK.
func (s *signals) give(m *livekit.SignalResponse) (err error) {
	defer s.conn.fence("signals")
	err = s.handle(m)
	s.first.received(m)
	return err
}

// Start implements signalling.SignalTransport: messages are read from now on.
func (s *signals) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.link == nil || s.link.started {
		return
	}
	s.link.started = true
	go s.read(s.link)
}

// IsStarted implements signalling.SignalTransport.
func (s *signals) IsStarted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link != nil && s.link.started
}

// Close implements signalling.SignalTransport: it ends the connection and waits until nothing of it
// runs.
func (s *signals) Close() {
	s.mu.Lock()
	l := s.link
	s.link = nil
	s.mu.Unlock()
	if l == nil {
		return
	}
	_ = l.ws.Close()
	if l.started {
		<-l.ended
	}
}

// SendMessage implements signalling.SignalTransport.
func (s *signals) SendMessage(msg proto.Message) error {
	s.mu.Lock()
	l := s.link
	s.first.sent(msg, l)
	s.mu.Unlock()
	if l == nil {
		return ErrClosed
	}
	return l.push(msg)
}

// read hands on what comes, until the connection ends.
func (s *signals) read(l *link) {
	over := make(chan struct{})
	var work sync.WaitGroup
	if l.every > 0 {
		work.Go(func() { l.ping(over) })
	}
	l.pump(s.give, s.conn.fail, s.conn.isBroken, s.log)
	_ = l.ws.Close()
	close(over)
	work.Wait()
	s.mu.Lock()
	if s.link == l {
		s.link = nil
	}
	s.mu.Unlock()
	close(l.ended)
	if !s.conn.isBroken() {
		defer s.conn.fence("signals")
		s.lost()
	}
}
