package turn_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// TestAPlanIsCarriedOut: those who were planned reply in their order, which is another one than
// they would have otherwise; the account is as planned.
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
