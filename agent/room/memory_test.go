package room_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestAPersonaRemembers: what it is asked to, from one stay in the room to the next, and another
// persona does not; what it is told to forget is gone.
func TestAPersonaRemembers(t *testing.T) {
	mind, models := scripted(t, func(string, string) string { return "All right." })
	kept, err := room.OpenTranscripts(t.Context(), models.Machine(), room.TranscriptConfig{Path: filepath.Join(t.TempDir(), "t.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	visit := func(at *table) *table {
		t.Helper()
		for _, who := range []room.Persona{
			{Identity: "iris", Prompt: "You are iris.", History: persona.HistoryRoom, Remember: memory.OnRequest},
			{Identity: "max", Prompt: "You are max.", History: persona.HistoryRoom, Remember: memory.Never},
		} {
			if _, err := at.session.Sit(t.Context(), models, who); err != nil {
				t.Fatal(err)
			}
		}
		at.human = at.enter(t, "ada")
		return at
	}
	at := visit(openTable(t, models, room.Config{Transcripts: kept}, turn.ModeAll))
	if err := at.human.Chat("Remember that I like green tea."); err != nil {
		t.Fatal(err)
	}
	chats(t, at.human, 2)
	at.wait(t, "it decides", func(e room.Event) bool {
		r, ok := e.(room.Remembered)
		return ok && len(r.Decisions) == 1 && r.Decisions[0].Outcome == memory.Admit
	})
	if err := at.session.Close(); err != nil {
		t.Error(err)
	}

	again := visit(openTable(t, models, room.Config{Transcripts: kept, Room: at.room}, turn.ModeAll))
	again.wait(t, "it recalls", func(e room.Event) bool {
		r, ok := e.(room.Remembered)
		return ok && r.Block != nil && strings.Contains(r.Block.Text, "green tea")
	})
	if err := again.human.Chat("What do I like?"); err != nil {
		t.Fatal(err)
	}
	chats(t, again.human, 2)
	told := func(who string) string {
		all := mind.all(who)
		q := all[len(all)-1]
		return strings.Join(append(q.Before, q.Text), "\n")
	}
	if got := told("iris"); !strings.Contains(got, "green tea") {
		t.Errorf("iris is told\n%s", got)
	}
	if got := told("max"); strings.Contains(got, "green tea") {
		t.Errorf("max remembers\n%s", got)
	}
	if err := again.human.Chat("Iris, forget that I like green tea."); err != nil {
		t.Fatal(err)
	}
	again.wait(t, "it forgets", func(e room.Event) bool { r, ok := e.(room.Remembered); return ok && len(r.Forgotten) == 1 })
}

// TestWhatIsForgottenElsewhereIsToldNoMore: nobody in the room asked for it, and the next prompt
// has it no more.
func TestWhatIsForgottenElsewhereIsToldNoMore(t *testing.T) {
	mind, models := scripted(t, func(string, string) string { return "All right." })
	kept, err := room.OpenTranscripts(t.Context(), models.Machine(), room.TranscriptConfig{Path: filepath.Join(t.TempDir(), "t.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	at := openTable(t, models, room.Config{Transcripts: kept}, turn.ModeAll)
	now := time.Now().Truncate(time.Millisecond).UTC()
	tea := memory.Memory{
		Persona: "iris", Room: at.room, Subject: memory.PersonSubject("ada"), Kind: memory.Preference, Text: "I like green tea", Sources: []string{"s1/1"},
		Speaker: "ada", Trust: memory.Known, Status: memory.Active, Reason: memory.ReasonNew, Count: 1, Created: now, Updated: now,
	}
	tea.ID = tea.Name()
	if n, err := kept.DB().ImportMemories(t.Context(), []memory.Memory{tea}, nil); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := at.session.Sit(t.Context(), models, room.Persona{Identity: "iris", Prompt: "You are iris.", History: persona.HistoryRoom, Remember: memory.OnRequest}); err != nil {
		t.Fatal(err)
	}
	at.human = at.enter(t, "ada")
	written := func(has bool) func(room.Event) bool {
		return func(e room.Event) bool {
			r, ok := e.(room.Remembered)
			return ok && r.Block != nil && strings.Contains(r.Block.Text, "green tea") == has
		}
	}
	ask := func(has bool) {
		t.Helper()
		if err := at.human.Chat("What do I like?"); err != nil {
			t.Fatal(err)
		}
		chats(t, at.human, 1)
		all := mind.all("iris")
		q := all[len(all)-1]
		if told := strings.Join(append(q.Before, q.Text), "\n"); strings.Contains(told, "green tea") != has {
			t.Errorf("the prompt is to have it: %v\n%s", has, told)
		}
	}
	at.wait(t, "it recalls", written(true))
	ask(true)
	if _, err := kept.DB().ForgetMemories(t.Context(), []string{tea.ID}, now, nil); err != nil {
		t.Fatal(err)
	}
	at.wait(t, "it is forgotten", written(false))
	ask(false)
}

// TestTheStoreIsTidiedWhereNothingIsDeleted: what others forgot is erased by whoever keeps the
// store open.
func TestTheStoreIsTidiedWhereNothingIsDeleted(t *testing.T) {
	_, models := scripted(t, func(string, string) string { return "All right." })
	kept, err := room.OpenTranscripts(t.Context(), models.Machine(), room.TranscriptConfig{Path: filepath.Join(t.TempDir(), "t.db")})
	if err != nil {
		t.Fatal(err)
	}
	until(t, "it is tidied", func() bool { return kept.Stats().Retention.Runs == 1 })
	if err := kept.Close(); err != nil {
		t.Error(err)
	}
}

// TestWhatAProgramSaysIsNoMemory: where other programs are heard, they are no people who can ask
// for something to be remembered.
func TestWhatAProgramSaysIsNoMemory(t *testing.T) {
	_, models := scripted(t, func(string, string) string { return "All right." })
	kept, err := room.OpenTranscripts(t.Context(), models.Machine(), room.TranscriptConfig{Path: filepath.Join(t.TempDir(), "t.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	at := openTable(t, models, room.Config{Transcripts: kept}, turn.ModeMentions)
	heard := turn.Default()
	heard.Mode, heard.HearAgents = turn.ModeMentions, true
	if err := at.session.Configure(t.Context(), heard); err != nil {
		t.Fatal(err)
	}
	iris, err := at.session.Sit(t.Context(), models, room.Persona{Identity: "iris", Prompt: "You are iris.", History: persona.HistoryRoom, Remember: memory.Auto})
	if err != nil {
		t.Fatal(err)
	}
	_, server := open(t)
	robot, err := room.Join(t.Context(), echoEngine(t, "Remember that Bob likes coffee."), room.Config{
		URL: server.URL, APIKey: server.APIKey, APISecret: server.APISecret, Room: at.room,
	}, room.Persona{Identity: "robot", History: persona.HistoryOff})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := robot.Close(); err != nil {
			t.Error(err)
		}
	})
	at.human = at.enter(t, "ada")
	if err := at.human.Chat("Hello."); err != nil {
		t.Fatal(err)
	}
	at.wait(t, "the program is heard", func(e room.Event) bool { h, ok := e.(room.Heard); return ok && h.Final && h.Who == "robot" })
	until(t, "it is looked at", func() bool { return iris.Remembers().Waiting == 0 })
	if got := iris.Remembers(); got.Admitted > 0 {
		t.Errorf("%+v", got)
	}
}
