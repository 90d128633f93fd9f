package room_test

import (
	"errors"
	"image/color"
	"net/http"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/internal/fixture"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/prompt"
	"github.com/sensory-agent/sensory-agent/cognition/remote"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/media"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// TestPersonaOnARemoteModel holds the whole lane in real rooms: what the server is shown and asked,
// what is said, which lease is held.
func TestPersonaOnARemoteModel(t *testing.T) {
	server := fixture.NewScripted(t)
	models, err := shared.OpenModels(t, func(c *engine.Config) { c.Remote = fixture.Behind(server.URL) })
	if err != nil {
		t.Fatal(err)
	}
	if server.Probes.Load() != 2 {
		t.Errorf("%d probes, want 2", server.Probes.Load())
	}
	t.Run("sees and answers aloud", func(t *testing.T) { remoteSees(t, models, server) })
	t.Run("without a camera", func(t *testing.T) { remoteWithoutCamera(t, models, server) })
	t.Run("refusals are reported", func(t *testing.T) { remoteRefuses(t, models, server) })
	t.Run("superseded", func(t *testing.T) { remoteSuperseded(t, models, server) })
	t.Run("full", func(t *testing.T) { remoteFull(t, models, server) })
}

func remoteSees(t *testing.T, models *engine.Models, server *fixture.Scripted) {
	const question = "What colour is the card?"
	pieces := []string{"I see it ", "well. ", "The card is gre", "en."}
	var held []compute.LeaseInfo
	server.Answer = func(w http.ResponseWriter, _ *http.Request, _ fixture.Asked) {
		held = models.Machine().Compute().Leases
		fixture.Stream(w, pieces...)
	}
	s := setStageWith(t, models, participant.Config{})
	if _, err := s.human.OpenCamera(t.Context(), participant.CameraConfig{FPS: 5}, plain(1280, 720, color.RGBA{30, 160, 50, 255})); err != nil {
		t.Fatal(err)
	}
	s.wait(t, "a picture", func(e room.Event) bool { saw, ok := e.(room.Saw); return ok && saw.Width == 1280 })
	if err := s.human.Chat(question); err != nil {
		t.Fatal(err)
	}
	trace := s.turn(t)
	if trace.Err != nil || !trace.Picture || trace.FirstToken.Before(trace.Features) {
		t.Fatalf("trace %+v", trace)
	}
	q := <-server.Questions
	if q.Text != question || q.Model != "seer" || q.Format != "jpeg" {
		t.Errorf("asked %q of %q with a %q", q.Text, q.Model, q.Format)
	}
	if b := q.Picture.Bounds(); b.Dx() != 512 || b.Dy() != 288 {
		t.Errorf("a picture of %v, want 512×288", b)
	}
	if c := fixture.Colour(q.Picture); c != "green" {
		t.Errorf("the picture is %s", c)
	}
	want := strings.Join(pieces, "")
	transcript, chat := s.said(t)
	if transcript != want || chat != want || trace.Answer != want {
		t.Errorf("transcript %q, chat %q, answer %q, streamed %q", transcript, chat, trace.Answer, want)
	}
	if heard := s.human.Recordings(); len(heard) != 1 || media.DBFS(heard[0].PCM) < -45 {
		t.Errorf("%d recordings, or no speech", len(heard))
	}
	checkRemoteLease(t, held)
}

// checkRemoteLease wants the reply on the provider's budget, made from a picture, and no generation
// on this machine.
func checkRemoteLease(t *testing.T, held []compute.LeaseInfo) {
	t.Helper()
	replies, pictures := 0, 0
	for _, l := range held {
		switch {
		case strings.HasPrefix(l.Artifact, "cognition.reply/"):
			replies++
			if l.Class != compute.CloudProvider || l.Pool != (compute.Pool{Silicon: compute.SiliconCloud, Provider: "scripted"}) {
				t.Errorf("the reply is held as %+v", l)
			}
		case strings.HasPrefix(l.Artifact, "vision.picture/"):
			pictures++
		case strings.HasPrefix(l.Artifact, "vision.features/"):
			t.Errorf("features for a model that is not here: %+v", l)
		}
	}
	if replies != 1 || pictures < 1 {
		t.Errorf("%d replies and %d pictures among %+v", replies, pictures, held)
	}
}

func remoteWithoutCamera(t *testing.T, models *engine.Models, server *fixture.Scripted) {
	server.Answer = func(w http.ResponseWriter, _ *http.Request, _ fixture.Asked) { fixture.Stream(w, "Nothing.") }
	s := setStageWith(t, models, participant.Config{})
	if err := s.human.Chat("What do I show you?"); err != nil {
		t.Fatal(err)
	}
	if trace := s.turn(t); trace.Err != nil || trace.Picture || trace.Answer != "Nothing." {
		t.Errorf("trace %+v", trace)
	}
	if q := <-server.Questions; q.Picture != nil || q.Text != "What do I show you?" {
		t.Errorf("asked %+v", q)
	}
}

func remoteRefuses(t *testing.T, models *engine.Models, server *fixture.Scripted) {
	server.Answer = func(w http.ResponseWriter, _ *http.Request, _ fixture.Asked) {
		w.Header().Set("Retry-After", "3")
		http.Error(w, `{"error":{"message":"slow down"}}`, http.StatusTooManyRequests)
	}
	s := setStageWith(t, models, participant.Config{})
	if err := s.human.Chat("Hello?"); err != nil {
		t.Fatal(err)
	}
	trace := s.turn(t)
	<-server.Questions
	if !errors.Is(trace.Err, remote.ErrRateLimited) || trace.Answer != "" {
		t.Errorf("the turn ended with %v, answer %q", trace.Err, trace.Answer)
	}
	s.wait(t, "a problem", func(e room.Event) bool {
		p, ok := e.(room.Problem)
		var stage *room.StageError
		return ok && errors.As(p.Err, &stage) && stage.Stage == room.StageReply && strings.Contains(p.Err.Error(), "wait 3s")
	})
	if err := s.session.Ask(t.Context(), "ada", strings.Repeat("word ", 40_000)); err != nil {
		t.Fatal(err)
	}
	if trace := s.turn(t); !errors.Is(trace.Err, prompt.ErrTooLong) {
		t.Errorf("200,000 bytes for a window of 4096 tokens: %v", trace.Err)
	}
	select {
	case q := <-server.Questions:
		t.Errorf("%d bytes were sent", len(q.Text))
	default:
	}
}

// A newer question stops the answer under way: its connection closes and its place is free for the
// newer one.
func remoteSuperseded(t *testing.T, models *engine.Models, server *fixture.Scripted) {
	closed := make(chan struct{})
	server.Answer = func(w http.ResponseWriter, r *http.Request, q fixture.Asked) {
		if q.Text == "first" {
			fixture.Begin(w, "This goes on. And ")
			<-r.Context().Done()
			close(closed)
			return
		}
		fixture.Stream(w, "Second.")
	}
	s := setStageWith(t, models, participant.Config{})
	if err := s.human.Chat("first"); err != nil {
		t.Fatal(err)
	}
	<-server.Questions
	if err := s.human.Chat("second"); err != nil {
		t.Fatal(err)
	}
	if first := s.turn(t); !errors.Is(first.Err, room.ErrSuperseded) {
		t.Errorf("the first ended with %v", first.Err)
	}
	<-closed
	if second := s.turn(t); second.Err != nil || second.Answer != "Second." {
		t.Errorf("the second: %q, %v", second.Answer, second.Err)
	}
	<-server.Questions
}

// With one place and no queue a second persona is refused at once, and says why.
func remoteFull(t *testing.T, models *engine.Models, server *fixture.Scripted) {
	end := make(chan struct{})
	server.Answer = func(w http.ResponseWriter, r *http.Request, _ fixture.Asked) {
		select {
		case <-end:
		case <-r.Context().Done():
		}
		fixture.Stream(w, "Done.")
	}
	one, two := setStageWith(t, models, participant.Config{}), setStageWith(t, models, participant.Config{})
	if err := one.human.Chat("one"); err != nil {
		t.Fatal(err)
	}
	<-server.Questions
	if err := two.human.Chat("two"); err != nil {
		t.Fatal(err)
	}
	if trace := two.turn(t); !errors.Is(trace.Err, remote.ErrBusy) || !errors.Is(trace.Err, compute.ErrPressure) {
		t.Errorf("with all places taken: %v", trace.Err)
	}
	close(end)
	if trace := one.turn(t); trace.Err != nil || trace.Answer != "Done." {
		t.Errorf("the first: %q, %v", trace.Answer, trace.Err)
	}
}
