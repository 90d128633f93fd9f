package room_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/store"
	"github.com/sensory-agent/sensory-agent/testmedia/participant"
)

// messages waits until a file has so many messages of a room.
func (s *stage) messages(t *testing.T, path string, want int) []store.Message {
	t.Helper()
	db, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for limit := time.Now().Add(answerLimit); ; time.Sleep(50 * time.Millisecond) {
		list, err := db.ListChat(t.Context(), store.ChatQuery{})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) >= want {
			return list
		}
		if time.Now().After(limit) {
			t.Fatalf("%d messages, want %d: %+v; events: %+v", len(list), want, list, s.all())
		}
	}
}

// ended waits until a file has so many turns.
func ended(t *testing.T, path string, want int) (out []store.Turn) {
	t.Helper()
	db, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for limit := time.Now().Add(answerLimit); len(out) < want; time.Sleep(50 * time.Millisecond) {
		out = nil
		if err := db.Turns(t.Context(), store.TurnQuery{}, func(t store.Turn) error { out = append(out, t); return nil }); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(limit) {
			t.Fatalf("%d turns, want %d: %+v", len(out), want, out)
		}
	}
	return out
}

// TestAMessageIsKeptAnsweredAndShown: one that came another way than through the room is durable
// when Send returns, people see it in the room's chat under its sender's name, and the reply is a
// message that answers it. What is typed in the room is kept as well, once.
func TestAMessageIsKeptAnsweredAndShown(t *testing.T) {
	s, path := keptStage(t, func(err error) { t.Errorf("reported %v", err) })
	sent, err := s.session.Send(t.Context(), room.Letter{From: "grace", Text: describe, Key: "k1"})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.messages(t, path, 1); got[0].ID != sent.ID || got[0].Participant != "grace" || got[0].Role != store.Human || got[0].Text != describe || got[0].RoomName != s.room {
		t.Errorf("%+v, sent %+v", got, sent)
	}
	again, err := s.session.Send(t.Context(), room.Letter{From: "grace", Text: describe, Key: "k1"})
	if err != nil || again.ID != sent.ID {
		t.Errorf("%+v, %v", again, err)
	}
	first := answered(t, s)
	seen := map[string]string{} // in the room's chat, by who wrote it
	for limit := time.After(answerLimit); len(seen) < 2; {
		select {
		case e := <-s.human.Events():
			if c, ok := e.(participant.Chat); ok {
				seen[c.From] = c.Text
			}
		case <-limit:
			t.Fatalf("seen in the chat: %q", seen)
		}
	}
	if seen["grace"] != describe || seen["iris"] != first.Answer {
		t.Errorf("seen in the chat: %q", seen)
	}
	if err := s.human.Chat("what color is on the left?"); err != nil {
		t.Fatal(err)
	}
	second := answered(t, s)
	if first.Err != nil || second.Err != nil {
		t.Fatal(first.Err, second.Err)
	}
	got := s.messages(t, path, 4)
	turns := ended(t, path, 2)
	for i, want := range []store.Message{
		{Participant: "grace", Role: store.Human, Text: describe, Key: "k1"},
		{Participant: "iris", Role: store.Persona, Text: first.Answer, ReplyTo: got[0].ID},
		{Participant: "ada", Role: store.Human, Text: "what color is on the left?", Key: got[2].Key},
		{Participant: "iris", Role: store.Persona, Text: second.Answer, ReplyTo: got[2].ID},
	} {
		m := got[i]
		if m.Participant != want.Participant || m.Role != want.Role || m.Text != want.Text || m.ReplyTo != want.ReplyTo || m.Key != want.Key || m.Room != sent.Room {
			t.Errorf("message %d: %+v, want %+v", i, m, want)
		}
	}
	if len(got) != 4 || !strings.HasPrefix(got[2].Key, "stream/") {
		t.Errorf("%+v", got)
	}
	for i, turn := range turns {
		o := turn.Outcomes
		if turn.Trigger != store.TriggerTyped || turn.Message != got[2*i].ID || turn.Participant != got[2*i].Participant || turn.Fingerprint == "" ||
			len(o) != 1 || o[0].Persona != "iris" || o[0].Cut != "" || o[0].Message != got[2*i+1].ID || o[0].Heard <= 0 || o[0].Finish <= o[0].Start ||
			len(turn.Silences)+len(turn.Divergences) != 0 || turn.RoomName != s.room {
			t.Errorf("turn %d: %+v", i, turn)
		}
	}
}

// TestTurnsAreKeptWithTheirSilences: who was interrupted, and who had nothing to do with it.
func TestTurnsAreKeptWithTheirSilences(t *testing.T) {
	sent := make(chan struct{})
	_, models := scripted(t, func(_, question string) string {
		if strings.Contains(question, describe) { // no answer to the first before there is the second, which takes its place
			<-sent
		}
		return "I see nothing."
	})
	release := sync.OnceFunc(func() { close(sent) })
	t.Cleanup(release)
	_, server := open(t)
	s, path := keptStageWith(t, models, server, func(err error) { t.Errorf("reported %v", err) })
	for _, text := range []string{describe, "what color is on the left?"} {
		if _, err := s.session.Send(t.Context(), room.Letter{From: "grace", Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	release()
	turns := ended(t, path, 2)
	if got := turns[0]; !slices.Equal(got.Silences, []turn.Quiet{{Seat: "iris", Why: turn.ReasonSuperseded}}) || len(got.Outcomes) != 0 ||
		!slices.Equal(got.Divergences, []turn.Deviation{{Kind: turn.DeviationSilent, Persona: "iris", Was: "superseded"}}) {
		t.Errorf("%+v", got)
	}
	if got := turns[1]; len(got.Outcomes) != 1 || len(got.Silences)+len(got.Divergences) != 0 {
		t.Errorf("%+v", got)
	}
	if err := s.session.Configure(t.Context(), func() turn.Policy { p := turn.Default(); p.Mode = turn.ModeMentions; return p }()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.session.Send(t.Context(), room.Letter{From: "grace", Text: "@bob are you there?"}); err != nil {
		t.Fatal(err)
	}
	if got := ended(t, path, 3)[2]; !slices.Equal(got.Silences, []turn.Quiet{{Seat: "iris", Why: turn.ReasonAddressedToHuman}}) || got.Fingerprint != "" {
		t.Errorf("%+v", got)
	}
}

// TestMessagesThatAreNotTaken are named, counted, and leave nothing; the conversation goes on.
func TestMessagesThatAreNotTaken(t *testing.T) {
	s, path := keptStage(t, func(err error) { t.Errorf("reported %v", err) })
	l := limits.Default()
	for name, c := range map[string]struct {
		letter room.Letter
		kind   limits.Kind
		says   string
	}{
		"a megabyte":         {room.Letter{From: "grace", Text: strings.Repeat("x", 1<<20)}, limits.ChatBytes, "1048576 bytes"},
		"control characters": {room.Letter{From: "grace", Text: "a\x1b[31m"}, limits.ChatText, "U+001B at byte 1"},
		"no UTF-8":           {room.Letter{From: "grace", Text: "\xff"}, limits.ChatText, "UTF-8"},
		"nothing":            {room.Letter{From: "grace", Text: " \n"}, "", "no text"},
		"nobody":             {room.Letter{Text: "hi"}, "", "identity"},
		"a long name":        {room.Letter{From: strings.Repeat("x", l.IdentityBytes+1), Text: "hi"}, "", "identity"},
		"a name of lines":    {room.Letter{From: "a\nb", Text: "hi"}, limits.ChatText, "U+000A"},
		"a persona":          {room.Letter{From: "Iris", Text: "hi"}, "", "persona of this room"},
		"to nobody":          {room.Letter{From: "grace", Text: "hi", To: []string{"otto"}}, "", `nobody called "otto"`},
		"a bad key":          {room.Letter{From: "grace", Text: "hi", Key: "stream/1"}, "", "key"},
		"a long key":         {room.Letter{From: "grace", Text: "hi", Key: strings.Repeat("k", 129)}, "", "key"},
	} {
		kept, err := s.session.Send(t.Context(), c.letter)
		var typed *room.LetterError
		want := store.ErrInvalid
		if c.kind != "" {
			want = room.ErrRefused
		}
		if !errors.As(err, &typed) || typed.Kind != c.kind || !strings.Contains(err.Error(), c.says) || !errors.Is(err, want) || kept.ID != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.session.Send(t.Context(), room.Letter{From: "grace", Text: "hi", ReplyTo: "m_none"}); !errors.Is(err, store.ErrNoMessage) {
		t.Errorf("%v", err)
	}
	const flood = 10_000                          // in far less than a minute
	sent, over, begin := 1, uint64(0), time.Now() // the one that answers nothing was taken as far as that
	for range flood {
		if _, err := s.session.Send(t.Context(), room.Letter{From: "grace", Text: "yeah"}); err != nil {
			var typed *room.LetterError
			if !errors.As(err, &typed) || typed.Kind != limits.ChatRate || !strings.Contains(err.Error(), "20 messages a minute") {
				t.Fatal(err)
			}
			over++
			continue
		}
		sent++
	}
	if more := int(time.Since(begin).Minutes()*float64(l.ChatsPerMinute)) + 1; sent < l.ChatBurst || sent > l.ChatBurst+more+1 {
		t.Errorf("%d messages were taken at once", sent)
	}
	if refused := s.session.Limits().Letters.Refused; refused[limits.ChatBytes] != 1 || refused[limits.ChatText] != 3 || refused[limits.ChatRate] != over || over < flood-100 {
		t.Errorf("%v, %d", refused, over)
	}
	if _, err := s.session.Send(t.Context(), room.Letter{From: "ada", Text: describe, To: []string{"IRIS"}}); err != nil { // others are not in its way
		t.Fatal(err)
	}
	for answered(t, s).Question != describe {
	}
	for _, m := range s.messages(t, path, sent+1) {
		if m.Role == store.Human && m.Text != "yeah" && (m.Text != describe || !slices.Equal(m.To, []string{"iris"})) {
			t.Errorf("kept: %+v", m)
		}
	}
}

// TestMessagesNeedAStore, and a room.
func TestMessagesNeedAStore(t *testing.T) {
	s := setStage(t, participant.Config{})
	if _, err := s.session.Send(t.Context(), room.Letter{From: "ada", Text: "hi"}); !errors.Is(err, room.ErrNoStore) {
		t.Errorf("%v", err)
	}
	gone, _ := keptStage(t, nil)
	if err := gone.session.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := gone.session.Send(t.Context(), room.Letter{From: "ada", Text: "hi"}); !errors.Is(err, room.ErrClosed) {
		t.Errorf("%v", err)
	}
}
