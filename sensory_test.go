package sensory_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"
	lkproto "github.com/livekit/protocol/livekit"

	sensory "github.com/sensory-agent/sensory-agent"
	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/model"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
	"github.com/sensory-agent/sensory-agent/tts"
)

// TestOpenSaysWhatIsMissing: a voice that somebody asks for must be here like what the profile
// names, or is a wrong call; one that needs no model needs nothing installed.
func TestOpenSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	empty := sensory.Config{Models: t.TempDir()}
	open := func(p sensory.Persona) error {
		m, err := sensory.Open(t.Context(), empty, p)
		if err == nil {
			t.Fatalf("%+v was opened from an empty folder", p)
		}
		if m != nil {
			t.Error("there is a machine and an error")
		}
		return err
	}
	for voice, lacks := range map[string]string{
		"": "piper-en_US-joe-medium", "kokoro:af_sky": "kokoro-82m", "piper:en_GB-alan-medium": "piper-en_GB-alan-medium",
	} {
		if err := open(sensory.Persona{Voice: voice}); !errors.Is(err, model.ErrNotInstalled) || !strings.Contains(err.Error(), lacks) {
			t.Errorf("%q: %v", voice, err)
		}
	}
	var refusal *model.RefusalError
	if err := open(sensory.Persona{Voice: "espeak"}); !errors.As(err, &refusal) || strings.Contains(refusal.Command, "piper") {
		t.Errorf("espeak: %v", err)
	}
	if err := open(sensory.Persona{Voice: "piper:nobody"}); !errors.Is(err, model.ErrNoModelMatches) || !strings.Contains(err.Error(), "piper-nobody is not registered") {
		t.Errorf("an unknown model: %v", err)
	}
	if err := open(sensory.Persona{Voice: "flite:slt"}); !errors.Is(err, sensory.ErrConfig) || !errors.Is(err, tts.ErrUnknownVoice) {
		t.Errorf("no voice at all: %v", err)
	}
	var unknown *model.UnknownProfileError
	if err := open(sensory.Persona{Profile: "wise"}); !errors.Is(err, sensory.ErrConfig) || !errors.As(err, &unknown) {
		t.Errorf("an unknown profile: %v", err)
	}
	if _, err := sensory.Open(t.Context(), empty); !errors.Is(err, sensory.ErrConfig) {
		t.Errorf("nobody: %v", err)
	}
}

// TestServeAnswers: a persona of a program that is not the command sits in a room of a real server.
// The program is told all of it.
func TestServeAnswers(t *testing.T) {
	t.Parallel()
	x := opened(t)
	ctx, end := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- x.machine.Serve(ctx, x.at, sensory.Set{Personas: []sensory.Persona{eyes}, Rooms: []sensory.Room{{Name: "lobby", Personas: []string{"eyes"}}}})
	}()
	x.await(t, served, func(e sensory.Event) bool { return e.Event == "ready" && e.Who == "eyes" && e.Detail != "" })
	x.answers(t, served)
	end()
	if err := <-served; err != nil {
		t.Error(err)
	}
	err := x.machine.Serve(t.Context(), x.at, sensory.Set{Rooms: []sensory.Room{{Name: "lobby", Personas: []string{"nobody"}}}})
	if !errors.Is(err, sensory.ErrConfig) || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("a set that cannot be served: %v", err)
	}
}

// TestJoinAnswers: a persona joins with a token that somebody else made, and leaves when it is
// told; one whose token is not taken is not in the room. It ends before those that are parallel
// begin: a process has one machine.
func TestJoinAnswers(t *testing.T) {
	x := opened(t)
	token, err := auth.NewAccessToken(x.at.APIKey, x.at.APISecret).SetIdentity("eyes").SetKind(lkproto.ParticipantInfo_AGENT).
		SetVideoGrant(&auth.VideoGrant{RoomJoin: true, Room: "lobby"}).ToJWT()
	if err != nil {
		t.Fatal(err)
	}
	at := sensory.Server{URL: x.at.URL, Token: token, Observe: x.at.Observe}
	ctx, end := context.WithCancel(t.Context())
	joined := make(chan error, 1)
	go func() { joined <- x.machine.Join(ctx, at, "lobby", eyes) }()
	x.answers(t, joined)
	end()
	if err := <-joined; err != nil {
		t.Errorf("told to leave: %v", err)
	}
	at.Token = token[:len(token)-4] + "AAAA" // signed by nobody
	var outside *agent.NotJoinedError
	if err := x.machine.Join(t.Context(), at, "lobby", eyes); !errors.As(err, &outside) || !errors.Is(err, lk.ErrUnauthorized) {
		t.Errorf("with a token that nobody signed: %v", err)
	}
	if err := x.machine.Join(t.Context(), at, "lobby", sensory.Persona{Profile: "wise"}); !errors.Is(err, sensory.ErrConfig) {
		t.Errorf("an unknown profile: %v", err)
	}
}

// eyes is a persona for whom nothing is shown.
var eyes = sensory.Persona{Name: "eyes", Profile: "embedded"}

// program is one that uses the package, beside a server.
type program struct {
	machine *sensory.Machine
	at      sensory.Server
	events  chan sensory.Event // what it is told; what nobody takes is dropped
}

func opened(t *testing.T) *program {
	t.Helper()
	server, err := livekit.Start(t.Context(), livekit.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, server.Stop) })
	x := &program{events: make(chan sensory.Event, 256)}
	if x.machine, err = sensory.Open(t.Context(), sensory.Config{}, eyes); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, x.machine.Close) })
	x.at = sensory.Server{URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Observe: func(e sensory.Event) {
		select {
		case x.events <- e:
		default:
		}
	}}
	return x
}

// answers has a human ask the persona in writing, which says that it sees nothing. What keeps it in
// its room says on ended why it does not any more.
func (x *program) answers(t *testing.T, ended <-chan error) {
	t.Helper()
	human, err := patient.Join(t.Context(), participant.Join, participant.Config{
		URL: x.at.URL, APIKey: x.at.APIKey, APISecret: x.at.APISecret, Room: "lobby", Identity: "ada",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, human.Close)
	go func() {
		for e := range human.Events() { // what she hears is checked by the events of the persona
			if _, left := e.(participant.Left); left {
				return
			}
		}
	}()
	x.await(t, ended, func(e sensory.Event) bool { return e.Event == "state" && e.Room == "lobby" && e.State == "listening" })
	if err := human.WaitAgent(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := human.Chat("What do you see?"); err != nil {
		t.Fatal(err)
	}
	x.await(t, ended, func(e sensory.Event) bool {
		return e.Event == "said" && e.Who == "eyes" && strings.Contains(e.Text, "can not see an image")
	})
}

// await waits for an event, as long as nothing has ended. A machine of two cores under load loads
// models in a minute or so.
func (x *program) await(t *testing.T, ended <-chan error, is func(sensory.Event) bool) {
	t.Helper()
	limit := time.After(3 * time.Minute)
	var seen []string
	for {
		select {
		case e := <-x.events:
			if is(e) {
				return
			}
			seen = append(seen, strings.Join([]string{e.Event, e.Who, e.State, e.Text, e.Error}, " "))
		case err := <-ended:
			t.Fatalf("it ended: %v; what happened:\n%s", err, strings.Join(seen, "\n"))
		case <-limit:
			t.Fatalf("it did not happen; what did:\n%s", strings.Join(seen, "\n"))
		}
	}
}

func stop(t *testing.T, f func() error) {
	t.Helper()
	if err := f(); err != nil {
		t.Error(err)
	}
}
