package room_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// presence is who is in the room now.
func presence(t *testing.T, r *room.Room) room.Presence {
	t.Helper()
	p, err := r.Presence(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPresenceShowsWhoIsHere: who sits here and why they are silent, who else is here, what they
// publish and how often their words were shown.
func TestPresenceShowsWhoIsHere(t *testing.T) {
	_, models := scripted(t, func(who, _ string) string { return "I am " + who + "." })
	at := seatThem(t, models, turn.ModeFront, "iris", "max")
	bob := at.enter(t, "bob")
	defer bob.Close()
	until(t, "both are seen", func() bool { return len(presence(t, at.session).Participants) == 2 })
	if err := at.human.Chat("What is it?"); err != nil {
		t.Fatal(err)
	}
	if got := chats(t, at.human, 1); !slices.Equal(got, []string{"iris: I am iris."}) {
		t.Fatalf("%q", got)
	}
	picture, err := scene.Draw(1, scene.Options{Kind: scene.KindQuadrants})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bob.OpenCamera(t.Context(), participant.CameraConfig{}, picture.Image); err != nil {
		t.Fatal(err)
	}
	want := room.Presence{
		Participants: []room.Present{
			{Identity: "ada", Segments: 1, State: turn.Listening},
			{Identity: "bob", Video: []string{"camera"}, State: turn.Listening},
		},
		Seats: []room.Sitting{
			{Identity: "iris", Name: "iris", State: turn.Listening, Ready: true, Audio: true, Segments: 1},
			{Identity: "max", Name: "max", State: turn.Listening, Ready: true, Audio: true, Silent: turn.ReasonNotFront, Turn: 1},
		},
		Floor: turn.FloorState{SoftLeft: 7, HardLeft: 19}, // of 8 and 20: one reply since a human spoke
	}
	var got room.Presence
	defer func() {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}()
	until(t, "presence is as wanted", func() bool {
		got = presence(t, at.session)
		for i := range got.Participants {
			got.Participants[i].Name, got.Participants[i].Audio = "", false // a microphone may be open
		}
		return cmp.Equal(want, got)
	})
}

// TestPresenceOfARoomThatEnded, and of one that nobody waits for.
func TestPresenceOfARoomThatEnded(t *testing.T) {
	s := setStage(t, participant.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.session.Presence(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits: %v", err)
	}
	if err := s.session.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.session.Presence(t.Context()); !errors.Is(err, room.ErrClosed) {
		t.Errorf("it has ended: %v", err)
	}
}
