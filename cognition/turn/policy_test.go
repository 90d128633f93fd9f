package turn_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

func TestPoliciesThatCannotBeUsed(t *testing.T) {
	for key, change := range map[string]func(*turn.Policy){
		"mode":     func(p *turn.Policy) { p.Mode = "some" },
		"context":  func(p *turn.Policy) { p.Context = "" },
		"duck":     func(p *turn.Policy) { p.Duck = float32(math.NaN()) },
		"duck ":    func(p *turn.Policy) { p.Duck = 1.1 },
		"duck  ":   func(p *turn.Policy) { p.Duck = -0.1 },
		"capacity": func(p *turn.Policy) { p.Capacity = -1 },
		"lane_cap": func(p *turn.Policy) { p.LaneCap = 0 },
		"lanes":    func(p *turn.Policy) { p.Lanes = []turn.Lane{{Name: "", Cap: 1}} },
		"lanes ":   func(p *turn.Policy) { p.Lanes = []turn.Lane{{Name: "a", Cap: 0}} },
		"lanes  ":  func(p *turn.Policy) { p.Lanes = []turn.Lane{{Name: "a", Cap: 1025}} },
		"lanes   ": func(p *turn.Policy) {
			p.Lanes = []turn.Lane{{Name: "a", Cap: 1}, {Name: "b", Cap: 1}, {Name: "a", Cap: 2}}
		},
		"lanes    ":                func(p *turn.Policy) { p.Lanes = []turn.Lane{{Name: "a=b", Cap: 1}} },
		"responders.named":         func(p *turn.Policy) { p.Responders.Named = -1 },
		"responders.group":         func(p *turn.Policy) { p.Responders.Group = -1 },
		"responders.otherwise":     func(p *turn.Policy) { p.Responders.Otherwise = 1025 },
		"hops":                     func(p *turn.Policy) { p.Hops = 4 },
		"follow_up_rounds":         func(p *turn.Policy) { p.Rounds = 4 },
		"persona_turns.soft":       func(p *turn.Policy) { p.TurnsSoft = -1 },
		"persona_turns.hard":       func(p *turn.Policy) { p.TurnsHard = 7 },
		"persona_turns.hard ":      func(p *turn.Policy) { p.TurnsSoft, p.TurnsHard = 0, 0 },
		"pair.turns":               func(p *turn.Policy) { p.PairTurns = -1 },
		"pair.window":              func(p *turn.Policy) { p.PairWindow = -1 },
		"follow_up_window":         func(p *turn.Policy) { p.FollowUp = -1 },
		"waiting.places":           func(p *turn.Policy) { p.Waiting.Places = 0 },
		"waiting.places ":          func(p *turn.Policy) { p.Waiting.Places = 1025 },
		"waiting.passes":           func(p *turn.Policy) { p.Waiting.Passes = -1 },
		"waiting.limit":            func(p *turn.Policy) { p.Waiting.Limit = -1 },
		"invitation":               func(p *turn.Policy) { p.Invitation = -1 },
		"looking.subscribe":        func(p *turn.Policy) { p.Looking.Subscribe = -1 },
		"looking.dark":             func(p *turn.Policy) { p.Looking.Dark = 24*time.Hour + 1 },
		"looking.screen":           func(p *turn.Policy) { p.Looking.Screen = []string{"Screen"} },
		"looking.screen ":          func(p *turn.Policy) { p.Looking.Screen = []string{""} },
		"looking.screen  ":         func(p *turn.Policy) { p.Looking.Screen = []string{"a,b"} },
		"floor.gap":                func(p *turn.Policy) { p.Floor.Gap = -1 },
		"floor.spread":             func(p *turn.Policy) { p.Floor.Spread = -1 },
		"floor.head_wait":          func(p *turn.Policy) { p.Floor.HeadWait = -1 },
		"floor.grant_expires":      func(p *turn.Policy) { p.Floor.GrantExpires = -1 },
		"floor.hold_max":           func(p *turn.Policy) { p.Floor.HoldMax = -1 },
		"floor.stale":              func(p *turn.Policy) { p.Floor.Stale = -1 },
		"floor.duck":               func(p *turn.Policy) { p.Floor.Duck = -1 },
		"floor.stop":               func(p *turn.Policy) { p.Floor.Stop = p.Floor.Duck - 1 },
		"floor.stop ":              func(p *turn.Policy) { p.Floor.Stop = 1201 * time.Millisecond },
		"floor.false_interruption": func(p *turn.Policy) { p.Floor.FalseInterruption = -1 },
	} {
		p := turn.Default()
		change(&p)
		_, err := turn.New(p)
		var which *turn.PolicyError
		if !errors.As(err, &which) || !errors.Is(err, turn.ErrPolicy) || which.Key != strings.TrimSpace(key) || !strings.Contains(err.Error(), which.Key) {
			t.Errorf("%s: %v", key, err)
		}
		table := newTable(t, turn.Default())
		table.Step(0, turn.Reconfigured{Policy: p})
		if n := table.Stats().Dropped; n != 1 {
			t.Errorf("%s: %d dropped", key, n)
		}
	}
	for _, change := range []func(*turn.Policy){
		func(p *turn.Policy) { p.Duck = 0 },
		func(p *turn.Policy) { p.Duck = 1 },
		func(p *turn.Policy) { p.Capacity, p.Waiting.Passes, p.Waiting.Places = 1024, 0, 1 },
		func(p *turn.Policy) { p.Floor = turn.Floor{} },
		func(p *turn.Policy) { p.TurnsSoft, p.TurnsHard, p.Hops, p.Rounds, p.LaneCap = 1, 1, 3, 3, 1 },
		func(p *turn.Policy) { p.Lanes = []turn.Lane{{Name: "a", Cap: 1}, {Name: "b", Cap: 1024}} },
		func(p *turn.Policy) { p.Floor.HoldMax = 24 * time.Hour },
	} {
		p := turn.Default()
		change(&p)
		if _, err := turn.New(p); err != nil {
			t.Error(err)
		}
	}
}

// TestPolicyIsTheTablesOwn: whoever made it may change their copy.
func TestPolicyIsTheTablesOwn(t *testing.T) {
	p := turn.Default()
	p.Lanes, p.Context, p.Mode = []turn.Lane{{Name: "far", Cap: 1}}, turn.Parallel, turn.ModeAll
	for name, table := range map[string]*turn.Table{"made with it": newTable(t, p), "given it": newTable(t, turn.Default())} {
		if name == "given it" {
			table.Step(0, turn.Reconfigured{Policy: p})
		}
		p.Lanes[0].Cap, p.Looking.Screen[0] = 9, "table"
		table.Step(0, turn.Seated{Seat: "iris", Lane: "far", Sees: true})
		table.Step(0, turn.Seated{Seat: "max", Lane: "far"})
		table.Step(0, turn.Opened{Who: "ada", Track: "cam", Source: turn.Camera})
		table.Step(0, turn.Opened{Who: "ada", Track: "screen", Source: turn.Screen})
		var started []turn.Start
		for _, e := range table.Step(0, turn.Asked{Who: "ada", Text: "What is on the table?"}) {
			if s, ok := e.(turn.Start); ok {
				started = append(started, s)
			}
		}
		if len(started) != 1 || started[0].Look != "cam" {
			t.Errorf("%s: %+v", name, started)
		}
		p.Lanes[0].Cap, p.Looking.Screen[0] = 1, "screen"
	}
}
