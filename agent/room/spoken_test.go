package room_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/store"
)

// reads waits until a message of a persona is kept for which something holds.
func (s *stage) reads(t *testing.T, path, what string, is func(store.Message) bool) store.Message {
	t.Helper()
	db, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for limit := time.Now().Add(answerLimit); ; time.Sleep(20 * time.Millisecond) {
		list, err := db.ListChat(t.Context(), store.ChatQuery{})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			if m.Role == store.Persona && is(m) {
				return m
			}
		}
		if time.Now().After(limit) {
			t.Fatalf("%s: not within %v: %+v; events: %+v", what, answerLimit, list, s.all())
		}
	}
}

// TestAReplyIsInTheChatBeforeItIsSpoken: what answers something written is read when its text is
// there. How far it was spoken follows: one that is cut says what people heard, and why no more.
func TestAReplyIsInTheChatBeforeItIsSpoken(t *testing.T) {
	const whole = "One is a fern. Two is a moss. Three is a tree. Four is a hedge. Five is a rose. Six is a reed. Seven is a bush. Eight is an oak."
	_, models := scripted(t, func(_, question string) string {
		if strings.Contains(question, "And now?") {
			return "Nothing more."
		}
		return whole
	})
	kept, path := keepAll(t, models)
	at := seatThemIn(t, models, room.Config{Transcripts: kept}, turn.ModeAll, "iris")
	if err := at.human.Chat("What is it?"); err != nil {
		t.Fatal(err)
	}
	if got := chats(t, at.human, 1); got[0] != "iris: "+whole {
		t.Errorf("ada read %q", got)
	}
	first := at.reads(t, path, "the reply", func(m store.Message) bool { return m.Text == whole })
	if first.Spoken != store.Speaking || first.ReplyTo == "" || first.Heard != "" {
		t.Errorf("%+v", first)
	}
	at.wait(t, "some of it is heard", func(e room.Event) bool { _, is := e.(room.Said); return is })
	for _, e := range at.all() {
		if done, is := e.(room.TurnDone); is {
			t.Errorf("it was over: %+v", done)
		}
	}
	if err := at.human.Chat("And now?"); err != nil {
		t.Fatal(err)
	}
	cut := at.reads(t, path, "the cut", func(m store.Message) bool { return m.ID == first.ID && m.Heard != "" })
	if cut.Spoken != string(turn.ReasonSuperseded) || cut.Text != whole || !strings.HasPrefix(whole, cut.Heard) || len(cut.Heard) >= len(whole) {
		t.Errorf("%+v", cut)
	}
	second := at.reads(t, path, "the next reply", func(m store.Message) bool { return m.Text == "Nothing more." && m.Spoken != store.Speaking })
	if second.Spoken != store.Whole || second.Heard != "" {
		t.Errorf("%+v", second)
	}
	rows := ended(t, path, 2)
	if o := rows[0].Outcomes; len(o) != 1 || o[0].Message != first.ID || o[0].Cut != turn.ReasonSuperseded || o[0].Heard == 0 {
		t.Errorf("%+v", rows[0])
	}
	if o := rows[1].Outcomes; len(o) != 1 || o[0].Message != second.ID || o[0].Cut != "" {
		t.Errorf("%+v", rows[1])
	}
}
