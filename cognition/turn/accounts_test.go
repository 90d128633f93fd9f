package turn_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// account steps a room and follows its turns.
type account struct {
	*room
	accounts turn.Accounts
	over     []turn.Account
}

func newAccount(p turn.Policy, fail func(string, ...any)) *account {
	a := &account{room: newRoom(p, fail)}
	a.taken = func(e turn.Event, effects []turn.Effect) {
		a.over = append(a.over, a.accounts.Take(a.now, e, effects)...)
	}
	return a
}

// at steps at a time in seconds.
func (a *account) at(seconds float64, e turn.Event) {
	a.now = time.Duration(math.Round(seconds*1000)) * time.Millisecond
	a.step(e)
}

// says has a reply think, speak and end.
func (a *account) says(from float64, id turn.Reply, text string) {
	a.at(from, turn.Ready{Reply: id})
	a.at(from+0.1, turn.Thought{Reply: id, Text: text})
	a.at(from+0.5, turn.Tick{})
	a.at(from+0.5, turn.Audible{Reply: id, Text: text})
	a.at(from+1, turn.Done{Reply: id, Outcome: turn.Spoken, Text: text})
}

func of(seat string) turn.Reply { return turn.Reply{Turn: 1, Seat: seat} }

// planOfThree is a plan of a room of iris, max in a lane, and otto, of whom two reply.
func planOfThree(t *testing.T) (turn.Plan, turn.Request) {
	t.Helper()
	r := turn.Request{
		Room: "lobby", Trigger: turn.Trigger{ID: "1", Kind: turn.KindAPI, From: "ada", Text: "What is a fern?", To: []string{"max", "iris"}},
		Personas: []turn.Candidate{{Name: "iris", Window: 1000}, {Name: "max", Window: 1000, Provider: "north"}, {Name: "otto", Window: 1000, Muted: true}},
	}
	p, err := r.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return p, r
}

func ordered(p turn.Plan) turn.Asked {
	return turn.Asked{Who: "ada", Text: "What is a fern?", Plan: p.Order()}
}

// seatThree seats those of planOfThree.
func (a *account) seatThree() {
	for _, e := range []turn.Seated{{Seat: "iris"}, {Seat: "max", Lane: "north"}, {Seat: "otto"}} {
		a.at(0, e)
	}
}

// TestAPlanIsCarriedOut: those who were planned reply in their order, which is another one than they
// would have otherwise; the account is as planned.
func TestAPlanIsCarriedOut(t *testing.T) {
	p, _ := planOfThree(t)
	a := newAccount(turn.Default(), t.Fatalf)
	a.seatThree()
	a.at(1, ordered(p))
	a.accounts.Made(of("max"), "k1")
	a.says(2, of("max"), "A plant.")
	a.says(4, of("iris"), "Green.")
	want := []turn.Account{{Turn: 1, Who: "ada", Result: turn.Result{
		Turn: p.Turn, Fingerprint: p.Fingerprint,
		Replies: []turn.Told{
			{Persona: "max", Text: "A plant.", Lane: "north", ContextKey: "k1", Finish: 1100, Heard: 1500},
			{Persona: "iris", Text: "Green.", Start: 1100, Finish: 3100, Heard: 3500},
		},
		Silences: []turn.Quiet{{Seat: "otto", Why: turn.ReasonMuted}}, Divergences: []turn.Deviation{},
	}}}
	if diff := cmp.Diff(want, a.over); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	p.Replies[0].ContextKey = "k1"
	if d := turn.Compare(p, a.over[0].Result, turn.Budgets{}); len(d) > 0 {
		t.Errorf("it leaves the plan: %+v", d)
	}
	if got := a.plans[1]; got.Plan != p.Fingerprint || got.Fingerprint == p.Fingerprint {
		t.Errorf("%+v", got)
	}
}

// TestWhatLeavesThePlanIsInTheAccount carries out a plan of max and iris in ways that leave it.
func TestWhatLeavesThePlanIsInTheAccount(t *testing.T) {
	for name, c := range map[string]struct {
		before, after func(a *account)
		want          []turn.Deviation
	}{
		"a lane fails": {nil, func(a *account) {
			a.at(2, turn.Done{Reply: of("max"), Outcome: turn.Broken})
			a.says(4, of("iris"), "Green.")
		}, []turn.Deviation{{Kind: turn.DeviationFailed, Persona: "max", Was: "failed"}}},
		"a context has gone": {nil, func(a *account) {
			a.at(2, turn.Done{Reply: of("max"), Outcome: turn.Evicted})
			a.says(4, of("iris"), "Green.")
		}, []turn.Deviation{{Kind: turn.DeviationEvicted, Persona: "max", Was: "context_evicted"}}},
		"it could not be heard in time": {func(a *account) { a.at(0.5, turn.OtherAgentSpeaks{Who: "hal", On: true}) }, func(a *account) {
			a.at(2, turn.Ready{Reply: of("max")})
			a.at(2.1, turn.Thought{Reply: of("max"), Text: "A plant."})
			a.at(14, turn.Tick{})
			a.at(14.5, turn.OtherAgentSpeaks{Who: "hal"})
			a.at(15, turn.Done{Reply: of("max"), Outcome: turn.Broken})
			a.says(16, of("iris"), "Green.")
		}, []turn.Deviation{{Kind: turn.DeviationCut, Persona: "max", Was: "stale"}}},
		"whoever asked goes": {nil, func(a *account) {
			a.at(2, turn.Ready{Reply: of("max")})
			a.at(2.2, turn.Thought{Reply: of("max"), Text: "A plant. It is green."})
			a.at(3, turn.Audible{Reply: of("max"), Text: "A plant."})
			a.at(3.5, turn.Withdrawn{Turn: 2})
			a.at(4, turn.Withdrawn{Turn: 1})
			a.at(4.5, turn.Withdrawn{Turn: 1})
			a.at(5, turn.Done{Reply: of("max"), Outcome: turn.Broken})
		}, []turn.Deviation{{Kind: turn.DeviationCut, Persona: "max", Was: "withdrawn"}, {Kind: turn.DeviationSilent, Persona: "iris", Was: "withdrawn"}}},
		"a newer picture was there": {nil, func(a *account) {
			a.accounts.Used(of("max"), "cam/42")
			a.says(2, of("max"), "A plant.")
			a.says(4, of("iris"), "Green.")
		}, []turn.Deviation{{Kind: turn.DeviationSource, Persona: "max", Was: "cam/42"}}},
		"a lane fails in the middle": {nil, func(a *account) {
			a.at(2, turn.Ready{Reply: of("max")})
			a.at(3, turn.Audible{Reply: of("max"), Text: "A"})
			a.at(4, turn.Done{Reply: of("max"), Outcome: turn.Broken})
			a.says(5, of("iris"), "Green.")
		}, []turn.Deviation{{Kind: turn.DeviationFailed, Persona: "max", Was: "failed"}}},
		"a persona leaves before its reply": {nil, func(a *account) {
			a.unseat("iris")
			a.says(4, of("max"), "A plant.")
		}, []turn.Deviation{{Kind: turn.DeviationLeft, Persona: "iris", Was: "removed"}}},
		"a persona has left with its clause": {nil, func(a *account) {
			a.at(2, turn.Ready{Reply: of("max")})
			a.at(3, turn.Audible{Reply: of("max"), Text: "A"})
			a.at(3, turn.Leaving{Seat: "max"})
			a.at(4, turn.Done{Reply: of("max"), Outcome: turn.Broken})
			a.says(5, of("iris"), "Green.")
		}, []turn.Deviation{{Kind: turn.DeviationLeft, Persona: "max", Was: "removed"}}},
		"who was to speak is muted": {func(a *account) { a.at(0.5, turn.SeatMuted{Seat: "max", On: true}) }, func(a *account) {
			a.says(4, of("iris"), "Green.")
		}, []turn.Deviation{{Kind: turn.DeviationSilent, Persona: "max", Was: "muted"}}},
		"a persona that was to be silent has gone": {func(a *account) { a.unseat("otto") }, func(a *account) {
			a.says(2, of("max"), "A plant.")
			a.says(4, of("iris"), "Green.")
		}, []turn.Deviation{{Kind: turn.DeviationReason, Persona: "otto", Planned: "muted", Was: "removed"}}},
		"a persona that was to speak has gone": {func(a *account) { a.unseat("max") }, func(a *account) {
			a.says(4, of("iris"), "Green.")
		}, []turn.Deviation{{Kind: turn.DeviationLeft, Persona: "max", Was: "removed"}}},
		"a persona has come": {func(a *account) { a.at(0.5, turn.Seated{Seat: "eve"}) }, func(a *account) {
			a.says(2, of("max"), "A plant.")
			a.says(4, of("iris"), "Green.")
		}, []turn.Deviation{{Kind: turn.DeviationUnplanned, Persona: "eve", Was: "not_addressed"}}},
		"a persona has moved to another lane": {func(a *account) {
			a.unseat("max")
			a.at(0.5, turn.Seated{Seat: "max", Lane: "south"})
		}, func(a *account) {
			a.says(2, of("max"), "A plant.")
			a.says(4, of("iris"), "Green.")
		}, []turn.Deviation{{Kind: turn.DeviationPlan}, {Kind: turn.DeviationLane, Persona: "max", Planned: "north", Was: "south"}}},
		"somebody asks something else": {nil, func(a *account) {
			a.at(2, turn.Asked{Who: "ada", Text: "Otto, and a moss?"})
		}, []turn.Deviation{{Kind: turn.DeviationSilent, Persona: "max", Was: "superseded"}, {Kind: turn.DeviationSilent, Persona: "iris", Was: "superseded"}}},
		"the first is late": {nil, func(a *account) {
			a.says(11, of("max"), "A plant.")
			a.says(14, of("iris"), "Green.")
		}, []turn.Deviation{{Kind: turn.DeviationLate, Planned: "10000", Was: "10100"}}},
	} {
		p, _ := planOfThree(t)
		a := newAccount(turn.Default(), t.Fatalf)
		a.seatThree()
		if c.before != nil {
			c.before(a)
		}
		a.at(1, ordered(p))
		c.after(a)
		if len(a.over) == 0 {
			t.Errorf("%s: the turn is not over", name)
			continue
		}
		got := turn.Compare(p, a.over[0].Result, turn.Budgets{})
		for i := range got {
			if got[i].Kind == turn.DeviationPlan {
				got[i].Planned, got[i].Was = "", ""
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

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
// there when a turn began, or is in its plan, is in exactly one place of its account, and nothing is
// kept of turns that are over.
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
