package lk_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	server "github.com/sensory-agent/sensory-agent/testmedia/livekit"
)

// middle stands between a client and a server. It hands on what both say, adds to it, and swallows
// it.
type middle struct {
	url  string
	mu   sync.Mutex // guards what follows, and writing to the client
	ws   *websocket.Conn
	mute *bool // of the connection of now: nothing goes through it any more
	// offers are the session descriptions that the client has offered.
	offers []string
	// fate decides over each message, one at a time; nil lets everything through.
	fate func(passing) fate
}

// passing is a message that goes through: to the server or from it, and what it is called there.
type passing struct {
	toServer bool
	kind     string
}

// fate is what becomes of a message: whether it is lost, and whether the connection ends with it.
type fate struct{ lost, last bool }

// nameOf is what a message is called in the protocol.
func nameOf(toServer bool, frame []byte) passing {
	var m proto.Message = &livekit.SignalResponse{}
	if toServer {
		m = &livekit.SignalRequest{}
	}
	out := passing{toServer: toServer}
	if proto.Unmarshal(frame, m) != nil {
		return out
	}
	r := m.ProtoReflect()
	if field := r.WhichOneof(r.Descriptor().Oneofs().Get(0)); field != nil {
		out.kind = string(field.Name())
	}
	return out
}

// amid puts a middle before a server.
func amid(t *testing.T, s *server.Server) *middle {
	t.Helper()
	to, err := url.Parse("http" + strings.TrimPrefix(s.URL, "ws"))
	if err != nil {
		t.Fatal(err)
	}
	m := &middle{}
	pages := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/rtc" {
			pages.ServeHTTP(w, r)
			return
		}
		m.between(t, w, r, s.URL)
	}))
	m.url = "ws" + strings.TrimPrefix(proxy.URL, "http")
	t.Cleanup(func() {
		proxy.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	return m
}

// meet has an agent, behind a middle, and Ada join a room of a server of their own.
func meet(t *testing.T, becomes func(passing) fate) (m *middle, agent, ada *lk.Connection) {
	t.Helper()
	s := startServer(t)
	m = amid(t, s)
	m.fate = becomes
	cfg := config(s, "agent", true)
	cfg.URL = m.url
	return m, join(t, cfg), join(t, config(s, "ada", false))
}

// between serves one connection to its end.
func (m *middle) between(t *testing.T, w http.ResponseWriter, r *http.Request, address string) {
	up, answer, err := websocket.DefaultDialer.DialContext(r.Context(), address+r.URL.RequestURI(), http.Header{"Authorization": r.Header["Authorization"]})
	if err != nil {
		t.Error(err)
		return
	}
	_ = answer.Body.Close()
	defer func() { _ = up.Close() }()
	down, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = down.Close() }()
	mute := new(bool)
	m.mu.Lock()
	m.ws, m.mute = down, mute
	m.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { m.pass(mute, false, up, down); _ = down.Close() })
	m.pass(mute, true, down, up)
	_ = up.Close()
	both.Wait()
}

// pass hands messages on until one of the ends has gone.
func (m *middle) pass(mute *bool, toServer bool, from, to *websocket.Conn) {
	for {
		kind, frame, err := from.ReadMessage()
		if err != nil {
			return
		}
		last, err := m.handOn(mute, toServer, kind, frame, to)
		if last || err != nil {
			return
		}
	}
}

// handOn hands a message on, or does not, and tells whether the connection ends with it.
func (m *middle) handOn(mute *bool, toServer bool, kind int, frame []byte, to *websocket.Conn) (last bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	what, becomes := nameOf(toServer, frame), fate{}
	if m.fate != nil {
		becomes = m.fate(what)
	}
	if toServer && what.kind == "offer" {
		var said livekit.SignalRequest
		if err := proto.Unmarshal(frame, &said); err != nil {
			return false, err
		}
		m.offers = append(m.offers, said.GetOffer().GetSdp())
	}
	if !*mute && !becomes.lost {
		err = to.WriteMessage(kind, frame)
	}
	*mute = *mute || becomes.last
	return becomes.last, err
}

// send says something to the client in the server's place.
func (m *middle) send(t *testing.T, kind int, frame []byte) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.ws.WriteMessage(kind, frame); err != nil {
		t.Error(err)
	}
}

// raw is send of bytes that are no message.
func (m *middle) raw(t *testing.T, data []byte) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.ws.NetConn().Write(data); err != nil {
		t.Error(err)
	}
}

// swallow lets nothing through the connection of now any more, without a word. New ones are as
// before.
func (m *middle) swallow() {
	m.mu.Lock()
	defer m.mu.Unlock()
	*m.mute = true
}

// client is the connection of now to the client.
func (m *middle) client() *websocket.Conn {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ws
}

// cut ends the connection of now.
func (m *middle) cut() { _ = m.client().NetConn().Close() }

// offered returns what the client has offered.
func (m *middle) offered() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.offers)
}
