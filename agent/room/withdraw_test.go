package room_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestATurnThatNobodyWaitsForEnds: whoever had it run goes while the first persona speaks and the
// second thinks. What is heard ends with its clause, the second says nothing, outcome and store say
// for whom and why, and the room goes on.
func TestATurnThatNobodyWaitsForEnds(t *testing.T) {
	const whole = "One is a fern. Two is a moss. Three is a tree. Four is a hedge. Five is a rose. Six is a reed."
	thinks, release := make(chan struct{}), make(chan struct{})
	_, models := scripted(t, func(who, question string) string {
		switch {
		case strings.Contains(question, "And who is there?"):
			return who + " is here."
		case who == "max":
			close(thinks)
			<-release
		}
		return whole
	})
	kept, path := keepAll(t, models)
	at := seatThemIn(t, models, room.Config{Transcripts: kept}, turn.ModeAll, "iris", "max")
	t.Cleanup(func() { close(release) })
	p, r := at.planned(t, "What is it?", nil)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended1 := make(chan error, 1)
	go func() {
		_, err := at.session.RunTurn(ctx, p, r, nil)
		ended1 <- err
	}()
	select {
	case <-thinks:
	case <-time.After(answerLimit):
		t.Fatalf("max does not think; events: %+v", at.all())
	}
	at.wait(t, "iris", func(e room.Event) bool { s, is := e.(room.Said); return is && strings.HasPrefix(whole, s.Text) })
	cancel()
	if err := <-ended1; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	out := at.wait(t, "its outcome", func(e room.Event) bool { o, is := e.(room.Outcome); return is && o.Planned }).(room.Outcome).Result
	if len(out.Replies) != 1 || out.Replies[0].Persona != "iris" || out.Replies[0].Cut != turn.ReasonWithdrawn ||
		!strings.HasPrefix(whole, out.Replies[0].Text) || len(out.Replies[0].Text) >= len(whole) || out.Replies[0].Heard == 0 {
		t.Errorf("%+v", out.Replies)
	}
	if want := []turn.Quiet{{Seat: "max", Why: turn.ReasonWithdrawn}}; !slices.Equal(out.Silences, want) {
		t.Errorf("%+v, want %+v", out.Silences, want)
	}
	want := []turn.Deviation{
		{Kind: turn.DeviationCut, Persona: "iris", Was: "withdrawn"}, {Kind: turn.DeviationSilent, Persona: "max", Was: "withdrawn"},
	}
	if diff := cmp.Diff(want, out.Divergences); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	row := ended(t, path, 1)[0]
	if !slices.Equal(row.Divergences, want) || !slices.Equal(row.Silences, out.Silences) || row.Outcomes[0].Cut != turn.ReasonWithdrawn {
		t.Errorf("kept %+v", row)
	}
	for range 2 {
		if trace := at.turn(t); trace.Plan != p.Fingerprint || len(trace.Left) != 1 || trace.Left[0].Was != "withdrawn" {
			t.Errorf("%+v", trace)
		}
	}
	for _, e := range at.all() {
		if bad, is := e.(room.Problem); is {
			t.Errorf("reported %v", bad.Err)
		}
	}

	p, r = at.planned(t, "And who is here?", nil)
	gone, goes := context.WithCancel(t.Context())
	goes()
	if _, err := at.session.RunTurn(gone, p, r, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	p, r = at.planned(t, "And who is there?", nil)
	got, err := at.session.RunTurn(t.Context(), p, r, nil)
	if err != nil || !slices.Equal(saidOf(got), []string{"iris in scripted: iris is here.", "max in scripted: max is here."}) {
		t.Errorf("%v, %v", saidOf(got), err)
	}
}
