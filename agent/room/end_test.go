package room_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/room"
	local "github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// TestWhatIsBeingSaidWhenTheSessionEndsIsKept: somebody is in the middle of a sentence when the
// session is closed, or when its room is.
func TestWhatIsBeingSaidWhenTheSessionEndsIsKept(t *testing.T) {
	for name, end := range map[string]func(*stage, *local.Server) error{
		"closed": func(s *stage, _ *local.Server) error { return s.session.Close() },
		"the room is gone": func(s *stage, server *local.Server) error {
			rooms := lksdk.NewRoomServiceClient(server.URL, server.APIKey, server.APISecret)
			_, err := rooms.DeleteRoom(context.Background(), &livekit.DeleteRoomRequest{Room: s.room})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			server, err := local.Start(t.Context(), local.Config{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := server.Stop(); err != nil {
					t.Error(err)
				}
			})
			s, path := keptStageOn(t, server, nil)
			done := make(chan error, 1)
			pcm := say(t, midWord)
			go func() {
				_, _, err := s.human.Say(t.Context(), pcm)
				done <- err
			}()
			s.wait(t, "an interim transcript", func(e room.Event) bool {
				h, ok := e.(room.Heard)
				return ok && !h.Final && strings.Contains(strings.ToLower(h.Text), "what color")
			})
			if err := end(s, server); err != nil {
				t.Fatal(err)
			}
			<-s.session.Done()
			if err := s.session.Close(); err != nil {
				t.Error(err)
			}
			if err := s.human.Close(); err != nil {
				t.Logf("human: %v", err)
			}
			<-done
			got := kept(t, path, 1)
			if len(got) != 1 || got[0].Participant != "ada" || got[0].Turn != 0 || !strings.Contains(strings.ToLower(got[0].Text), "what color") {
				t.Errorf("kept %+v", got)
			}
			for _, e := range s.all() {
				if e, ok := e.(room.StateChanged); ok && e.State == "thinking" {
					t.Error("an answer was begun at the end")
				}
			}
		})
	}
}

// TestPanicsEndOnePart: a fault in the model, or in whoever watches, is a typed error of that
// answer, or of that session.
func TestPanicsEndOnePart(t *testing.T) {
	t.Run("in the voice", func(t *testing.T) {
		models := echoEngine(t, "Here.")
		s := setStageWith(t, models, participant.Config{})
		restore := s.session.PanicInVoice("out of words")
		if err := s.session.Ask(t.Context(), "ada", "Where?"); err != nil {
			t.Fatal(err)
		}
		trace := s.turn(t)
		var p *fence.PanicError
		if !errors.As(trace.Err, &p) || p.Value != "out of words" || !strings.Contains(string(p.Stack), "Synthesize") {
			t.Errorf("the answer ended with %v", trace.Err)
		}
		s.wait(t, "a problem", func(e room.Event) bool {
			p, ok := e.(room.Problem)
			return ok && errors.As(p.Err, new(*fence.PanicError))
		})
		restore()
		if err := s.session.Ask(t.Context(), "ada", "And now?"); err != nil {
			t.Fatal(err)
		}
		if trace := s.turn(t); trace.Err != nil || trace.Answer != "Here." {
			t.Errorf("after the panic: %q, %v", trace.Answer, trace.Err)
		}
	})
	t.Run("in the observer", func(t *testing.T) {
		models, server := open(t)
		session, err := room.Join(t.Context(), models, room.Config{
			URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "panic", Observe: func(_ room.Origin, e room.Event) {
				if _, ok := e.(room.Heard); ok {
					panic("cannot look")
				}
			},
		}, room.Persona{})
		if err != nil {
			t.Fatal(err)
		}
		if err := session.Ask(t.Context(), "ada", "Where?"); err != nil {
			t.Fatal(err)
		}
		<-session.Done()
		var p *fence.PanicError
		if err := session.Err(); !errors.As(err, &p) || p.Value != "cannot look" {
			t.Errorf("the session ended with %v", err)
		}
		if session.Ready() {
			t.Error("ready after its end")
		}
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestCloseHasALimit: a session whose observer never returns is left behind with an error that says
// so.
func TestCloseHasALimit(t *testing.T) {
	models, server := open(t)
	stuck, release := make(chan struct{}), make(chan struct{})
	session, err := room.Join(t.Context(), models, room.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: "stuck", Observe: func(_ room.Origin, e room.Event) {
			if _, ok := e.(room.Heard); ok {
				close(stuck)
				<-release
			}
		},
	}, room.Persona{})
	if err != nil {
		t.Fatal(err)
	}
	session.HurryEnd()
	if err := session.Ask(t.Context(), "ada", "Where?"); err != nil {
		t.Fatal(err)
	}
	<-stuck
	if err := session.Seats()[0].Leave(); !errors.Is(err, room.ErrCloseLimit) {
		t.Errorf("Leave: %v", err)
	}
	if err := session.Close(); !errors.Is(err, room.ErrCloseLimit) || !strings.Contains(err.Error(), "stuck") {
		t.Errorf("Close: %v", err)
	}
	close(release)
	session.Abandoned()
}
