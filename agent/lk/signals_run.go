package lk

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	protologger "github.com/livekit/protocol/logger"
	"github.com/livekit/server-sdk-go/v2/signalling"
	"github.com/pion/webrtc/v4"
	"google.golang.org/protobuf/proto"
)

// signals is the way to a server's signals in place of the SDK's own, which waits for ever for a
// server that takes a connection and says nothing, reads messages of any size, and takes whatever
// comes first. Besides, it sends the pings that LiveKit's browsers send, so that a server or a
// network that falls silent is noticed. The SDK calls its methods.
type signals struct {
	conn     owner
	cfg      Config
	log      *slog.Logger
	path     string
	query    func(params *signalling.ConnectParams, adds []*livekit.AddTrackRequest, offer webrtc.SessionDescription, sid string) (string, error)
	handle   func(proto.Message) error
	lost     func()      // called when a connection that was started has ended, for whatever reason
	media    func() bool // tells whether media can flow
	dialer   websocket.Dialer
	unwanted func(sid string) bool // tells whether a track of somebody else was given up
	first    firstOffer
	unsure   unsure
	adds     adds
	early    early

	mu       sync.Mutex // guards what follows
	link     *link      // nil without a connection
	failure  error      // why the last connection did not come up
	entered  bool       // a join response has come
	beat     time.Duration
	patience time.Duration // 0 where the server answers no pings
}

// owner is whose signals they are.
type owner interface {
	attempted()
	fence(where string)
	fail(err error)
	isBroken() bool
}

var _ signalling.SignalTransport = (*signals)(nil)

// SetLogger implements signalling.SignalTransport: what is logged here goes to the connection's
// logger.
func (*signals) SetLogger(protologger.Logger) {}

// give hands a message to the SDK.
func (s *signals) give(m *livekit.SignalResponse) (err error) {
	defer s.conn.fence("signals")
	if s.early.holds(m) {
		return nil
	}
	s.adds.confirmed(m)
	s.unsure.answered(m)
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
	} else {
		s.confirmLost(l) // nobody reads that it has ended
	}
}

// SendMessage implements signalling.SignalTransport.
func (s *signals) SendMessage(msg proto.Message) error {
	out, ok := msg.(*livekit.SignalRequest)
	switch {
	case !ok:
		return fmt.Errorf("%w: it sends a %T", ErrSDK, msg)
	case setting(out):
		s.unsure.say(out, s.current)
		return nil
	case out.GetSyncState().GetSubscription().GetSubscribe():
		return s.sync(out)
	}
	l, err := s.push(out)
	for _, m := range s.early.answered(out) {
		s.late(l, m)
	}
	if err != nil && added(out) != nil {
		s.confirmLost(l)
		return nil
	}
	return err
}

// push sends a message over the link of now, which it returns; nil for none.
func (s *signals) push(out *livekit.SignalRequest) (*link, error) {
	s.mu.Lock()
	l := s.link
	s.first.sent(out, l)
	s.adds.told(out, l)
	s.mu.Unlock()
	if l == nil {
		return nil, ErrClosed
	}
	return l, l.push(out)
}

// sync tells what is wanted of others' tracks when a connection is continued, without those that
// were given up, and before somebody gives up another one.
func (s *signals) sync(out *livekit.SignalRequest) error {
	s.unsure.mu.Lock()
	defer s.unsure.mu.Unlock()
	wanted := out.GetSyncState().GetSubscription()
	wanted.TrackSids = slices.DeleteFunc(wanted.TrackSids, s.unwanted)
	_, err := s.push(out)
	return err
}

// late hands a message that was held back to the SDK, beside the goroutine that reads: the SDK may
// have given up what it is for, and then it is of no use any more.
func (s *signals) late(over *link, m *livekit.SignalResponse) {
	defer func() {
		if v := recover(); v != nil {
			s.log.Debug("a message of the server came too late", slog.Any("panic", v))
		}
	}()
	if over != nil && s.current() == over {
		_ = s.handle(m) // what the SDK makes of a message is logged there
	}
}

// current is the link of now, nil for none.
func (s *signals) current() *link {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.link
}

// resumed says what the server may not have heard, now that the connection is continued.
func (s *signals) resumed() { s.unsure.again(s.current) }

// read hands on what comes, until the connection ends.
func (s *signals) read(l *link) {
	over := make(chan struct{})
	var work sync.WaitGroup
	if l.every > 0 {
		work.Go(func() { l.ping(over, s.unsure.asks) })
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
	s.confirmLost(l)
	close(l.ended)
	if !s.conn.isBroken() {
		defer s.conn.fence("signals")
		s.lost()
	}
}

// confirmLost confirms what the end of a link has left without an answer.
func (s *signals) confirmLost(l *link) {
	for _, m := range s.adds.lost(l) {
		_ = s.give(m) // what the SDK makes of a message is logged there
	}
}
