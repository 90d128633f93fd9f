package api_test

import (
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/internal/ops"
)

const secret = "0123456789abcdef"

// listen serves the API as serve does.
func listen(t *testing.T, cfg ops.Config) (*api.Server, string) {
	t.Helper()
	calls := api.New(api.Config{Host: func() api.Host { return seated() }})
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

// TestATokenIsAskedFor: a missing one, a wrong one and half of the right one are refused and counted,
// and no answer shows it.
func TestATokenIsAskedFor(t *testing.T) {
	calls, address := listen(t, ops.Config{Address: "127.0.0.1:0", Token: secret})
	for token, ok := range map[string]bool{secret: true, "": false, secret + "x": false, secret[:8]: false, strings.ToUpper(secret): false} {
		c, err := client.New(address, token)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Rooms.ListRooms(t.Context(), &sensoryv1.ListRoomsRequest{})
		c.Close()
		var told *client.Error
		switch {
		case ok && err != nil:
			t.Errorf("the right one: %v", err)
		case !ok && (!errors.As(err, &told) || told.Code != connect.CodeUnauthenticated || told.Reason != string(api.ReasonToken) || strings.Contains(err.Error(), secret[:8])):
			t.Errorf("%q: %+v", token, err)
		}
	}
	if got := calls.Stats(); got.Failed[api.ReasonToken] != 4 || got.Calls["RoomService/ListRooms"] != 1 {
		t.Errorf("%+v", got)
	}
}

// TestManyConnections: more clients than the listener has places for are all answered, or told that
// there are too many calls; probes are answered meanwhile, and everybody afterwards.
func TestManyConnections(t *testing.T) {
	calls, address := listen(t, ops.Config{Address: "127.0.0.1:0"})
	var work sync.WaitGroup
	var answered, refused atomic.Int64
	for range 200 {
		work.Go(func() {
			c, err := client.New(address, "")
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			_, err = c.Rooms.ListRooms(t.Context(), &sensoryv1.ListRoomsRequest{})
			var told *client.Error
			switch {
			case err == nil:
				answered.Add(1)
			case errors.As(err, &told) && told.Code == connect.CodeResourceExhausted:
				refused.Add(1)
			default:
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := ops.Fetch(t.Context(), address, "", ops.HealthPath); err != nil {
		t.Errorf("a probe meanwhile: %v", err)
	}
	work.Wait()
	if answered.Load() == 0 || answered.Load()+refused.Load() != 200 {
		t.Errorf("%d answered, %d refused", answered.Load(), refused.Load())
	}
	got := calls.Stats()
	if got.Calls["RoomService/ListRooms"] != uint64(answered.Load()) || got.Failed[api.ReasonBusy]+got.Failed[api.ReasonRate] != uint64(refused.Load()) || got.Running != 0 {
		t.Errorf("%d answered, %d refused: %+v", answered.Load(), refused.Load(), got)
	}
}
