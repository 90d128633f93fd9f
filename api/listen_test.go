package api_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

const secret = "0123456789abcdef"

// listen serves the API as serve does.
func listen(t *testing.T, cfg ops.Config) (*api.Server, string) {
	t.Helper()
	return listenFor(t, seated(), cfg)
}

func listenFor(t *testing.T, d *desk, cfg ops.Config) (*api.Server, string) {
	t.Helper()
	calls := api.New(api.Config{Host: func() api.Host { return d }})
	cfg.Mounts = []ops.Mount{{Prefix: api.Prefix, Handler: calls, Refuse: calls.Refuse}}
	s, err := ops.Start(cfg, slog.New(slog.DiscardHandler), func() ops.Readiness { return ops.Readiness{Ready: true} })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return calls, s.Address()
}

// TestATokenIsAskedFor: a missing one, a wrong one and half of the right one are refused and
// counted, and no answer shows it.
func TestATokenIsAskedFor(t *testing.T) {
	calls, address := listen(t, ops.Config{Address: "127.0.0.1:0", Token: secret})
	for token, ok := range map[string]bool{secret: true, "": false, secret + "x": false, secret[:8]: false, strings.ToUpper(secret): false} {
		why := string(api.ReasonTokenWrong)
		if token == "" {
			why = string(api.ReasonToken)
		}
		c, err := client.New(address, token)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Rooms.ListRooms(t.Context(), &sensoryv1.ListRoomsRequest{})
		followed := errors.New("enough")
		if got := c.Follow(t.Context(), &sensoryv1.WatchEventsRequest{}, client.Follower{Reached: func() bool { followed = nil; return false }}); !ok {
			followed = got
		}
		c.Close()
		var told *client.Error
		if ok != (followed == nil) || !ok && (!errors.As(followed, &told) || told.Reason != why) {
			t.Errorf("%q watches: %v", token, followed)
		}
		switch {
		case ok && err != nil:
			t.Errorf("the right one: %v", err)
		case !ok && (!errors.As(err, &told) || told.Code != connect.CodeUnauthenticated || told.Reason != why || strings.Contains(err.Error(), secret[:8])):
			t.Errorf("%q: %+v", token, err)
		}
	}
	if got := calls.Stats(); got.Failed[api.ReasonToken] != 2 || got.Failed[api.ReasonTokenWrong] != 6 || got.Calls["RoomService/ListRooms"] != 1 {
		t.Errorf("%+v", got)
	}
}

// TestManyConnections: more clients than the listener has places for are all answered, or told that
// there are too many calls; probes are answered meanwhile, and everybody afterwards. A listener
// waits 2 s for a request: a client that this machine leaves no time for its own comes again.
func TestManyConnections(t *testing.T) {
	calls, address := listen(t, ops.Config{Address: "127.0.0.1:0"})
	var work sync.WaitGroup
	var answered, refused atomic.Int64
	for range 1000 {
		work.Go(func() {
			c, err := client.New(address, "")
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for range 100 {
				_, err = c.Rooms.ListRooms(t.Context(), &sensoryv1.ListRoomsRequest{})
				var told *client.Error
				switch {
				case err == nil:
					answered.Add(1)
					return
				case errors.As(err, &told) && told.Code == connect.CodeResourceExhausted:
					refused.Add(1)
					return
				}
			}
			t.Errorf("neither answered nor refused: %v", err)
		})
	}
	_, err := ops.Fetch(t.Context(), address, "", ops.HealthPath)
	for tries := 0; tries < 100 && errors.Is(err, ops.ErrNoAnswer); tries++ {
		_, err = ops.Fetch(t.Context(), address, "", ops.HealthPath)
	}
	if err != nil {
		t.Errorf("a probe meanwhile: %v", err)
	}
	work.Wait()
	if answered.Load() == 0 || answered.Load()+refused.Load() != 1000 {
		t.Errorf("%d answered, %d refused", answered.Load(), refused.Load())
	}
	got := calls.Stats()
	if got.Calls["RoomService/ListRooms"] != uint64(answered.Load()) || got.Failed[api.ReasonBusy]+got.Failed[api.ReasonRate] != uint64(refused.Load()) || got.Running != 0 {
		t.Errorf("%d answered, %d refused: %+v", answered.Load(), refused.Load(), got)
	}
}

// TestAWatcherThatNeverReads is cut off, and holds up neither who writes events nor who reads them.
func TestAWatcherThatNeverReads(t *testing.T) {
	d := seated()
	calls, address := listenFor(t, d, ops.Config{Address: "127.0.0.1:0"})
	calls.Impatient(200 * time.Millisecond)
	stuck, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer stuck.Close()
	if _, err := fmt.Fprintf(stuck, "POST %sEventService/WatchEvents HTTP/1.1\r\nHost: %s\r\nContent-Type: application/connect+json\r\nContent-Length: 7\r\n\r\n\x00\x00\x00\x00\x02{}",
		api.Prefix, address); err != nil {
		t.Fatal(err)
	}
	for calls.Stats().Streams == 0 {
		time.Sleep(time.Millisecond)
	}
	c, err := client.New(address, "")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	reader, _ := watches(t, c, &sensoryv1.WatchEventsRequest{})
	for calls.Stats().Unread == 0 { // more than the buffers of a connection hold
		d.log.Add(&agent.Event{Kind: agent.KindSaid, What: room.Said{Text: strings.Repeat("word ", 20_000)}})
		reader.takes(t, 1)
	}
	for calls.Stats().Streams != 1 { // it ends soon after it was counted
		time.Sleep(time.Millisecond)
	}
	d.log.Add(&agent.Event{Kind: agent.KindSaid})
	reader.takes(t, 1)
}
