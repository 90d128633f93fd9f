package script

import (
	"strconv"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Begin is the policy of a conversation before its first event. It never changes, so that a script
// means the same for ever: turn.Default as it was when the first were written, and what has come
// since as if it were not there. What a room's policy has besides stands in the script.
func Begin() turn.Policy {
	p := turn.Default()
	p.Duck, p.Floor.Silent, p.Away, p.Idle, p.Speculate = 0.3, 0, turn.Away{}, turn.Idle{}, false
	return p
}

// policy writes what differs from Begin, and reads over it.
func policy(c *codec, p *turn.Policy) {
	def := Begin()
	if c.reading {
		*p = def
	}
	setting(c, "mode", (*string)(&p.Mode), string(def.Mode), same, readText)
	setting(c, "front", &p.Front, def.Front, same, readText)
	setting(c, "context", (*string)(&p.Context), string(def.Context), same, readText)
	setting(c, "vouched", (*string)(&p.Vouched), string(def.Vouched), same, readText)
	setting(c, "duck", &p.Duck, def.Duck, func(f float32) string { return strconv.FormatFloat(float64(f), 'g', -1, 32) }, readFloat)
	setting(c, "hear_agents", &p.HearAgents, def.HearAgents, strconv.FormatBool, strconv.ParseBool)
	setting(c, "endpointing.adapt", &p.Endpointing.Adapt, def.Endpointing.Adapt, strconv.FormatBool, strconv.ParseBool)
	setting(c, "speculate", &p.Speculate, def.Speculate, strconv.FormatBool, strconv.ParseBool)
	setting(c, "away.asked", &p.Away.Asked, def.Away.Asked, strconv.FormatBool, strconv.ParseBool)
	setting(c, "idle.say", &p.Idle.Say, def.Idle.Say, same, readText)
	setting(c, "blind", &p.Blind, def.Blind, strconv.FormatBool, strconv.ParseBool)
	for _, n := range []struct {
		name string
		v    *int
		def  int
	}{
		{"capacity", &p.Capacity, def.Capacity},
		{"lane_cap", &p.LaneCap, def.LaneCap},
		{"responders.named", &p.Responders.Named, def.Responders.Named},
		{"responders.group", &p.Responders.Group, def.Responders.Group},
		{"responders.otherwise", &p.Responders.Otherwise, def.Responders.Otherwise},
		{"hops", &p.Hops, def.Hops},
		{"follow_up_rounds", &p.Rounds, def.Rounds},
		{"persona_turns.soft", &p.TurnsSoft, def.TurnsSoft},
		{"persona_turns.hard", &p.TurnsHard, def.TurnsHard},
		{"pair.turns", &p.PairTurns, def.PairTurns},
		{"waiting.places", &p.Waiting.Places, def.Waiting.Places},
		{"waiting.passes", &p.Waiting.Passes, def.Waiting.Passes},
	} {
		setting(c, n.name, n.v, n.def, strconv.Itoa, strconv.Atoi)
	}
	waits(c, p, &def)
	lanes(c, &p.Lanes)
	screen := strings.Join(p.Looking.Screen, ",")
	setting(c, "looking.screen", &screen, strings.Join(def.Looking.Screen, ","), same, readText)
	p.Looking.Screen = nil
	if screen != "" {
		p.Looking.Screen = strings.Split(screen, ",")
	}
}

// waits are the settings that are spans of time.
func waits(c *codec, p, def *turn.Policy) {
	for _, s := range []struct {
		name string
		v    *time.Duration
		def  time.Duration
	}{
		{"follow_up_window", &p.FollowUp, def.FollowUp},
		{"pair.window", &p.PairWindow, def.PairWindow},
		{"invitation", &p.Invitation, def.Invitation},
		{"waiting.limit", &p.Waiting.Limit, def.Waiting.Limit},
		{"looking.subscribe", &p.Looking.Subscribe, def.Looking.Subscribe},
		{"looking.dark", &p.Looking.Dark, def.Looking.Dark},
		{"endpointing.min", &p.Endpointing.Min, def.Endpointing.Min},
		{"endpointing.max", &p.Endpointing.Max, def.Endpointing.Max},
		{"floor.gap", &p.Floor.Gap, def.Floor.Gap},
		{"floor.spread", &p.Floor.Spread, def.Floor.Spread},
		{"floor.head_wait", &p.Floor.HeadWait, def.Floor.HeadWait},
		{"floor.grant_expires", &p.Floor.GrantExpires, def.Floor.GrantExpires},
		{"floor.hold_max", &p.Floor.HoldMax, def.Floor.HoldMax},
		{"floor.stale", &p.Floor.Stale, def.Floor.Stale},
		{"floor.duck", &p.Floor.Duck, def.Floor.Duck},
		{"floor.stop", &p.Floor.Stop, def.Floor.Stop},
		{"floor.silent", &p.Floor.Silent, def.Floor.Silent},
		{"away.after", &p.Away.After, def.Away.After},
		{"idle.after", &p.Idle.After, def.Idle.After},
		{"floor.false_interruption", &p.Floor.FalseInterruption, def.Floor.FalseInterruption},
	} {
		setting(c, s.name, s.v, s.def, time.Duration.String, time.ParseDuration)
	}
}

// lanes are any number of lane=name=cap.
func lanes(c *codec, v *[]turn.Lane) {
	words := make([]string, len(*v))
	for i, l := range *v {
		words[i] = l.Name + "=" + strconv.Itoa(l.Cap)
	}
	c.list("lane", &words)
	if !c.reading {
		return
	}
	for _, w := range words {
		end := max(0, strings.LastIndexByte(w, '='))
		most, err := strconv.Atoi(strings.TrimPrefix(w[end:], "="))
		if err != nil {
			c.fail("lane=%q: a name and a number are expected, as in lane=\"far=4\"", w)
			return
		}
		*v = append(*v, turn.Lane{Name: w[:end], Cap: most})
	}
}

func same(s string) string { return s }

func readText(s string) (string, error) { return s, nil }

// setting is name=value where the value is not the default.
func setting[T comparable](c *codec, name string, v *T, def T, write func(T) string, read func(string) (T, error)) {
	if !c.reading {
		if *v != def {
			c.space()
			c.out = append(append(c.out, name...), '=')
			c.out = appendWord(c.out, write(*v))
		}
		return
	}
	s, ok := c.take(name, false)
	if !ok {
		return
	}
	x, err := read(s)
	if err != nil {
		c.fail("%s=%q: %v", name, s, err)
		return
	}
	*v = x
}
