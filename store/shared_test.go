package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/store"
)

// TestTwoProcessesShareAStore: each finds its messages in its order, with the ids that it was told,
// and whoever follows the chat meanwhile sees every one of them once, in the order in which they
// stay.
func TestTwoProcessesShareAStore(t *testing.T) {
	const each = 60
	db := open(t)
	if _, err := db.SeeRoom(t.Context(), "lobby", began); err != nil {
		t.Fatal(err)
	}
	var followed []string
	follow := func() {
		q := store.ChatQuery{Room: "lobby"}
		if len(followed) > 0 {
			q.After = followed[len(followed)-1]
		}
		for _, m := range exported(t, db, q) {
			followed = append(followed, m.ID)
		}
	}
	children := []*working{
		send(t, job{"apart", db.Path(), "lobby", each}), send(t, job{"apart", db.Path(), "lobby", each}),
	}
	for _, c := range children {
		c.begin()
	}
	done := make(chan []string)
	for _, c := range children {
		go func() {
			var said []string
			for c.said.Scan() {
				said = append(said, c.said.Text())
			}
			done <- said
		}()
	}
	var told [][]string
	for len(told) < len(children) {
		select {
		case said := <-done:
			told = append(told, said)
		default:
			follow()
		}
	}
	for _, c := range children {
		if err := c.cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	follow()
	var all []string
	of := map[string][]string{}
	for _, m := range exported(t, db, store.ChatQuery{}) {
		all = append(all, m.ID)
		of[m.Participant] = append(of[m.Participant], m.Text+" "+m.ID)
	}
	if diff := cmp.Diff(all, followed); diff != "" {
		t.Errorf("who followed saw something else (-there +seen):\n%s", diff)
	}
	if len(all) != 2*each || len(of) != 2 || len(slices.Compact(slices.Sorted(slices.Values(all)))) != 2*each {
		t.Errorf("%d messages of %d", len(all), len(of))
	}
	for who, mine := range of {
		if !slices.ContainsFunc(told, func(said []string) bool { return slices.Equal(said, mine) }) {
			t.Errorf("%s was told other ids, or another order: %q, %q", who, mine, told)
		}
	}
}

// TestTwoProcessesThatSendTheSameKeys send the same messages.
func TestTwoProcessesThatSendTheSameKeys(t *testing.T) {
	db := open(t)
	one, two := send(t, job{"keys", db.Path(), "lobby", 30}), send(t, job{"keys", db.Path(), "lobby", 30})
	one.begin()
	two.begin()
	if diff := cmp.Diff(one.lines(t), two.lines(t)); diff != "" {
		t.Error(diff)
	}
	if got := exported(t, db, store.ChatQuery{}); len(got) != 30 {
		t.Errorf("%d messages of 30", len(got))
	}
}

// TestStartersRaceForAStore that is not there yet, or that an older program wrote: one of them
// makes it what it is to be, and all work on the same.
func TestStartersRaceForAStore(t *testing.T) {
	places := map[string]string{"new": place(t)}
	if !strings.HasPrefix(places["new"], "postgres:") {
		places["old"] = old(t, "version1.db")
	}
	for name, at := range places {
		t.Run(name, func(t *testing.T) {
			var children []*working
			for range 4 {
				children = append(children, send(t, job{"room", at, "cellar", 1}))
			}
			for _, c := range children {
				c.begin()
			}
			handles := map[string]bool{}
			for _, c := range children {
				handles[strings.Join(c.lines(t), "+")] = true
			}
			if len(handles) != 1 {
				t.Errorf("%v", handles)
			}
			facts, err := store.Inspect(t.Context(), at)
			if err != nil || facts.Version != facts.Newest || facts.Unwritable != nil {
				t.Errorf("%+v, %v", facts, err)
			}
		})
	}
}

// TestABatchThatIsWrittenAgain is there once: so a writer may try again what may have been written.
func TestABatchThatIsWrittenAgain(t *testing.T) {
	db, broker := open(t), newBroker(t)
	failed := false
	w := store.NewWriterAfter(store.WriterConfig{DB: db, Broker: broker, Retry: soon, Linger: soon}, func() error {
		if failed {
			return nil
		}
		failed = true
		return errors.New("the answer is lost")
	})
	put(t, w, lines(0, 3))
	for n := range 2 {
		if _, err := w.PutMessage(letter(n, "lobby", "ada", fmt.Sprint(n))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.PutTurn(turnOf(1, "lobby")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lines(0, 3), list(t, db, store.Query{})); diff != "" || !failed || w.Stats().Failures != 1 {
		t.Errorf("%+v %s", w.Stats(), diff)
	}
	turns := 0
	if err := db.Turns(t.Context(), store.TurnQuery{}, func(store.Turn) error { turns++; return nil }); err != nil || turns != 1 {
		t.Errorf("%d turns, %v", turns, err)
	}
	if got := exported(t, db, store.ChatQuery{}); len(got) != 2 {
		t.Errorf("%+v", got)
	}
}
