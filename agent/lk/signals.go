package lk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/server-sdk-go/v2/signalling"
	"github.com/pion/webrtc/v4"
)

// Pings of the way to a server's signals.
const (
	pingEvery   = 2 * time.Second // servers ask for 5 s
	silentAfter = 6 * time.Second // without a message, not even an answer to a ping; servers ask for 15 s
)

// answerLimit is how long a server may take to answer an offer that is made again. Without an
// answer the SDK gives the connection up and makes a new one.
const answerLimit = 2 * time.Second

// Join implements signalling.SignalTransport.
func (s *signals) Join(
	ctx context.Context, server, token string, params signalling.ConnectParams, adds []*livekit.AddTrackRequest, offer webrtc.SessionDescription,
) error {
	s.conn.attempted()
	s.first.begin()
	s.early.begin()
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
	s.unsure.begin(l)
	s.adds.begin(ctx)
	if err := s.give(l.first); err != nil {
		return s.note(err)
	}
	return s.note(flows(ctx, s.media, l.ended))
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
	s.conn.attempted()
	err := s.resume(ctx, server, token, params, sid)
	if err == nil && s.adds.broken() {
		err = errAnew
	}
	if err != nil {
		s.Close()
	}
	return s.note(err)
}

func (s *signals) resume(ctx context.Context, server, token string, params signalling.ConnectParams, sid string) error {
	if s.adds.broken() {
		return errAnew
	}
	params.Reconnect = true
	query, err := s.query(&params, nil, webrtc.SessionDescription{}, sid)
	if err != nil {
		return err
	}
	l, err := s.open(ctx, server, token, query)
	if err != nil {
		return err
	}
	s.mu.Lock()
	l.every, l.silent = s.beat, s.patience
	s.mu.Unlock()
	switch m := l.first.GetMessage().(type) {
	case *livekit.SignalResponse_Reconnect:
		first := l.first
		l.first = nil
		if err := s.give(first); err != nil {
			return err
		}
	case *livekit.SignalResponse_Leave:
		_ = s.give(l.first) // it says what to do instead
		return fmt.Errorf("%w: %s", errSentAway, m.Leave.GetReason())
	default: // old servers do not greet; then it waits until the connection is started
		if err := proper(l.first, l.known); err != nil {
			return err
		}
	}
	return s.offerAgain(ctx, l)
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
	for _, known := range []error{ErrProtocol, ErrSilent, errSentAway, errEnded} {
		if errors.Is(s.failure, known) {
			return s.failure
		}
	}
	return otherwise
}

// offerAgain makes an offer again over a connection that is continued, and waits for its answer a
// while: the SDK goes on to restart media, for which it needs one. Errors: errEnded.
func (s *signals) offerAgain(ctx context.Context, l *link) error {
	offer, answered := s.first.missing(l)
	if offer == nil {
		return nil
	}
	if l.push(offer) != nil {
		return errEnded
	}
	s.Start()
	limit := time.NewTimer(answerLimit)
	defer limit.Stop()
	select {
	case <-answered:
	case <-limit.C:
	case <-l.ended:
		return errEnded
	case <-ctx.Done():
	}
	return nil
}
