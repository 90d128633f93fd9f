package room_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/internal/leaktest"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
	"github.com/sensory-agent/sensory-agent/testmedia/speech"
)

// answerLimit bounds the wait for one answer: generous, since the tests share their processors.
const answerLimit = 3 * time.Minute

// shared is what all tests of the package use: loading the models takes seconds.
var shared struct {
	fixture.Shared
	once   sync.Once
	server *livekit.Server
	err    error
	rooms  atomic.Int64
}

// busy is a machine whose scripted server takes several calls at once, as several personas make
// them.
var busy = fixture.Shared{Places: 4}

func TestMain(m *testing.M) {
	os.Exit(leaktest.Main(m, shared.Close, busy.Close, func() error {
		if shared.server == nil {
			return nil
		}
		return shared.server.Stop()
	}))
}

func open(t testing.TB) (*engine.Models, *livekit.Server) {
	t.Helper()
	_, models := shared.Open(t)
	shared.once.Do(func() { shared.server, shared.err = livekit.Start(context.Background(), livekit.Config{}) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return models, shared.server
}

// stage is a room with a persona and a human.
type stage struct {
	*watch
	session *room.Room
	human   *participant.Participant
	room    string
}

func setStage(t testing.TB, human participant.Config) *stage {
	t.Helper()
	models, _ := open(t)
	return setStageWith(t, models, human)
}

// joins is how a persona enters a room, for [patient.Join].
func joins(models *engine.Models, who room.Persona) func(context.Context, room.Config) (*room.Room, error) {
	return func(ctx context.Context, cfg room.Config) (*room.Room, error) {
		return room.Join(ctx, models, cfg, who)
	}
}

// setStageWith has a persona of other models.
func setStageWith(t testing.TB, models *engine.Models, human participant.Config, change ...func(*room.Config, *room.Persona)) *stage {
	t.Helper()
	_, server := open(t)
	s := &stage{watch: newWatch(), room: fmt.Sprintf("room-%d", shared.rooms.Add(1))}
	var err error
	cfg := room.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: s.room, Observe: s.observe,
	}
	who := room.Persona{Identity: "iris", History: persona.HistoryOff} // but where a test is about it
	for _, c := range change {
		c(&cfg, &who)
	}
	s.session, err = patient.Join(t.Context(), joins(models, who), cfg)
	if err != nil {
		t.Fatal(err)
	}
	human.URL, human.APIKey, human.APISecret, human.Room = server.URL, server.APIKey, server.APISecret, cfg.Room
	if human.Identity == "" {
		human.Identity = "ada"
	}
	if s.human, err = patient.Join(t.Context(), participant.Join, human); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.human.Close(); err != nil {
			t.Errorf("human: %v", err)
		}
		if err := s.session.Close(); err != nil {
			t.Errorf("persona: %v", err)
		}
		if held := models.Machine().Compute().Leases; len(held) != 0 {
			t.Errorf("leases held after the session: %+v", held)
		}
	})
	return s
}

func (s *stage) show(t testing.TB, seed uint64, kind scene.Kind, cfg participant.CameraConfig) *scene.Scene {
	t.Helper()
	picture, err := scene.Draw(seed, scene.Options{Kind: kind})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.human.OpenCamera(t.Context(), cfg, picture.Image); err != nil {
		t.Fatal(err)
	}
	return picture
}

func (s *stage) say(t testing.TB, text string) {
	t.Helper()
	if _, _, err := s.human.Say(t.Context(), say(t, text)); err != nil {
		t.Fatal(err)
	}
}

func say(t testing.TB, text string) []float32 {
	t.Helper()
	pcm, err := speech.Say(t.Context(), speech.Default, text)
	if err != nil {
		t.Fatal(err)
	}
	return pcm
}

// watch collects a session's events.
type watch struct {
	from   atomic.Pointer[room.Origin] // of the last event of a persona
	mu     sync.Mutex
	events []room.Event
	news   chan struct{}
	turns  chan reply.Trace
}

func newWatch() *watch {
	return &watch{turns: make(chan reply.Trace, 1024), news: make(chan struct{}, 1)}
}

func (w *watch) observe(from room.Origin, e room.Event) {
	if from.Persona != "" {
		w.from.Store(&from)
	}
	w.mu.Lock()
	w.events = append(w.events, e)
	w.mu.Unlock()
	if done, ok := e.(room.TurnDone); ok {
		w.turns <- done.Trace
	}
	select {
	case w.news <- struct{}{}:
	default:
	}
}

func (w *watch) turn(t testing.TB) reply.Trace {
	t.Helper()
	select {
	case trace := <-w.turns:
		return trace
	case <-time.After(answerLimit):
		t.Fatalf("no turn within %v; events: %+v", answerLimit, w.all())
		return reply.Trace{}
	}
}

func (w *watch) all() []room.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]room.Event(nil), w.events...)
}

// wait returns the first event that satisfies is, past ones included.
func (w *watch) wait(t testing.TB, what string, is func(room.Event) bool) room.Event {
	t.Helper()
	limit := time.After(answerLimit)
	for {
		for _, e := range w.all() {
			if is(e) {
				return e
			}
		}
		select {
		case <-w.news:
		case <-limit:
			t.Fatalf("%s: not within %v; events: %+v", what, answerLimit, w.all())
		}
	}
}

// said waits for what the persona wrote: its transcript, and its chat message where the question
// was typed.
func (s *stage) said(t *testing.T) (transcript, chat string) {
	t.Helper()
	limit := time.After(answerLimit)
	for transcript == "" || chat == "" {
		select {
		case e := <-s.human.Events():
			switch e := e.(type) {
			case participant.Transcript:
				if e.Final && e.From == "iris" {
					transcript = e.Text
				}
			case participant.Chat:
				if e.From == "iris" {
					chat = e.Text
				}
			}
		case <-limit:
			t.Fatalf("transcript %q, chat %q", transcript, chat)
		}
	}
	return transcript, chat
}
