package room_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/store"
	"github.com/sensory-agent/sensory-agent/testmedia/livekit"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
	"github.com/sensory-agent/sensory-agent/testmedia/patient"
	"github.com/sensory-agent/sensory-agent/testmedia/scene"
)

// keptStage is a stage whose conversation is kept in a file.
func keptStage(t *testing.T, report func(error)) (*stage, string) {
	t.Helper()
	_, server := open(t)
	return keptStageOn(t, server, report)
}

// keptStageOn is one on another server.
func keptStageOn(t *testing.T, server *livekit.Server, report func(error)) (*stage, string) {
	t.Helper()
	models, _ := open(t)
	return keptStageWith(t, models, server, report)
}

// keptStageWith is one with a persona of other models.
func keptStageWith(t *testing.T, models *engine.Models, server *livekit.Server, report func(error)) (*stage, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "transcripts.db")
	kept, err := room.OpenTranscripts(t.Context(), models.Machine(), room.TranscriptConfig{Path: path, Keep: time.Hour, Report: report})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{watch: newWatch(), room: fmt.Sprintf("kept-%d", shared.rooms.Add(1))}
	if s.session, err = patient.Join(t.Context(), joins(models, room.Persona{Identity: "iris"}), room.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: s.room, Observe: s.observe, Transcripts: kept,
	}); err != nil {
		t.Fatal(err)
	}
	if s.human, err = patient.Join(t.Context(), participant.Join, participant.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: s.room, Identity: "ada",
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.human.Close(), s.session.Close(), kept.Close(), kept.Close()); err != nil {
			t.Error(err)
		}
		if held := models.Machine().Compute().Leases; len(held) != 0 {
			t.Errorf("leases held after the session: %+v", held)
		}
	})
	return s, path
}

// answered returns the next turn that nothing superseded: on a busy machine a question can be heard
// in two parts.
func answered(t *testing.T, s *stage) reply.Trace {
	t.Helper()
	for {
		if trace := s.turn(t); !errors.Is(trace.Err, room.ErrSuperseded) {
			return trace
		}
	}
}

// kept waits until a file has so many utterances, of the turns given or of all.
func kept(t *testing.T, path string, want int, turns ...uint64) []store.Utterance {
	t.Helper()
	db, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	limit := time.After(answerLimit)
	for {
		var out []store.Utterance
		if err := db.List(t.Context(), store.Query{}, func(u store.Utterance) error {
			if len(turns) == 0 || slices.Contains(turns, u.Turn) {
				out = append(out, u)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if len(out) >= want {
			return out
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-limit:
			t.Fatalf("%d utterances were kept, want %d: %+v", len(out), want, out)
		}
	}
}

func TestWhatIsSaidIsKept(t *testing.T) {
	s, path := keptStage(t, func(err error) { t.Errorf("reported %v", err) })
	s.show(t, 4, scene.KindQuadrants, participant.CameraConfig{})
	begin := time.Now().Add(-time.Second)
	s.say(t, describe)
	spoken := answered(t, s)
	if err := s.human.Chat("what color is on the left?"); err != nil {
		t.Fatal(err)
	}
	written := answered(t, s)
	if spoken.Err != nil || written.Err != nil {
		t.Fatal(spoken.Err, written.Err)
	}
	got := kept(t, path, 4, spoken.Turn, written.Turn)
	for i, want := range []store.Utterance{
		{Turn: spoken.Turn, Participant: "ada", Role: store.Human, Text: spoken.Question},
		{Turn: spoken.Turn, Participant: "iris", Role: store.Persona, Text: spoken.Answer},
		{Turn: written.Turn, Participant: "ada", Role: store.Human, Text: "what color is on the left?"},
		{Turn: written.Turn, Participant: "iris", Role: store.Persona, Text: written.Answer},
	} {
		u := got[i]
		if u.Turn != want.Turn || u.Participant != want.Participant || u.Role != want.Role || u.Text != want.Text || u.Room != s.room {
			t.Errorf("utterance %d: %+v, want %+v", i, u, want)
		}
		if u.Session == "" || u.Session != got[0].Session || u.Start.Before(begin) || u.End.After(time.Now()) {
			t.Errorf("utterance %d: session %q, %v to %v", i, u.Session, u.Start, u.End)
		}
		begin = u.Start
	}
	if len(got) != 4 || !strings.Contains(strings.ToLower(got[0].Text), "what do you see") {
		t.Errorf("kept %+v", got)
	}
	if d := got[0].End.Sub(got[0].Start); d < 500*time.Millisecond || d > 20*time.Second || !got[1].Start.After(got[0].End) || !got[1].End.After(got[1].Start) {
		t.Errorf("times of the question and its answer: %v to %v, %v to %v", got[0].Start, got[0].End, got[1].Start, got[1].End)
	}
	disk := map[compute.Class]uint64{}
	models, _ := open(t)
	for _, p := range models.Machine().Compute().Pools {
		for _, c := range p.Classes {
			if p.Silicon == compute.SiliconDisk {
				disk[c.Class] += c.Completed
			}
		}
	}
	if disk[compute.Data] == 0 {
		t.Errorf("leases of the disk by class: %v", disk)
	}
}

// TestStoreThatIsLockedDoesNotDisturbTheConversation: while another process keeps the file, the
// persona answers, the trouble is reported, and what was said is written when the file is free.
func TestStoreThatIsLockedDoesNotDisturbTheConversation(t *testing.T) {
	reports := make(chan error, 16)
	s, path := keptStage(t, func(err error) {
		select {
		case reports <- err:
		default:
		}
	})
	other, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	locked, free, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		nothing := errors.New("rolled back")
		err := other.Append(t.Context(), nil, func() error {
			close(locked)
			<-free
			return nothing
		})
		if errors.Is(err, nothing) {
			err = nil
		}
		done <- errors.Join(err, other.Close())
	}()
	<-locked
	for turn := range 2 {
		if err := s.session.Ask(t.Context(), "ada", describe); err != nil {
			t.Fatal(err)
		}
		if trace := s.turn(t); trace.Err != nil || trace.Answer == "" {
			t.Errorf("turn %d: %q, %v", turn, trace.Answer, trace.Err)
		}
	}
	var stage *room.StageError
	if err := <-reports; !errors.Is(err, store.ErrBusy) || !errors.As(err, &stage) || stage.Stage != room.StageStore {
		t.Errorf("reported %v", err)
	}
	close(free)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for i, u := range kept(t, path, 4) {
		if want := []string{"ada", "iris", "ada", "iris"}[i]; u.Participant != want {
			t.Errorf("utterance %d is of %s, want %s", i, u.Participant, want)
		}
	}
}
