package agent_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/internal/leaktest"
	local "github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
)

// shared is what all tests of the package use.
var shared fixture.Shared

func TestMain(m *testing.M) { os.Exit(leaktest.Main(m, shared.Close)) }

// steps are what a stay tells, in order.
type steps struct {
	said []string
	in   chan *room.Room
}

func (s *steps) watch() agent.Watch {
	return agent.Watch{
		At: func(stage string) { s.said = append(s.said, stage) },
		In: func(r *room.Room) {
			if r == nil {
				s.said = append(s.said, "out")
				return
			}
			s.said = append(s.said, "in")
			s.in <- r
		},
	}
}

// TestWhoDoesNotGetInSaysSo: the error is that of the connection, and nothing is told of a room.
func TestWhoDoesNotGetInSaysSo(t *testing.T) {
	var s steps
	err := agent.Stay(t.Context(), nil, room.Config{URL: "ws://127.0.0.1:9", APIKey: "key", APISecret: strings.Repeat("s", 32), Room: "nowhere"}, room.Persona{}, s.watch())
	var out *agent.NotJoinedError
	var join *lk.JoinError
	if !errors.As(err, &out) || !errors.As(err, &join) || join.Room != "nowhere" || err.Error() != out.Err.Error() {
		t.Errorf("got %v", err)
	}
	if !slices.Equal(s.said, []string{agent.Joining}) {
		t.Errorf("told %q", s.said)
	}
}

// TestARoomThatIsClosedIsOpenedAgain: the server closes it, the persona joins anew, and leaves when
// it is told to.
func TestARoomThatIsClosedIsOpenedAgain(t *testing.T) {
	_, models := shared.Open(t)
	server, err := local.Start(t.Context(), local.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	client := lksdk.NewRoomServiceClient("http"+strings.TrimPrefix(server.URL, "ws"), server.APIKey, server.APISecret)
	if _, err := client.CreateRoom(t.Context(), &livekit.CreateRoomRequest{Name: "lobby", DepartureTimeout: 1}); err != nil {
		t.Fatal(err)
	}
	s := steps{in: make(chan *room.Room, 2)}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- agent.Stay(ctx, models, room.Config{
			URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "lobby",
		}, room.Persona{Identity: "iris"}, s.watch())
	}()
	enter := func() *room.Room {
		select {
		case r := <-s.in:
			return r
		case err := <-done:
			t.Fatalf("the stay ended: %v", err)
		case <-time.After(time.Minute):
			t.Fatal("not in the room within a minute")
		}
		return nil
	}
	first := enter()
	human, err := patient.Join(t.Context(), participant.Join, participant.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "lobby", Identity: "ada",
	})
	if err == nil {
		err = human.Close() // the last human leaves
	}
	if err != nil {
		t.Fatal(err)
	}
	second := enter()
	if first == second || first.Name() != "lobby" || second.Name() != "lobby" {
		t.Errorf("%q, then %q", first.Name(), second.Name())
	}
	if err := first.Err(); !errors.Is(err, room.ErrRoomClosed) {
		t.Errorf("the first room ended with %v", err)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("the stay ended with %v", err)
	}
	if want := []string{"joining", "in", "left", "out", "joining", "in", "left", "out"}; !slices.Equal(s.said, want) {
		t.Errorf("told %q, want %q", s.said, want)
	}
}
