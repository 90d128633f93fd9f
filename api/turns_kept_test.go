package api_test

import (
	"slices"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/api"
	sensoryv1 "github.com/sensory-agent/sensory-agent/api/sensory/v1"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/compute"
	"github.com/sensory-agent/sensory-agent/store"
)

// TestTurnsAreListed: what came of each comes back as it is kept, page after page.
func TestTurnsAreListed(t *testing.T) {
	d := keeping(t)
	s := serve(t, d)
	broker, err := compute.NewBroker(compute.Config{Budgets: []compute.Budget{{Pool: compute.Pool{Silicon: compute.SiliconDisk}, Slots: 8, Units: 100}}})
	if err != nil {
		t.Fatal(err)
	}
	w := store.NewWriter(store.WriterConfig{DB: d.db, Broker: broker})
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	for i := range 5 {
		room := []string{"lobby", "attic"}[i%2]
		err := w.PutTurn(store.Turn{
			RoomName: room, Session: "s1", Number: uint64(i + 1), Trigger: store.TriggerTyped, Participant: "ada", Message: "m_1", Fingerprint: "f",
			Begin: at.Add(time.Duration(i) * time.Second), End: at.Add(time.Duration(i)*time.Second + 1500*time.Millisecond),
			Outcomes:    []store.Outcome{{Persona: "iris", Lane: "lab", Cut: turn.ReasonInterrupted, Message: "m_2", Sources: []string{"TR/1"}, Start: 5, Finish: 200, Heard: 300}},
			Silences:    []turn.Quiet{{Seat: "max", Why: turn.ReasonMuted}},
			Divergences: []turn.Deviation{{Kind: turn.DeviationCut, Persona: "iris", Planned: "a", Was: "b"}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var want, got []store.Turn
	if err := d.db.Turns(t.Context(), store.TurnQuery{}, func(x store.Turn) error { want = append(want, x); return nil }); err != nil || len(want) != 5 {
		t.Fatalf("%d turns, %v", len(want), err)
	}
	turns := s.caller(t).Turns
	req := &sensoryv1.ListTurnsRequest{PageSize: 2}
	for {
		out, err := turns.ListTurns(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range out.GetTurns() {
			got = append(got, api.TurnFrom(x))
		}
		if req.PageToken = out.GetNextPageToken(); req.PageToken == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, c := range map[string]struct {
		req  *sensoryv1.ListTurnsRequest
		want []int64
	}{
		"newest":         {&sensoryv1.ListTurnsRequest{Newest: 2}, []int64{4, 5}},
		"of a room":      {&sensoryv1.ListTurnsRequest{Room: "attic"}, []int64{2, 4}},
		"of a handle":    {&sensoryv1.ListTurnsRequest{Room: want[0].Room, Newest: 1}, []int64{5}},
		"of a message":   {&sensoryv1.ListTurnsRequest{Message: "m_1", PageSize: 1}, []int64{1}},
		"of another one": {&sensoryv1.ListTurnsRequest{Message: "m_9"}, nil},
	} {
		out, err := turns.ListTurns(t.Context(), c.req)
		var is []int64
		for _, x := range out.GetTurns() {
			is = append(is, x.GetNumber())
		}
		if err != nil || !slices.Equal(is, c.want) {
			t.Errorf("%s: %v, %v", name, is, err)
		}
	}
	s.refused(t, "TurnService/ListTurns", `{"room":"cellar"}`, connect.CodeNotFound, api.ReasonUnknownRoom, "")
	s.refused(t, "TurnService/ListTurns", `{"pageSize":51}`, connect.CodeInvalidArgument, api.ReasonBadValue, "page_size")
	s.refused(t, "TurnService/ListTurns", `{"pageToken":"x"}`, connect.CodeInvalidArgument, api.ReasonBadValue, "page_token")
}
