package lk_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/internal/leaktest"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Main(m)) }

func config(s *livekit.Server, identity string, agent bool) lk.Config {
	return lk.Config{
		URL: s.URL, APIKey: s.APIKey, APISecret: s.APISecret, Room: "r", Identity: identity, Name: identity, Agent: agent,
		Topics: []string{lk.TopicTranscription, lk.TopicChat},
	}
}

// next returns the first event of type E, and fails the test when none comes in time.
func next[E lk.Event](t *testing.T, r *lk.Connection) E {
	t.Helper()
	limit := time.After(40 * time.Second)
	for {
		select {
		case e := <-r.Events():
			if got, ok := e.(E); ok {
				return got
			}
		case <-limit:
			var want E
			t.Fatalf("no %T within 40 s", want)
		}
	}
}

func startServer(t *testing.T) *livekit.Server {
	t.Helper()
	s, err := livekit.Start(t.Context(), livekit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func join(t *testing.T, cfg lk.Config) *lk.Connection {
	t.Helper()
	r, err := patient.Join(t.Context(), lk.Join, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func TestTranscriptIsSentInTheNameOfTheUser(t *testing.T) {
	s := startServer(t)
	user := join(t, config(s, "user", false))
	agent := join(t, config(s, "agent", true))
	if p := next[lk.ParticipantJoined](t, user).Participant; p.Identity != "agent" || !p.Agent {
		t.Fatalf("the user sees %+v, want the agent as kind AGENT", p)
	}
	attrs := map[string]string{lk.AttrSegmentID: "seg", lk.AttrFinal: "true"}
	if err := agent.SendText(lk.TopicTranscription, "user", "what do you see?", attrs); err != nil {
		t.Fatal(err)
	}
	got := next[lk.TextReceived](t, user)
	if got.From != "user" || got.Text != "what do you see?" || got.Attributes[lk.AttrSegmentID] != "seg" {
		t.Errorf("got %+v", got)
	}
}

func TestStateAttributeReachesOthers(t *testing.T) {
	s := startServer(t)
	user := join(t, config(s, "user", false))
	agent := join(t, config(s, "agent", true))
	agent.SetAttributes(map[string]string{lk.AttrState: lk.StateListening})
	for {
		got := next[lk.AttributesChanged](t, user)
		if got.Participant.Identity == "agent" && got.Changed[lk.AttrState] == lk.StateListening {
			return
		}
	}
}

func TestJoinNamesWhatIsWrong(t *testing.T) {
	s := startServer(t)
	wrongKey := config(s, "x", false)
	wrongKey.APISecret = "0123456789012345678901234567890123456789"
	nobody := config(s, "x", false)
	nobody.URL = "ws://127.0.0.1:9"
	short := config(s, "x", false)
	short.APISecret = "short"
	for _, c := range []struct {
		name string
		cfg  lk.Config
		want error
	}{
		{"wrong secret", wrongKey, lk.ErrUnauthorized},
		{"nobody there", nobody, lk.ErrUnreachable},
		{"short secret", short, lk.ErrConfig},
		{"no url", lk.Config{}, lk.ErrConfig},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := lk.Join(t.Context(), c.cfg)
			var join *lk.JoinError
			if !errors.Is(err, c.want) || !errors.As(err, &join) {
				t.Fatalf("got %v, want a JoinError of %v", err, c.want)
			}
			if strings.Contains(err.Error(), "eyJ") {
				t.Errorf("the token is printed: %v", err)
			}
		})
	}
}

func TestServerDeathEndsTheRoom(t *testing.T) {
	s, err := livekit.Start(t.Context(), livekit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	r := join(t, config(s, "user", false))
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if next[lk.ConnectionChanged](t, r).Up {
		t.Error("the connection is reported up")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, ok := (<-r.Events()).(lk.Disconnected); !ok {
		t.Error("the last event is not Disconnected")
	}
}

func TestJoinHonoursTheContext(t *testing.T) {
	s := startServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lk.Join(ctx, config(s, "x", false)); err == nil {
		t.Fatal("joined with a cancelled context")
	}
}
