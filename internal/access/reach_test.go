package access_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/internal/access"
)

func TestReach(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	for _, scheme := range []string{"ws", "wss", "http", "https"} {
		if err := access.Reach(t.Context(), scheme+"://"+address+"/path"); err != nil {
			t.Errorf("%s: %v", scheme, err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	err = access.Reach(t.Context(), "ws://"+address)
	if !errors.Is(err, access.ErrUnreachable) || !strings.Contains(err.Error(), address) {
		t.Errorf("nobody listens: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := access.Reach(ended, "ws://"+address); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
	if err := access.Reach(t.Context(), "ws://ho st:hunter2"); !errors.Is(err, access.ErrAccess) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("no address: %v", err)
	}
	if err := access.Reach(t.Context(), "ws://127.0.0.1"); err == nil {
		t.Log("something listens at port 80 here")
	} else if !strings.Contains(err.Error(), ":80") {
		t.Errorf("the usual port: %v", err)
	}
}
