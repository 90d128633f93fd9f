package worker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
)

const (
	outboxLength  = 256 // messages that wait for a slow server
	writeLimit    = 10 * time.Second
	tokenLifetime = time.Hour // it is asked for when a connection is made, and never again
	bufferSize    = 4 << 10   // bytes, a connection's for reading and for writing
)

// conn is one connection: a goroutine that dials and reads, and one that writes.
type conn struct {
	link   int
	serial uint64
	outbox chan []byte
	once   sync.Once
	// shut is closed when nothing is sent any more: what waits is sent, then the connection ends.
	shut chan struct{}
	// abort ends it at once.
	abort context.CancelFunc
	up    atomic.Bool
}

// put queues a message. It never blocks: a full queue ends the connection.
func (c *conn) put(msg *livekit.WorkerMessage) error {
	frame, err := proto.Marshal(msg)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	select {
	case c.outbox <- frame:
		return nil
	default:
		c.abort()
		return ErrOverflow
	}
}

// close ends the connection: at once where it is not up yet, after what waits has been sent else.
func (c *conn) close() {
	c.once.Do(func() {
		close(c.shut)
		if !c.up.Load() {
			c.abort()
		}
	})
}

// connect runs the connection to its end, which it returns.
func (w *Worker) connect(ctx context.Context, c *conn) error {
	agent := w.cfg.Agents[c.link].Name
	failed := func(hint string, err error) error {
		return &RegisterError{Agent: agent, URL: w.shown, Err: err, Hint: hint}
	}
	token, err := workerToken(w.cfg.APIKey, w.cfg.APISecret)
	if err != nil {
		return failed("", err)
	}
	dialing, cancel := context.WithTimeoutCause(ctx, dialLimit, ErrSilent)
	defer cancel()
	dialer := websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, NetDialContext: w.dial, TLSClientConfig: w.cfg.TLS,
		HandshakeTimeout: dialLimit, ReadBufferSize: bufferSize, WriteBufferSize: bufferSize,
	}
	ws, answer, err := dialer.DialContext(dialing, endpoint(w.cfg.URL), http.Header{"Authorization": {"Bearer " + token}})
	if answer != nil && answer.Body != nil {
		_ = answer.Body.Close()
	}
	if err != nil {
		return failed(dialError(answer, err))
	}
	c.up.Store(true)
	ws.SetReadLimit(w.cfg.MaxMessage)
	w.tell(opened{link: c.link, conn: c.serial})
	wrote := make(chan struct{})
	go func() {
		defer close(wrote)
		c.write(ctx, ws)
	}()
	err = w.read(c, ws)
	c.abort()
	<-wrote
	return failed("", err)
}

// read passes messages on until the connection ends.
func (w *Worker) read(c *conn, ws *websocket.Conn) error {
	alive := func() error { return ws.SetReadDeadline(time.Now().Add(silenceLimit)) }
	answer := ws.PingHandler()
	ws.SetPingHandler(func(data string) error { return errors.Join(alive(), answer(data)) })
	for {
		if err := alive(); err != nil {
			return err // connect wraps it
		}
		kind, frame, err := ws.ReadMessage()
		if err != nil {
			return readError(err)
		}
		if kind != websocket.BinaryMessage {
			w.tell(bad{link: c.link, conn: c.serial, err: fmt.Errorf("%w: a text frame", ErrMalformed)})
			continue
		}
		msg, err := decode(frame)
		if err != nil {
			w.tell(bad{link: c.link, conn: c.serial, err: err})
			continue
		}
		w.tell(received{link: c.link, conn: c.serial, msg: msg})
	}
}

// write sends what waits until the connection is closed, and closes it.
func (c *conn) write(ctx context.Context, ws *websocket.Conn) {
	defer func() { _ = ws.Close() }()
	for {
		select {
		case frame := <-c.outbox:
			if !push(ws, frame) {
				return
			}
		case <-ctx.Done():
			return
		case <-c.shut:
			for {
				select {
				case frame := <-c.outbox:
					if !push(ws, frame) {
						return
					}
				default:
					text := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
					_ = ws.WriteControl(websocket.CloseMessage, text, time.Now().Add(writeLimit))
					return
				}
			}
		}
	}
}

func push(ws *websocket.Conn, frame []byte) bool {
	return ws.SetWriteDeadline(time.Now().Add(writeLimit)) == nil && ws.WriteMessage(websocket.BinaryMessage, frame) == nil
}

// workerToken lets a worker register, and do nothing else.
func workerToken(key, secret string) (string, error) {
	token, err := auth.NewAccessToken(key, secret).
		SetVideoGrant(&auth.VideoGrant{Agent: true}).SetValidFor(tokenLifetime).ToJWT()
	if err != nil {
		return "", fmt.Errorf("sign the worker's token: %w", err)
	}
	return token, nil
}

// dialError says what an attempt came to, and what to do about it.
func dialError(answer *http.Response, err error) (hint string, cause error) {
	switch {
	case answer == nil:
		return "is livekit-server running there, and is the port right?", fmt.Errorf("%w: %w", ErrUnreachable, err)
	case answer.StatusCode == http.StatusUnauthorized, answer.StatusCode == http.StatusForbidden:
		return "check the API key and secret against the server's configuration, and this machine's clock",
			fmt.Errorf("%w: %s", ErrUnauthorized, answer.Status)
	case answer.StatusCode == http.StatusServiceUnavailable, answer.StatusCode == http.StatusBadGateway,
		answer.StatusCode == http.StatusGatewayTimeout, answer.StatusCode == http.StatusTooManyRequests:
		return "the server is there and takes nobody in: it starts, ends or is full", fmt.Errorf("%w: %s", ErrUnreachable, answer.Status)
	default:
		return "check host, port and path", fmt.Errorf("%w: %s", ErrNotLiveKit, answer.Status)
	}
}

// readError says why a connection ended.
func readError(err error) error {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, websocket.ErrReadLimit):
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("%w: nothing for %s", ErrSilent, silenceLimit)
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

// tell puts an event into the inbox, and forgets it when nobody reads that any more.
func (w *Worker) tell(e event) {
	select {
	case w.inbox <- e:
	case <-w.gone:
	}
}
