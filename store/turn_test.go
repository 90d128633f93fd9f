package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/store"
)

func turnOf(n uint64, room string) store.Turn {
	return store.Turn{
		RoomName: room, Session: "s1", Number: n, Trigger: store.TriggerTyped, Participant: "ada", Message: "m_x", Fingerprint: "f",
		Outcomes:    []store.Outcome{{Persona: "iris", Start: 5, Heard: 100, Finish: 90}, {Persona: "max", Lane: "far", Cut: turn.ReasonInterrupted, Message: "m_y", Finish: 950}},
		Silences:    []turn.Quiet{{Seat: "otto", Why: turn.ReasonMuted}},
		Divergences: []turn.Deviation{{Kind: turn.DeviationSilent, Persona: "zoe", Was: "failed"}},
		Begin:       began.Add(time.Duration(n) * time.Second), End: began.Add(time.Duration(n)*time.Second + 800*time.Millisecond),
	}
}

// TestTurnsAreKept with what came of everybody, once, and go when their time is over, as messages
// do; rooms keep their handles.
func TestTurnsAreKept(t *testing.T) {
	db, broker := open(t), newBroker(t)
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: broker, Linger: soon})
	quiet := turnOf(2, "attic")
	quiet.Outcomes, quiet.Silences, quiet.Divergences, quiet.Message, quiet.Fingerprint = nil, nil, nil, "", ""
	all := []store.Turn{turnOf(1, "lobby"), quiet, turnOf(3, "lobby")}
	for _, put := range append(all, turnOf(1, "lobby")) {
		if err := w.PutTurn(put); err != nil {
			t.Fatal(err)
		}
	}
	put(t, w, lines(0, 1))
	if _, err := w.PutMessage(letter(0, "lobby", "ada", "hello")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil || w.Stats().Turns != 4 || w.Stats().Messages != 1 || w.Stats().Written != 1 {
		t.Fatalf("%+v, %v", w.Stats(), err)
	}
	turns := func(q store.TurnQuery) (out []store.Turn) {
		if err := db.Turns(t.Context(), q, func(t store.Turn) error { out = append(out, t); return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, c := range []struct {
		query store.TurnQuery
		want  []store.Turn
	}{
		{store.TurnQuery{}, all},
		{store.TurnQuery{Room: "lobby"}, []store.Turn{all[0], all[2]}},
		{store.TurnQuery{Message: "m_x", Limit: 1}, all[2:]},
		{store.TurnQuery{Since: began.Add(2 * time.Second)}, all[1:]},
	} {
		if diff := cmp.Diff(c.want, turns(c.query), cmpopts.IgnoreFields(store.Turn{}, "Pos", "Room"), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%+v: %s", c.query, diff)
		}
	}
	if err := db.Turns(t.Context(), store.TurnQuery{Room: "cellar"}, nil); !errors.Is(err, store.ErrNoRoom) {
		t.Errorf("%v", err)
	}
	if n, err := db.DeleteOld(t.Context(), store.Old{Before: began.Add(3 * time.Second)}, 10, nil); n != 4 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if left := turns(store.TurnQuery{}); len(left) != 1 || left[0].Number != 3 || len(exported(t, db, store.ChatQuery{})) != 0 || len(list(t, db, store.Query{})) != 0 {
		t.Errorf("%+v", left)
	}
	if rooms, err := db.Rooms(t.Context()); err != nil || len(rooms) != 2 {
		t.Errorf("%+v, %v", rooms, err)
	}
}

func TestTurnsThatAreNone(t *testing.T) {
	db, broker := open(t), newBroker(t)
	w := store.NewWriter(store.WriterConfig{DB: db, Broker: broker, Linger: soon})
	for name, change := range map[string]func(*store.Turn){
		"no room":    func(t *store.Turn) { t.RoomName = "" },
		"no session": func(t *store.Turn) { t.Session = "" },
		"nobody":     func(t *store.Turn) { t.Participant = "" },
		"no number":  func(t *store.Turn) { t.Number = 0 },
		"no trigger": func(t *store.Turn) { t.Trigger = "" },
		"inverse":    func(t *store.Turn) { t.End = t.Begin.Add(-1) },
		"long":       func(t *store.Turn) { t.Outcomes = []store.Outcome{{Persona: strings.Repeat("x", 65<<10)}} },
	} {
		bad := turnOf(1, "lobby")
		change(&bad)
		if err := w.PutTurn(bad); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.Close(); err != nil || w.Stats().Turns != 0 {
		t.Errorf("%+v, %v", w.Stats(), err)
	}
}
