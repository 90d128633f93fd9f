package room

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reply"
	keys "github.com/sensory-agent/sensory-agent/cognition/context"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// running carries out a plan, and is what it is carried out with.
type running struct {
	plan    turn.Plan
	request turn.Request
	given   map[string]Given // by seat
	turn    uint64           // its number; 0 before the table has taken it
	came    chan<- ran
}

// ran is what came of it.
type ran struct {
	result turn.Result
	err    error
}

func (*running) message() {}

// RunTurn carries a plan out, as if its question had been typed in the room's chat, and returns
// what came of it when the turn is over: every persona of the plan in exactly one place, and every
// point in which the plan was left. given are the contexts that the request says were given, by
// persona; one with an error has its persona not reply.
//
// The question waits for the turn under way, as any other. When ctx ends, the turn does: nothing
// more of it begins, what is heard ends with its clause, who has said nothing is silent for
// turn.ReasonWithdrawn, and what came of it is reported as an Outcome and kept, as ever. Errors,
// with which nothing is begun: *turn.PlanError where the plan is not that of the request,
// *turn.ChangedError where the room is not any more what it says, *turn.RequestError, ErrClosed;
// and the cause of ctx.
func (r *Room) RunTurn(ctx context.Context, p turn.Plan, request turn.Request, given map[string]Given) (turn.Result, error) {
	if err := request.Verify(p); err != nil {
		return turn.Result{}, err
	}
	if request.Trigger.Kind == turn.KindPersona {
		return turn.Result{}, &turn.RequestError{Field: "trigger.kind", Problem: "personas call each other in the room: give typed or api"}
	}
	came := make(chan ran, 1)
	run := &running{plan: p, request: request, given: given, came: came}
	if err := r.tell(ctx, run); err != nil {
		return turn.Result{}, err
	}
	out, err := await(ctx, r, came)
	if err != nil {
		r.post(withdrawal{run}) // it comes behind the run; where the room has ended it is not taken
		return turn.Result{}, err
	}
	return out.result, out.err
}

// withdrawal says that nobody waits for a turn any more that was to be run.
type withdrawal struct{ run *running }

func (withdrawal) message() {}

// withdraw ends a turn that nobody waits for.
func (a *actor) withdraw(r *running) {
	if r.turn != 0 && a.running[r.turn] == r {
		a.step(turn.Withdrawn{Turn: r.turn}, cause{})
	}
}

// begin begins a turn that was planned, where the plan still fits.
func (a *actor) begin(r *running) {
	if err := a.runs(r); err != nil {
		r.came <- ran{err: err}
		return
	}
	t := &r.request.Trigger
	a.step(turn.Asked{Who: t.From, Text: t.Text, To: t.To, Plan: r.plan.Order()}, cause{who: t.From, text: t.Text, typed: true, run: r})
	if r.turn == 0 { // the table has not taken it: it takes nothing any more
		r.came <- ran{err: ErrClosed}
	}
}

// runs tells whether a plan can be carried out here and now.
func (a *actor) runs(r *running) error {
	if a.own(r.request.Trigger.From) {
		return &turn.RequestError{Field: "trigger.from", Problem: quoted(r.request.Trigger.From) + " is a persona of the room"}
	}
	live, err := a.planRequest(r.request.Trigger, nil)
	if err != nil {
		return err
	}
	if err := r.request.Fits(live); err != nil {
		return err
	}
	for _, c := range r.request.Personas {
		if given, is := r.given[c.Name]; c.ContextGiven != is || is && given.Key != c.ContextKey {
			return &turn.RequestError{Field: "personas", Problem: "the context of " + quoted(c.Name) + " is not the one that is given"}
		}
	}
	return nil
}

// over reports what came of a turn, to who waits for it too.
func (a *actor) over(x turn.Account) {
	r := a.running[x.Turn]
	delete(a.running, x.Turn)
	if r != nil {
		x.Result.Divergences = turn.Compare(r.plan, x.Result, r.request.Budgets())
	}
	now := time.Now()
	a.record.over(x, now)
	a.observe(nil, Outcome{At: now, Turn: x.Turn, Who: x.Who, Planned: r != nil, Result: x.Result})
	if r != nil {
		r.came <- ran{result: x.Result}
	}
}

// left says how a reply that was planned has left its plan, as far as that is known when it ends.
func (a *actor) left(answer *answer, err error) []turn.Deviation {
	r, why := answer.run, answer.why
	switch {
	case r == nil, why == turn.ReasonYielded, why == turn.ReasonAgain:
		return nil
	case why == "" && errors.Is(err, reply.ErrFinished):
		why = cmp.Or(answer.last, turn.ReasonRemoved)
	case why == "" && err != nil:
		why = outcome(err).Reason()
	}
	for i := range r.plan.Replies {
		want := &r.plan.Replies[i]
		if want.Persona != answer.name.Seat {
			continue
		}
		told := a.accounts.Told(answer.name)
		if why != "" && told.Heard == 0 && told.Text == "" {
			return []turn.Deviation{want.Unmade(why)}
		}
		told.Cut = why
		return want.Made(told, r.request.Budgets())
	}
	return nil
}

// evicted tells whether a reply could not be made because its context has gone.
func evicted(err error) bool { return errors.Is(err, keys.ErrEvicted) }
