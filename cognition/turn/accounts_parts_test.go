package turn_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestAReplyThatIsReadIsInTheAccount: one that could not be heard in time is a reply that nobody
// heard, with its reason.
func TestAReplyThatIsReadIsInTheAccount(t *testing.T) {
	a := newAccount(turn.Default(), t.Fatalf)
	a.at(0, turn.Seated{Seat: "iris"})
	a.at(0, turn.OtherAgentSpeaks{Who: "hal", On: true})
	a.at(1, turn.Heard{Who: "ada", Text: "What is a fern?", From: 500 * time.Millisecond, To: time.Second, Voiced: time.Second, AvgLogProb: -0.1})
	a.at(2, turn.Ready{Reply: of("iris")})
	a.at(2.5, turn.Thought{Reply: of("iris"), Text: "A plant."})
	a.at(14, turn.Tick{})
	a.at(14.1, turn.Done{Reply: of("iris"), Outcome: turn.Broken})
	want := []turn.Told{{Persona: "iris", Text: "A plant.", Finish: 1500, Cut: turn.ReasonStale}}
	if len(a.over) != 1 || len(a.over[0].Result.Silences) != 0 {
		t.Fatalf("%+v", a.over)
	}
	if diff := cmp.Diff(want, a.over[0].Result.Replies); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestARestartedReplyIsTheNewestOne: what the one before it said of itself is not the account's.
func TestARestartedReplyIsTheNewestOne(t *testing.T) {
	a := newAccount(turn.Default(), t.Fatalf)
	a.at(0, turn.Seated{Seat: "iris"})
	a.at(1, turn.Asked{Who: "ada", Text: "What is a fern?"})
	a.at(3, turn.Heard{Who: "bob", Text: "And a moss, what is that?", From: 500 * time.Millisecond, To: 2 * time.Second, Voiced: time.Second, AvgLogProb: -0.1})
	a.at(3.5, turn.Thought{Reply: of("iris"), Text: "Old."})
	a.at(4, turn.Done{Reply: turn.Reply{Turn: 2, Seat: "iris"}, Outcome: turn.Spoken, Text: "Moss."})
	again := turn.Reply{Turn: 1, Seat: "iris", Try: 1}
	a.at(5, turn.Thought{Reply: again, Text: "New."})
	a.at(6, turn.Done{Reply: again, Outcome: turn.Spoken, Text: "New."})
	want := []turn.Told{{Persona: "iris", Text: "New.", Start: 3000, Finish: 4000}}
	if len(a.over) != 2 || a.over[1].Turn != 1 {
		t.Fatalf("%+v", a.over)
	}
	if diff := cmp.Diff(want, a.over[1].Result.Replies); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEverybodyIsInOnePlace plays random conversations with plans among them: each persona that was
// there when a turn began, or is in its plan, is in exactly one place of its account, and nothing
// is kept of turns that are over.
func TestEverybodyIsInOnePlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := newAccount(drawPolicy(t), t.Fatalf)
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			a.now += time.Duration(rapid.SampledFrom([]int{0, 1, 30, 200, 900, 3000, 20000}).Draw(t, "ms")) * time.Millisecond
			switch what := rapid.IntRange(0, 9).Draw(t, "what"); {
			case what < 5 && len(a.order) > 0:
				drawReport(t, a.room)
			case what == 5:
				drawPlanned(t, a)
			default:
				drawEvent(t, a.room)
			}
		}
		a.step(turn.Closing{})
		if a.accounts.Len() != 0 || len(a.over) != len(a.turns) {
			t.Fatalf("%d turns, %d accounts, %d open", len(a.turns), len(a.over), a.accounts.Len())
		}
		for _, x := range a.over {
			seen := map[string]int{}
			for _, r := range x.Result.Replies {
				seen[r.Persona]++
				if r.Text == "" || r.Start > r.Finish || r.Start < 0 {
					t.Fatalf("turn %d: %+v", x.Turn, r)
				}
			}
			for _, q := range x.Result.Silences {
				seen[q.Seat]++
				if q.Why.Meaning() == "" {
					t.Fatalf("turn %d: %+v", x.Turn, q)
				}
			}
			for _, seat := range a.turns[x.Turn].seats {
				if seen[seat] != 1 {
					t.Fatalf("turn %d: %s is there %d times: %+v", x.Turn, seat, seen[seat], x.Result)
				}
			}
			for seat, n := range seen {
				if n != 1 {
					t.Fatalf("turn %d: %s is there %d times: %+v", x.Turn, seat, n, x.Result)
				}
			}
		}
	})
}

// drawPlanned plans a turn of some of the personas that are here, and perhaps one that is not, and
// has the room carry it out.
func drawPlanned(t *rapid.T, a *account) {
	r := a.table.Request(turn.Trigger{ID: "1", Kind: turn.KindAPI, From: "ada", Text: "What is a fern?"})
	r.Personas = slices.DeleteFunc(r.Personas, func(turn.Candidate) bool { return rapid.IntRange(0, 5).Draw(t, "left out") == 0 })
	if rapid.Bool().Draw(t, "a stranger") {
		r.Personas = append(r.Personas, turn.Candidate{Name: "eve"})
	}
	for i := range r.Personas {
		r.Personas[i].Window = 1000
		if rapid.Bool().Draw(t, "meant") {
			r.Trigger.To = append(r.Trigger.To, r.Personas[i].Name)
		}
	}
	if i := slices.IndexFunc(r.Personas, func(c turn.Candidate) bool { return c.Name == r.Trigger.FollowUp }); i < 0 {
		r.Trigger.FollowUp = ""
	}
	p, err := r.Plan()
	if err != nil {
		t.Fatal(err)
	}
	a.step(turn.Asked{Who: "ada", Text: r.Trigger.Text, Plan: p.Order()})
}
