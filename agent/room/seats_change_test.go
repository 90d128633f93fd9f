package room_test

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/cognition/turn/script"
	"github.com/sensory-agent/sensory-agent/store"
)

// rooms is the server's own way to change rooms.
func (s *table) rooms(t *testing.T) *lksdk.RoomServiceClient {
	t.Helper()
	_, server := open(t)
	return lksdk.NewRoomServiceClient(server.URL, server.APIKey, server.APISecret)
}

// TestTheNextOneListens: when the listening connection is put out of the room, a persona's takes
// over at once and another hidden one comes; nothing is lost of what is said meanwhile.
func TestTheNextOneListens(t *testing.T) {
	_, models := scripted(t, func(who, _ string) string { return "I am " + who + "." })
	kept, err := room.OpenTranscripts(t.Context(), models.Machine(), room.TranscriptConfig{Path: filepath.Join(t.TempDir(), "t.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	at := seatThemIn(t, models, room.Config{Transcripts: kept}, turn.ModeFront, "iris", "max")
	if err := at.human.Chat("Who is there?"); err != nil {
		t.Fatal(err)
	}
	chats(t, at.human, 1)
	first := at.session.Listener()
	if !strings.HasPrefix(first, "listener-") {
		t.Fatalf("%q listens", first)
	}
	_, err = at.rooms(t).RemoveParticipant(t.Context(), &livekit.RoomParticipantIdentity{Room: at.room, Identity: first})
	if err != nil {
		t.Fatal(err)
	}
	at.wait(t, "it is told", func(e room.Event) bool {
		p, ok := e.(room.Problem)
		return ok && strings.Contains(p.Err.Error(), "listening connection")
	})
	if err := at.human.Chat("And now?"); err != nil {
		t.Fatal(err)
	}
	if got := chats(t, at.human, 1); got[0] != "iris: I am iris." {
		t.Errorf("%q", got)
	}
	until(t, "another hidden connection", func() bool { now := at.session.Listener(); return strings.HasPrefix(now, "listener-") && now != first })
	at.say(t, "What is your name?")
	at.wait(t, "speech is answered", func(e room.Event) bool {
		d, ok := e.(room.TurnDone)
		return ok && d.Trace.Turn >= 3 && d.Trace.Err == nil
	})
	if err := at.session.Close(); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"Who is there?", "And now?"} { // before the first one was lost, and before the second one came
		n := 0
		err := kept.Each(t.Context(), at.room, func(u store.Utterance) error {
			if u.Text == want && u.Role == store.Human {
				n++
			}
			return nil
		})
		if err != nil || n != 1 {
			t.Errorf("%q is in the store %d times, %v", want, n, err)
		}
	}
}

// TestOneLeavesAndOneComes: the others go on; an identity has one seat; the room ends with the
// last.
func TestOneLeavesAndOneComes(t *testing.T) {
	_, models := scripted(t, func(who, _ string) string { return "I am " + who + "." })
	at := seatThem(t, models, turn.ModeAll, "iris", "max")
	if _, err := at.session.Sit(t.Context(), models, room.Persona{Identity: "max"}); err == nil || !strings.Contains(err.Error(), "taken") {
		t.Errorf("a second max: %v", err)
	}
	seats := at.session.Seats()
	if len(seats) != 2 || seats[0].Identity() != "iris" || !seats[1].Ready() {
		t.Fatalf("%v", seats)
	}
	if err := seats[0].Leave(); err != nil {
		t.Error(err)
	}
	if err := at.human.Chat("Who is there?"); err != nil {
		t.Fatal(err)
	}
	if got := chats(t, at.human, 1); got[0] != "max: I am max." {
		t.Errorf("%q", got)
	}
	iris := at.sit(t, "iris")
	if err := at.human.Chat("Who is there now?"); err != nil {
		t.Fatal(err)
	}
	if got := chats(t, at.human, 2); !slices.Contains(got, "max: I am max.") || !slices.Contains(got, "iris: I am iris.") {
		t.Errorf("%q", got)
	}
	if err := seats[1].Leave(); err != nil {
		t.Error(err)
	}
	go func() {
		<-at.session.Done()
		_ = at.session.Close() // again in the cleanup
	}()
	if err := iris.Leave(); err != nil {
		t.Error(err)
	}
	<-at.session.Done()
	if err := at.session.Err(); err != nil {
		t.Errorf("the room ended with %v", err)
	}
	if _, err := at.session.Sit(t.Context(), models, room.Persona{Identity: "late"}); err == nil {
		t.Error("somebody sits in a room that has ended")
	}
}

// recording is a script that is kept in memory.
type recording struct {
	bytes.Buffer
	closed chan struct{}
}

func (r *recording) Close() error {
	close(r.closed)
	return nil
}

// TestARecordedConversationReplays: five personas, two people, speech and chat; what was recorded
// is decided again in the same way, to the fingerprint of every plan.
func TestARecordedConversationReplays(t *testing.T) {
	_, models := scripted(t, func(who, _ string) string {
		if who == "iris" {
			return "I am iris. Max, go on."
		}
		return "I am " + who + "."
	})
	kept := &recording{closed: make(chan struct{})}
	at := seatThemIn(t, models, room.Config{Record: func(string) (io.WriteCloser, error) { return kept, nil }},
		turn.ModeAll, "iris", "max", "otto", "zoe", "carl")
	bob := at.enter(t, "bob")
	if err := at.human.Chat("Who is there?"); err != nil {
		t.Fatal(err)
	}
	chats(t, at.human, 5)
	if err := bob.Chat("Otto, and you?"); err != nil {
		t.Fatal(err)
	}
	chats(t, at.human, 1)
	at.say(t, "Max, what is your name?")
	at.wait(t, "speech is answered", func(e room.Event) bool {
		d, ok := e.(room.TurnDone)
		return ok && d.Trace.Who == "ada" && d.Trace.Turn > 2
	})
	if err := at.session.Close(); err != nil {
		t.Error(err)
	}
	<-kept.closed
	text := kept.String()
	result, err := script.Replay(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(result.Diffs) > 0 || result.Events < 50 || !strings.Contains(text, "plan") {
		t.Errorf("%d events, differences %+v\n%s", result.Events, result.Diffs, text)
	}
}

// TestARecordingThatCannotBeMadeIsAnError: before anybody sits there.
func TestARecordingThatCannotBeMadeIsAnError(t *testing.T) {
	full := errors.New("no space")
	_, err := room.Open(room.Config{URL: "ws://127.0.0.1:9", Record: func(string) (io.WriteCloser, error) { return nil, full }})
	if !errors.Is(err, full) {
		t.Errorf("%v", err)
	}
}

// TestWhoLeavesEndsWithTheClause: asked to leave in mid-answer, a persona says its clause and no
// other; what was heard is what is remembered, and the next one may speak.
func TestWhoLeavesEndsWithTheClause(t *testing.T) {
	clauses := []string{"One is the first of all numbers here.", "Two is the second of all numbers here.", "Three is the third of all numbers here.", "Four is the last of all numbers here."}
	mind, models := scripted(t, func(who, _ string) string {
		if who == "iris" {
			return strings.Join(clauses, " ")
		}
		return "I am " + who + "."
	})
	at := seatThem(t, models, turn.ModeFront, "iris", "max")
	if err := at.human.Chat("Count."); err != nil {
		t.Fatal(err)
	}
	at.wait(t, "the first clause", func(e room.Event) bool { _, ok := e.(room.Said); return ok })
	if err := at.session.Seats()[0].Leave(); err != nil {
		t.Error(err)
	}
	var said []string
	var done *room.TurnDone
	for _, e := range at.from.of("iris") {
		switch e := e.(type) {
		case room.Said:
			said = append(said, e.Text)
		case room.TurnDone:
			done = &e
		}
	}
	if len(said) == 0 || len(said) > 2 || !slices.Equal(said, clauses[:len(said)]) {
		t.Errorf("it says %q", said)
	}
	if done == nil || !errors.Is(done.Trace.Err, reply.ErrFinished) {
		t.Errorf("its answer ends with %+v", done)
	}
	if err := at.human.Chat("Max, and you?"); err != nil {
		t.Fatal(err)
	}
	if got := chats(t, at.human, 2); got[1] != "max: I am max." { // the first was written before it was spoken
		t.Errorf("%q", got)
	}
	q := mind.all("max")[0]
	if all := strings.Join(append(q.Before, q.Text), "\n"); !strings.Contains(all, "iris: "+strings.Join(said, " ")) || strings.Contains(all, "Four") {
		t.Errorf("max is told\n%s", all)
	}
}
