package store_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sensory-agent/sensory-agent/store"
)

// letter is a message of somebody.
func letter(n int, room, who, text string) store.Message {
	return store.Message{RoomName: room, Participant: who, Role: store.Human, Text: text, At: began.Add(time.Duration(n) * time.Second)}
}

// add writes messages and returns them as they are kept.
func add(t testing.TB, db *store.DB, list ...store.Message) []store.Message {
	t.Helper()
	var out []store.Message
	for _, m := range list {
		kept, fresh, err := db.AddMessage(t.Context(), m, nil)
		if err != nil || !fresh {
			t.Fatalf("%+v: %v, %v", m, fresh, err)
		}
		out = append(out, kept)
	}
	return out
}

func exported(t testing.TB, db *store.DB, q store.ChatQuery) []store.Message {
	t.Helper()
	var out []store.Message
	if err := db.ExportChat(t.Context(), q, func(m store.Message) error { out = append(out, m); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestMessagesAreKept as they were, in their order, with ids and handles of the store's own.
func TestMessagesAreKept(t *testing.T) {
	db := open(t)
	first := letter(0, "lobby", "ada", "Max, what is “this”?\n; DROP TABLE chat")
	first.To, first.Key = []string{"max", "otto"}, "k1"
	kept := add(t, db, first, letter(1, "attic", "bob", "hello"))
	reply := letter(2, "lobby", "max", "A square.")
	reply.Role, reply.ReplyTo = store.Persona, kept[0].ID
	kept = append(kept, add(t, db, reply)...)
	for i, want := range []store.Message{first, letter(1, "attic", "bob", "hello"), reply} {
		if diff := cmp.Diff(want, kept[i], cmpopts.IgnoreFields(store.Message{}, "Pos", "ID", "Room")); diff != "" {
			t.Error(diff)
		}
		if !regexp.MustCompile(`^m_[a-z2-7]{20}$`).MatchString(kept[i].ID) || !regexp.MustCompile(`^r_[a-z2-7]{20}$`).MatchString(kept[i].Room) || kept[i].Pos != int64(i+1) {
			t.Errorf("%+v", kept[i])
		}
	}
	if kept[0].Room != kept[2].Room || kept[0].Room == kept[1].Room || kept[0].ID == kept[1].ID {
		t.Errorf("%+v", kept)
	}
	lobby := []store.Message{kept[0], kept[2]}
	for _, c := range []struct {
		query store.ChatQuery
		want  []store.Message
	}{
		{store.ChatQuery{}, kept},
		{store.ChatQuery{Room: "lobby"}, lobby},
		{store.ChatQuery{Room: kept[0].Room}, lobby},
		{store.ChatQuery{Room: "lobby", Limit: 1}, lobby[1:]},
		{store.ChatQuery{Limit: 2}, kept[1:]},
		{store.ChatQuery{After: kept[0].ID}, kept[1:]},
		{store.ChatQuery{After: kept[0].ID, Limit: 1}, kept[1:2]},
		{store.ChatQuery{After: kept[0].ID, Room: "lobby"}, kept[2:]},
		{store.ChatQuery{Since: began.Add(time.Second)}, kept[1:]},
		{store.ChatQuery{Since: began.Add(time.Second), Room: "lobby", Limit: 5}, kept[2:]},
		{store.ChatQuery{After: kept[2].ID}, nil},
	} {
		if diff := cmp.Diff(c.want, exported(t, db, c.query)); diff != "" {
			t.Errorf("%+v: %s", c.query, diff)
		}
		if got, err := db.ListChat(t.Context(), c.query); err != nil || cmp.Diff(c.want, got) != "" {
			t.Errorf("%+v: %+v, %v", c.query, got, err)
		}
	}
	for _, q := range []store.ChatQuery{{After: "m_none"}, {After: kept[1].ID, Room: "lobby"}} {
		if _, err := db.ListChat(t.Context(), q); !errors.Is(err, store.ErrNoMessage) {
			t.Errorf("%+v: %v", q, err)
		}
	}
	if _, err := db.ListChat(t.Context(), store.ChatQuery{Room: "cellar"}); !errors.Is(err, store.ErrNoRoom) {
		t.Errorf("%v", err)
	}
	stop := errors.New("enough")
	if err := db.ExportChat(t.Context(), store.ChatQuery{}, func(store.Message) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
}

// TestPagesOfChat are within number and bytes, one message at least, and follow each other although
// what one ended with is gone. Nothing is read beyond them.
func TestPagesOfChat(t *testing.T) {
	db := open(t)
	var list []store.Message
	for n, size := range []int{100, 5000, 100, 100, 900} {
		m := letter(n, "lobby", "ada", strings.Repeat("x", size))
		if n == 2 {
			m.Role, m.Spoken, m.Heard = store.Persona, "interrupted", strings.Repeat("x", 600)
		}
		list = append(list, add(t, db, m, letter(n, "attic", "ada", "elsewhere"))[0])
	}
	for name, c := range map[string]struct {
		query store.ChatQuery
		want  []store.Message
		next  int64
	}{
		"all":                        {store.ChatQuery{}, list, 0},
		"two of the oldest":          {store.ChatQuery{Oldest: true, Limit: 2}, list[:2], list[1].Pos},
		"one that is large":          {store.ChatQuery{Behind: list[0].Pos, Bytes: 1000}, list[1:2], list[1].Pos},
		"what was heard of it":       {store.ChatQuery{Behind: list[1].Pos, Bytes: 799}, list[2:3], list[2].Pos},
		"just":                       {store.ChatQuery{Behind: list[1].Pos, Bytes: 800}, list[2:4], list[3].Pos},
		"to the end":                 {store.ChatQuery{Behind: list[1].Pos, Limit: 3, Bytes: 1 << 20}, list[2:], 0},
		"behind a message":           {store.ChatQuery{After: list[3].ID, Bytes: 1}, list[4:], 0},
		"a place comes before an id": {store.ChatQuery{After: list[0].ID, Behind: list[3].Pos}, list[4:], 0},
		"behind the last":            {store.ChatQuery{Behind: list[4].Pos, Limit: 2}, nil, 0},
		"the newest that fit":        {store.ChatQuery{Limit: 4, Bytes: 1100}, list[3:], 0},
		"the newest one":             {store.ChatQuery{Bytes: 10}, list[4:], 0},
	} {
		c.query.Room = "lobby"
		got, next, err := db.ChatPage(t.Context(), c.query)
		if diff := cmp.Diff(c.want, got); diff != "" || next != c.next || err != nil {
			t.Errorf("%s: next %d, want %d, %v: %s", name, next, c.next, err, diff)
		}
	}
	if n, err := db.DeleteOld(t.Context(), store.Old{Rows: 2}, 100, nil); n == 0 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if got, _, err := db.ChatPage(t.Context(), store.ChatQuery{Room: "lobby", Behind: list[1].Pos, Limit: 1}); err != nil || len(got) != 1 || got[0].ID != list[4].ID {
		t.Errorf("behind what is gone: %+v, %v", got, err)
	}
}

// TestRoomsHaveOneHandle whatever they are called: one whose name is another's handle does not get
// its messages.
func TestRoomsHaveOneHandle(t *testing.T) {
	db := open(t)
	seen, err := db.SeeRoom(t.Context(), "lobby", began)
	if err != nil {
		t.Fatal(err)
	}
	add(t, db, letter(1, "lobby", "ada", "one"), letter(2, seen.Handle, "eve", "two"))
	if got := exported(t, db, store.ChatQuery{Room: seen.Handle}); len(got) != 1 || got[0].Text != "one" {
		t.Errorf("%+v", got)
	}
	again, err := db.SeeRoom(t.Context(), "lobby", began.Add(time.Hour))
	if err != nil || again != seen || !seen.Seen.Equal(began) {
		t.Errorf("%+v, %+v, %v", seen, again, err)
	}
	if rooms, err := db.Rooms(t.Context()); err != nil || len(rooms) != 2 || rooms[0] != seen {
		t.Errorf("%+v, %v", rooms, err)
	}
	if _, err := db.SeeRoom(t.Context(), "", began); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("%v", err)
	}
}

// TestTheSameKeyIsTheSameMessage of the same sender in the same room, and no other's.
func TestTheSameKeyIsTheSameMessage(t *testing.T) {
	db := open(t)
	m := letter(0, "lobby", "ada", "hello")
	m.Key = "k"
	first := add(t, db, m)[0]
	m.At = m.At.Add(time.Hour)
	again, fresh, err := db.AddMessage(t.Context(), m, nil)
	if diff := cmp.Diff(first, again); diff != "" || fresh || err != nil {
		t.Errorf("%s, %v, %v", diff, fresh, err)
	}
	for _, change := range []func(*store.Message){
		func(m *store.Message) { m.Text = "hello!" },
		func(m *store.Message) { m.To = []string{"max"} },
		func(m *store.Message) { m.ReplyTo = first.ID },
	} {
		other := m
		change(&other)
		if _, _, err := db.AddMessage(t.Context(), other, nil); !errors.Is(err, store.ErrKeyTaken) || !strings.Contains(err.Error(), first.ID) {
			t.Errorf("%+v: %v", other, err)
		}
	}
	bobs, attics := m, m
	bobs.Participant, attics.RoomName = "bob", "attic"
	add(t, db, bobs, attics, letter(3, "lobby", "ada", "no key"), letter(4, "lobby", "ada", "no key"))
	if got := exported(t, db, store.ChatQuery{}); len(got) != 5 {
		t.Errorf("%+v", got)
	}
}

// TestMessagesThatAreNone leave nothing behind.
func TestMessagesThatAreNone(t *testing.T) {
	db := open(t)
	attic := add(t, db, letter(0, "attic", "ada", "here"))[0]
	for name, c := range map[string]struct {
		change func(*store.Message)
		want   error
	}{
		"no room":         {func(m *store.Message) { m.RoomName = "" }, store.ErrInvalid},
		"nobody":          {func(m *store.Message) { m.Participant = "" }, store.ErrInvalid},
		"no role":         {func(m *store.Message) { m.Role = "" }, store.ErrInvalid},
		"no text":         {func(m *store.Message) { m.Text = "" }, store.ErrInvalid},
		"long":            {func(m *store.Message) { m.Text = strings.Repeat("x", store.MaxMessage+1) }, store.ErrInvalid},
		"no UTF-8":        {func(m *store.Message) { m.Text = "a\xff" }, store.ErrInvalid},
		"long key":        {func(m *store.Message) { m.Key = strings.Repeat("x", store.MaxKey+1) }, store.ErrInvalid},
		"to nobody":       {func(m *store.Message) { m.To = []string{""} }, store.ErrInvalid},
		"to many":         {func(m *store.Message) { m.To = slices.Repeat([]string{"x"}, store.MaxTo+1) }, store.ErrInvalid},
		"no time":         {func(m *store.Message) { m.At = time.Time{} }, store.ErrInvalid},
		"answers nothing": {func(m *store.Message) { m.ReplyTo = "m_none" }, store.ErrNoMessage},
		"answers another": {func(m *store.Message) { m.ReplyTo = attic.ID }, store.ErrNoMessage},
	} {
		m := letter(1, "lobby", "ada", "hello")
		c.change(&m)
		if kept, fresh, err := db.AddMessage(t.Context(), m, nil); !errors.Is(err, c.want) || fresh || kept.ID != "" {
			t.Errorf("%s: %+v, %v, %v", name, kept, fresh, err)
		}
	}
	refused := errors.New("refused")
	if _, _, err := db.AddMessage(t.Context(), letter(1, "lobby", "ada", "hello"), func() error { return refused }); !errors.Is(err, refused) {
		t.Errorf("%v", err)
	}
	if got := exported(t, db, store.ChatQuery{}); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	longest := letter(1, "lobby", "ada", strings.Repeat("x", store.MaxMessage))
	longest.Key, longest.To = strings.Repeat("k", store.MaxKey), slices.Repeat([]string{"x"}, store.MaxTo)
	add(t, db, longest)
}

// TestExportsOfMany are whole, in order, and hold nothing while somebody reads slowly.
func TestExportsOfMany(t *testing.T) {
	db, broker := open(t), newBroker(t)
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: broker, Linger: soon, Queue: 2000})
	var ids []string
	for n := range 1203 {
		id, err := w.PutMessage(letter(n, []string{"lobby", "attic"}[n%2], "ada", fmt.Sprint(n)))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := w.Close(); err != nil || w.Stats().Messages != 1203 || w.Stats().Written != 0 {
		t.Fatalf("%+v, %v", w.Stats(), err)
	}
	var got []string
	if err := db.ExportChat(t.Context(), store.ChatQuery{}, func(m store.Message) error {
		if n := db.InUse(); n != 0 {
			t.Errorf("%d connections are in use while somebody reads", n)
		}
		got = append(got, m.ID)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ids, got); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct{ limit, want int }{{0, store.ListedByDefault}, {7, 7}, {-1, store.ListedByDefault}, {5000, store.MaxListed}} {
		if list, err := db.ListChat(t.Context(), store.ChatQuery{Limit: c.limit}); err != nil || len(list) != c.want || list[len(list)-1].ID != ids[1202] {
			t.Errorf("%d: %d, %v", c.limit, len(list), err)
		}
	}
	if n := len(exported(t, db, store.ChatQuery{Room: "attic", Limit: 550})); n != 550 {
		t.Errorf("%d", n)
	}
}
