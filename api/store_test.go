package api_test

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/sensory-agent/sensory-agent/api"
	"github.com/sensory-agent/sensory-agent/api/client"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/internal/testpostgres"
	"github.com/sensory-agent/sensory-agent/store"
)

// keeps serves a host whose store is db, and says how it does as serve does.
func keeps(t *testing.T, db *store.DB) *client.Client {
	t.Helper()
	d := seated()
	d.db = db
	s := httptest.NewServer(api.New(api.Config{
		Host: func() api.Host { return d },
		Store: func() (out api.StoreStatus, ok bool) {
			out.Path, out.Health = db.Path(), db.Health()
			_, out.Problem = out.Health.Problem()
			out.Failed = db.Failed()
			return out, true
		},
	}))
	c, err := client.New(strings.TrimPrefix(s.URL, "http://"), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		s.Close()
	})
	return c
}

// sends sends a message. told is what a call was answered with that failed.
func sends(t *testing.T, c *client.Client, key string) (told *client.Error) {
	t.Helper()
	_, err := c.Chat.SendChat(t.Context(), &sensoryv1.SendChatRequest{Room: "lobby", From: "ada", Text: "hello", Key: key})
	if err != nil && !errors.As(err, &told) {
		t.Fatal(err)
	}
	return told
}

// fails checks that a message is refused for a reason, that the store's state says the same, and
// that it counts it as that.
func fails(t *testing.T, c *client.Client, db *store.DB, why store.Why, says string) {
	t.Helper()
	told := sends(t, c, "fails")
	if told == nil || told.Code != connect.CodeUnavailable || told.Reason != "store_"+string(why) || !strings.Contains(told.Message, says) {
		t.Errorf("a message: %+v; want store_%s", told, why)
	}
	if !db.Health().Degraded() { // nothing got as far as to be written
		m := store.Message{RoomName: "lobby", Participant: "ada", Role: store.Human, Text: "hello", At: time.Now()}
		if _, _, err := db.AddMessage(t.Context(), m, nil); store.WhyOf(err) != why {
			t.Errorf("a write: %v", err)
		}
	}
	st, err := c.Machine.GetStore(t.Context(), &sensoryv1.GetStoreRequest{})
	if err != nil || st.GetReason() != "store_"+string(why) || !strings.Contains(st.GetProblem(), says) || st.GetSince() == nil {
		t.Errorf("the store: %v, %v; want store_%s", st, err, why)
	}
	if got := st.GetFailed(); len(got) != 1 || got["store_"+string(why)] != int64(db.Failed()[why]) || db.Failed()[why] == 0 {
		t.Errorf("it counts %v; want store_%s", got, why)
	}
}

// works checks that a message is kept, that all is well again, and that what was acknowledged is
// there.
func works(t *testing.T, c *client.Client, keys ...string) {
	t.Helper()
	if told := sends(t, c, keys[len(keys)-1]); told != nil {
		t.Errorf("a message: %+v", told)
	}
	st, err := c.Machine.GetStore(t.Context(), &sensoryv1.GetStoreRequest{})
	if err != nil || st.GetReason() != "" || st.GetSince() != nil {
		t.Errorf("the store: %v, %v", st, err)
	}
	out, err := c.Chat.ListChat(t.Context(), &sensoryv1.ListChatRequest{Room: "lobby"})
	var is []string
	for _, m := range out.GetMessages() {
		is = append(is, m.GetKey())
	}
	if err != nil || !slices.Equal(is, keys) {
		t.Errorf("there are %q, want %q: %v", is, keys, err)
	}
}

// TestALockedStoreSaysSo: another process holds the file for longer than a writer waits.
func TestALockedStoreSaysSo(t *testing.T) {
	t.Parallel()
	d := keeping(t)
	c := keeps(t, d.db)
	works(t, c, "before")
	other, err := sql.Open("sqlite", d.db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	fails(t, c, d.db, store.WhyLocked, store.ErrBusy.Error())
	if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	works(t, c, "before", "after")
}

// TestAMigratedStoreSaysSo: a newer program has changed the tables of a store that is open.
func TestAMigratedStoreSaysSo(t *testing.T) {
	t.Parallel()
	d := keeping(t)
	c := keeps(t, d.db)
	works(t, c, "before")
	pragma := func(version int) {
		other, err := sql.Open("sqlite", d.db.Path())
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		if _, err := other.ExecContext(t.Context(), fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
			t.Fatal(err)
		}
	}
	pragma(99)
	fails(t, c, d.db, store.WhyNewer, "version 99")
	pragma(5) // a backup is put back
	works(t, c, "before", "after")
}

// TestPostgreSQLThatGoesAndComesSaysSo, and so does one whose tables somebody has migrated.
func TestPostgreSQLThatGoesAndComesSaysSo(t *testing.T) {
	t.Parallel()
	s := testpostgres.Start(t)
	place := s.Place(t)
	db, err := store.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	c := keeps(t, db)
	works(t, c, "before")
	s.Stop()
	fails(t, c, db, store.WhyAway, store.ErrUnreachable.Error())
	s.Resume()
	works(t, c, "before", "between")
	testpostgres.Execute(t, place, "UPDATE sensory_agent_store SET version = 99")
	told := sends(t, c, "fails")
	if told == nil || told.Reason != string(api.ReasonStoreNewer) {
		t.Errorf("migrated: %+v", told)
	}
	testpostgres.Execute(t, place, "UPDATE sensory_agent_store SET version = 5")
	works(t, c, "before", "between", "after")
}

// TestEveryWordOfTheStoreIsAReason: with the errors that have it, in the code and on the page.
func TestEveryWordOfTheStoreIsAReason(t *testing.T) {
	t.Parallel()
	d := seated()
	s := serve(t, d)
	want := map[store.Why][]error{
		store.WhyFull: {store.ErrFull}, store.WhyLocked: {store.ErrBusy}, store.WhyReadOnly: {store.ErrReadOnly, store.ErrExposed},
		store.WhyNewer: {store.ErrSchema}, store.WhyAway: {store.ErrUnreachable, store.ErrUncertain}, store.WhyDenied: {store.ErrDenied},
		store.WhyDamaged: {store.ErrCorrupt, store.ErrForeign}, store.WhyFailed: {store.ErrIO, store.ErrMissing},
	}
	page, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, why := range store.Whys() {
		if len(want[why]) == 0 {
			t.Errorf("no error has %s", why)
		}
		for _, kind := range want[why] {
			d.fails = fmt.Errorf("send: %w", &store.Error{Kind: kind, Op: "write", Path: "t.db"})
			s.refused(t, "ChatService/SendChat", `{"room":"lobby","from":"ada","text":"x"}`, connect.CodeUnavailable, api.Reason("store_"+string(why)), "")
		}
		if !regexp.MustCompile("(?m)^\\| `store_" + string(why) + "` \\| .").Match(page) {
			t.Errorf("docs/api.md does not explain store_%s", why)
		}
	}
}
