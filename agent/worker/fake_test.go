package worker_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/protobuf/proto"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"

	"github.com/sensory-agent/sensory-agent/agent/worker"
	"github.com/sensory-agent/sensory-agent/internal/leaktest"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }

const (
	key    = "devkey"
	secret = "0123456789abcdef0123456789abcdef"
)

// fake is a server that the test plays, over pipes, so that its time is that of a bubble.
type fake struct {
	t      *testing.T
	pipes  chan net.Conn
	conns  chan *peer
	refuse atomic.Int32 // status code, 0 for none
	away   atomic.Bool  // nobody answers
	ended  chan struct{}
}

// peer is one connection of a worker.
type peer struct {
	t    *testing.T
	ws   *websocket.Conn
	done chan struct{}
}

var errAway = errors.New("nobody there")

func newFake(t *testing.T) *fake {
	f := &fake{t: t, pipes: make(chan net.Conn), conns: make(chan *peer), ended: make(chan struct{})}
	server := &http.Server{Handler: http.HandlerFunc(f.serve), ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener{f})
	}()
	t.Cleanup(func() {
		close(f.ended)
		_ = server.Close()
		<-served
	})
	return f
}

func (f *fake) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if f.away.Load() {
		return nil, errAway
	}
	ours, theirs := net.Pipe()
	select {
	case f.pipes <- theirs:
		return ours, nil
	case <-f.ended:
		return nil, errAway
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type listener struct{ f *fake }

func (l listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.f.pipes:
		return c, nil
	case <-l.f.ended:
		return nil, net.ErrClosed
	}
}
func (l listener) Close() error   { return nil }
func (l listener) Addr() net.Addr { return &net.TCPAddr{} }

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	if code := f.refuse.Load(); code != 0 {
		w.WriteHeader(int(code))
		return
	}
	if r.URL.Path != "/base/agent" || r.URL.Query().Get("protocol") != "1" {
		f.t.Errorf("asked for %s", r.URL)
	}
	checkToken(f.t, r.Header.Get("Authorization"))
	ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		f.t.Errorf("upgrade: %v", err)
		return
	}
	p := &peer{t: f.t, ws: ws, done: make(chan struct{})}
	select {
	case f.conns <- p:
		<-p.done
	case <-f.ended:
	}
	_ = ws.Close()
}

func checkToken(t *testing.T, header string) {
	t.Helper()
	v, err := auth.ParseAPIToken(header[len("Bearer "):])
	if err != nil {
		t.Errorf("token: %v", err)
		return
	}
	_, grants, err := v.Verify(secret)
	if err != nil || v.APIKey() != key || !grants.Video.Agent || grants.Video.RoomJoin || grants.Video.RoomAdmin {
		t.Errorf("token: %v %+v", err, grants)
	}
}

// accept takes the next connection and confirms its registration.
func (f *fake) accept() *peer {
	p := <-f.conns
	if p.get().GetRegister() == nil {
		p.t.Error("the first message is no registration")
	}
	p.put(&livekit.ServerMessage{Message: &livekit.ServerMessage_Register{
		Register: &livekit.RegisterWorkerResponse{WorkerId: "AW_1", ServerInfo: &livekit.ServerInfo{Version: "1.13.5"}},
	}})
	return p
}

// get reads a message; statuses and pings only where nothing else is asked for.
func (p *peer) get() *livekit.WorkerMessage {
	kind, frame, err := p.ws.ReadMessage()
	if err != nil {
		return nil
	}
	msg := &livekit.WorkerMessage{}
	if err := proto.Unmarshal(frame, msg); err != nil || kind != websocket.BinaryMessage {
		p.t.Errorf("frame of kind %d: %v", kind, err)
	}
	return msg
}

// until reads until ok takes a message, and nil when the connection ends.
func until[T any](p *peer, ok func(*livekit.WorkerMessage) *T) *T {
	for {
		msg := p.get()
		if msg == nil {
			return nil
		}
		if v := ok(msg); v != nil {
			return v
		}
	}
}

func (p *peer) put(msg *livekit.ServerMessage) {
	frame, err := proto.Marshal(msg)
	if err != nil {
		p.t.Error(err)
	}
	p.raw(websocket.BinaryMessage, frame)
}

func (p *peer) raw(kind int, frame []byte) {
	if err := p.ws.WriteMessage(kind, frame); err != nil {
		p.t.Errorf("write: %v", err)
	}
}

func (p *peer) hangUp() { _ = p.ws.Close(); close(p.done) }

func (p *peer) offer(id, agent string) *livekit.AvailabilityResponse {
	p.put(&livekit.ServerMessage{Message: &livekit.ServerMessage_Availability{Availability: &livekit.AvailabilityRequest{Job: fakeJob(id, agent)}}})
	return until(p, (*livekit.WorkerMessage).GetAvailability)
}

func (p *peer) assign(id, agent string) {
	p.put(&livekit.ServerMessage{Message: &livekit.ServerMessage_Assignment{Assignment: &livekit.JobAssignment{Job: fakeJob(id, agent), Token: "token"}}})
}

func (p *peer) job() *livekit.UpdateJobStatus { return until(p, (*livekit.WorkerMessage).GetUpdateJob) }

func fakeJob(id, agent string) *livekit.Job {
	return &livekit.Job{Id: id, AgentName: agent, Room: &livekit.Room{Name: "lobby"}, DispatchId: "AD_" + id}
}

// start runs a worker against the fake, and ends it with the test.
func start(t *testing.T, f *fake, cfg worker.Config) (w *worker.Worker, stop func() error) {
	t.Helper()
	cfg.URL, cfg.APIKey, cfg.APISecret = "http://127.0.0.1:7880/base/", key, secret
	if cfg.Agents == nil {
		cfg.Agents = []worker.Agent{{Name: "iris"}}
	}
	if cfg.MaxJobs == 0 {
		cfg.MaxJobs = 2
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	w, err := worker.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.DialWith(f.dial)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	return w, func() error {
		cancel()
		return <-ended
	}
}
