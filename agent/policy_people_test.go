package agent_test

import (
	"fmt"
	"testing"

	"github.com/sensory-agent/sensory-agent/agent"
)

func TestAgentsAreNotAnswered(t *testing.T) {
	p := agent.NewPeople()
	ignored := uint64(0)
	want := func(step, who string, marked, answered bool) {
		t.Helper()
		if got := p.Answers(who, marked); got != answered {
			t.Errorf("%s: %s, marked %v: answered is %v", step, who, marked, got)
		}
		if !answered {
			ignored++
		}
		if p.Ignored != ignored {
			t.Errorf("%s: %d ignored, want %d", step, p.Ignored, ignored)
		}
	}
	want("before the news of who joined", "ada", false, true)
	want("before the news of who joined", "iris", true, false)
	p.Joined("ada", false)
	p.Joined("iris", true)
	want("here", "ada", false, true)
	want("here", "iris", false, false)
	want("here, marked by somebody", "ada", true, false)
	p.Left("ada")
	p.Left("iris")
	want("gone", "ada", false, true)
	want("gone", "iris", false, false)
	p.Joined("iris", false) // a human of that name
	want("back as a human", "iris", false, true)
	p.Left("iris")
	want("gone as a human", "iris", false, true)
}

func TestFewAgentsAreRememberedAfterTheyLeft(t *testing.T) {
	p := agent.NewPeople()
	for i := range agent.AgentsRemembered + 1 {
		who := fmt.Sprint(i)
		p.Joined(who, true)
		p.Left(who)
	}
	if !p.Answers("0", false) || p.Answers("1", false) || p.Answers(fmt.Sprint(agent.AgentsRemembered), false) {
		t.Errorf("not the latest %d are remembered", agent.AgentsRemembered)
	}
}
