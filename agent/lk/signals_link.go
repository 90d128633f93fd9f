package lk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

// Bounds of the way to a server's signals.
const (
	signalBytes   = 64 << 20        // one message: a room of 500 whose metadata and attributes are as long as servers allow
	pushLimit     = 5 * time.Second // for one message to leave
	improperLimit = 8               // messages in a row that make no sense: then the room is left
)

// link is one connection.
type link struct {
	ws    *websocket.Conn
	known map[string]bool // own tracks that are confirmed
	// Set before it is started:
	first         *livekit.SignalResponse // what is still to be handled
	every, silent time.Duration
	started       bool          // guarded by the lock of its signals
	ended         chan struct{} // closed when nothing of it runs any more
	writing       sync.Mutex
	left          atomic.Bool // a leave was sent: what comes behind it answers that, and concerns no later connection
}

// pump hands on messages that make sense. Too many in a row that do not end the room.
func (l *link) pump(handOn func(*livekit.SignalResponse) error, giveUp func(error), isOver func() bool, notes *slog.Logger) {
	if l.first != nil && l.first.GetJoin() == nil {
		_ = handOn(l.first) // what the SDK makes of a message is logged there
	}
	for strange := 0; !isOver(); {
		m, err := l.receive()
		if err == nil {
			err = proper(m, l.known)
		}
		switch {
		case err == nil && l.left.Load():
		case err == nil:
			strange = 0
			_ = handOn(m) // as above
		case errors.Is(err, websocket.ErrReadLimit):
			giveUp(err)
			return
		case !errors.Is(err, ErrProtocol): // it has ended
			notes.Debug("signals ended", slog.Any("error", err))
			return
		default:
			if strange++; strange == improperLimit {
				giveUp(err)
				return
			}
			notes.Warn("a message of the server was not taken", slog.Any("error", err))
		}
	}
}

// receive reads a message. Errors that wrap ErrProtocol are about this message, but for one that is
// too large.
func (l *link) receive() (*livekit.SignalResponse, error) {
	if l.silent > 0 {
		if err := l.ws.SetReadDeadline(time.Now().Add(l.silent)); err != nil {
			return nil, err // the connection has ended, which the caller tells
		}
	}
	kind, frame, err := l.ws.ReadMessage()
	if errors.Is(err, websocket.ErrReadLimit) {
		return nil, fmt.Errorf("%w: a message of more than %d bytes: %w", ErrProtocol, signalBytes, err)
	}
	if err != nil {
		return nil, err // as above
	}
	return decode(kind, frame)
}

// push sends a message.
func (l *link) push(out *livekit.SignalRequest) error {
	frame, err := proto.Marshal(out)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if out.GetLeave() != nil {
		l.left.Store(true)
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	err = errors.Join(l.ws.SetWriteDeadline(time.Now().Add(pushLimit)), l.ws.WriteMessage(websocket.BinaryMessage, frame))
	if err != nil {
		_ = l.ws.Close() // it takes nothing any more: whoever reads learns of that
	}
	return err
}

// ping asks the server for a sign of life now and then, and tells of each time that it does.
func (l *link) ping(over <-chan struct{}, asks func(*link, int64)) {
	every := time.NewTicker(l.every)
	defer every.Stop()
	for {
		select {
		case now := <-every.C:
			asks(l, now.UnixMilli())
			_ = l.push(&livekit.SignalRequest{Message: &livekit.SignalRequest_PingReq{ // who does not take it is silent
				PingReq: &livekit.Ping{Timestamp: now.UnixMilli()},
			}})
		case <-over:
			return
		}
	}
}

const mediaEvery = 10 * time.Millisecond // as often as the SDK looks whether media can flow

// flows waits until media can flow. The SDK does so next, and does not look whether anybody still
// wants to join: who leaves a room that has just been closed would wait for it. A time that is up
// is the SDK's to tell of. Errors: errEnded, and the cause of ctx where that was cancelled.
func flows(ctx context.Context, media func() bool, ended <-chan struct{}) error {
	tick := time.NewTicker(mediaEvery)
	defer tick.Stop()
	for !media() {
		select {
		case <-tick.C:
		case <-ended:
			return errEnded
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return nil
			}
			return context.Cause(ctx)
		}
	}
	return nil
}
