package turn_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

const turns = 200

// mixed is a room in which one lane is slow, one provider dead, one persona crashes now and then,
// and one has never anything to say.
func mixed(id turn.Reply) part {
	switch id.Seat {
	case "p3":
		return part{think: 12 * time.Second, speak: time.Second, outcome: turn.Spoken}
	case "p5":
		return part{think: 100 * time.Millisecond, outcome: turn.Broken}
	case "p7":
		return part{think: time.Second, speak: time.Second, outcome: turn.Spoken, crashes: id.Turn%10 == 0}
	case "p9":
		return part{think: 300 * time.Millisecond, outcome: turn.Passed}
	}
	return part{think: 700 * time.Millisecond, speak: 2 * time.Second, outcome: turn.Spoken}
}

// ask seats ten personas, and has Ada ask so often. Every twentieth time one of them is muted.
func (s *sim) ask(times int) {
	for i := range 10 {
		s.step(turn.Seated{Seat: fmt.Sprintf("p%d", i), Lane: map[int]string{3: "slow", 5: "dead"}[i]})
	}
	for i := range times {
		s.now += 10 * time.Second
		s.step(turn.SeatMuted{Seat: "p8", On: i%20 == 0})
		s.step(turn.Typed{Who: "ada", Text: "What is this?"})
		s.run()
	}
}

// TestTenPersonasTwoHundredTurns: with a slow lane, a dead provider, one that crashes, one that
// passes and one that is muted now and then, every persona is accounted for in every turn, nobody
// is starved, nobody storms, two are never heard at once, and the gaps are short. The room holds
// the table to the rest.
func TestTenPersonasTwoHundredTurns(t *testing.T) {
	p := turn.Default()
	p.Mode, p.Context, p.Capacity, p.LaneCap = turn.ModeAll, turn.Parallel, 2, 1
	s := newSim(t, p, mixed)
	s.ask(turns)
	for seat, want := range map[string]int{"p0": turns, "p1": turns, "p3": turns, "p5": 0, "p7": turns - turns/10, "p8": turns - turns/20, "p9": 0} {
		if s.heardOf[seat] != want {
			t.Errorf("%s was heard %d times, want %d", seat, s.heardOf[seat], want)
		}
	}
	for why, want := range map[turn.Reason]int{turn.ReasonFailed: turns, turn.ReasonPassed: turns, turn.ReasonMuted: turns / 20} {
		if s.reasons[why] != want {
			t.Errorf("%d were silent: %s; want %d", s.reasons[why], why, want)
		}
	}
	if s.starts != s.planned || s.starts != 10*turns-turns/20 {
		t.Errorf("%d replies begun, %d planned", s.starts, s.planned)
	}
	slices.Sort(s.gaps)
	if middle := s.gaps[len(s.gaps)/2]; middle > 300*time.Millisecond || s.gaps[0] < 150*time.Millisecond || len(s.gaps) < 5*turns {
		t.Errorf("%d gaps, from %v, in the middle %v", len(s.gaps), s.gaps[0], middle)
	}
	if len(s.turns) != turns || len(s.over) != turns || s.accounts.Len() != 0 {
		t.Errorf("%d turns, %d accounts", len(s.turns), len(s.over))
	}
	for _, x := range s.over {
		if n := len(x.Result.Replies) + len(x.Result.Silences); n != 10 || len(x.Result.Fingerprint) != 24 {
			t.Errorf("turn %d accounts for %d: %+v", x.Turn, n, x.Result)
		}
	}
}

// TestPlansOfTenPersonas has the same room carry out two hundred plans: every persona is accounted
// for in every outcome, once, and what left a plan is what went wrong: the dead provider, the
// crashes, and replies beyond the time for all. Who passes leaves the plan too: it was to say
// something.
func TestPlansOfTenPersonas(t *testing.T) {
	p := turn.Default()
	p.Mode, p.Context, p.Capacity, p.LaneCap = turn.ModeAll, turn.Parallel, 2, 1
	s := newSim(t, p, mixed)
	s.ask(0)
	kinds, left := map[string]int{}, map[turn.DeviationKind]int{}
	for i := range turns {
		s.now += 10 * time.Second
		s.step(turn.SeatMuted{Seat: "p8", On: i%20 == 0})
		request := s.table.Request(turn.Trigger{ID: fmt.Sprint(i), Kind: turn.KindAPI, From: "ada", Text: "What is this?"})
		for j := range request.Personas {
			request.Personas[j].Window = 2048
		}
		plan, err := request.Plan()
		if err != nil {
			t.Fatal(err)
		}
		if i%10 == 5 { // after the plan
			s.step(turn.SeatMuted{Seat: "p1", On: true})
		}
		s.step(turn.Asked{Who: "ada", Text: request.Trigger.Text, Plan: plan.Order()})
		s.run()
		s.step(turn.SeatMuted{Seat: "p1"})
		result := s.over[len(s.over)-1].Result
		places := map[string]int{}
		for _, r := range result.Replies {
			places[r.Persona]++
		}
		for _, q := range result.Silences {
			places[q.Seat]++
		}
		for seat, n := range places {
			if n != 1 || len(places) != 10 {
				t.Fatalf("turn %d: %s is there %d times, of %d: %+v", i, seat, n, len(places), result)
			}
		}
		for _, d := range turn.Compare(plan, result, turn.Budgets{}) {
			kinds[fmt.Sprintf("%s %s %s", d.Kind, d.Persona, d.Was)]++
			left[d.Kind]++
		}
	}
	want := map[string]int{
		"lane_failed p5 failed": turns, "lane_failed p7 failed": turns / 10, "silent p9 passed": turns, "silent p1 muted": turns / 10,
	}
	for what, n := range want {
		if kinds[what] != n {
			t.Errorf("%d times %s, want %d", kinds[what], what, n)
		}
	}
	if n := left[turn.DeviationFailed] + left[turn.DeviationSilent] + left[turn.DeviationLate] + left[turn.DeviationOrder]; len(s.over) != turns || n != sum(left) {
		t.Errorf("%d turns; what left the plans: %v, %v", len(s.over), left, kinds)
	}
}

func sum(of map[turn.DeviationKind]int) (n int) {
	for _, x := range of {
		n += x
	}
	return n
}

// TestOneOfAllAnswers: where one of all answers, each that can answers as often, also beside those
// that never can: the same room, with one responder. Those that fail are asked in their turn and no
// more often than others, so that they starve nobody.
func TestOneOfAllAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		plays          func(turn.Reply) part
		able           []string
		least, unheard int
	}{
		"all can": {
			func(turn.Reply) part { return part{think: time.Second, speak: time.Second, outcome: turn.Spoken} },
			[]string{"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"},
			turns, 0,
		},
		"some cannot": {mixed, []string{"p0", "p1", "p2", "p3", "p4", "p6", "p7", "p8"}, turns * 7 / 10, turns * 3 / 10},
	} {
		p := turn.Default()
		p.Mode, p.Responders.Otherwise = turn.ModeAll, 1
		s := newSim(t, p, c.plays)
		s.ask(turns)
		sum, squares := 0.0, 0.0
		for _, seat := range c.able {
			n := float64(s.heardOf[seat])
			sum, squares = sum+n, squares+n*n
		}
		if jain := sum * sum / (float64(len(c.able)) * squares); jain < 0.9 || int(sum) < c.least {
			t.Errorf("%s: %v replies, Jain's index %.3f: %v", name, sum, jain, s.heardOf)
		}
		if s.starts != turns || len(s.turns) != turns || turns-int(sum) > c.unheard {
			t.Errorf("%s: %d replies begun in %d turns, %v heard", name, s.starts, len(s.turns), sum)
		}
		if n := s.reasons[turn.ReasonOverResponders]; n < 8*turns {
			t.Errorf("%s: %d were over the responders", name, n)
		}
	}
}
