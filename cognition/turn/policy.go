package turn

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sensory-agent/sensory-agent/cognition/turn/interrupt"
)

// Mode decides who answers what is addressed to nobody by name.
type Mode string

// Modes.
const (
	ModeAuto     Mode = "auto"     // one person here: the front persona; more: only who is meant
	ModeFront    Mode = "front"    // the front persona
	ModeMentions Mode = "mentions" // only who is meant
	ModeAll      Mode = "all"      // everybody
	// ModeSpecialty has those answer who know about what is spoken of, and the front persona where
	// nobody does.
	ModeSpecialty Mode = "specialty"
)

// Context decides what later speakers of a turn know.
type Context string

// Contexts.
const (
	Sequential Context = "sequential" // what those before them say
	Parallel   Context = "parallel"   // the question only
)

// Vouched says whose identity somebody has vouched for: what such people say about others is
// remembered, of all others what they say about themselves.
type Vouched string

// Who is vouched for.
const (
	VouchedTokens Vouched = "tokens" // who joined with a token of their own that does not call them a guest
	VouchedMarked Vouched = "marked" // only those whose token says so
	VouchedNobody Vouched = "nobody"
)

// Policy is how a room's conversation goes. Default has the values that hold unless something else
// is said; the zero value is not valid.
type Policy struct {
	Mode Mode
	// Front is the front persona's seat; empty for the first.
	Front      string
	Responders Responders
	// FollowUp is how long the persona that answered somebody last is still meant by them.
	FollowUp time.Duration
	Context  Context
	// Capacity is how many replies think at once here; 0 for all. LaneCap is the same of each lane
	// that is named by seats, for those that Lanes does not list.
	Capacity, LaneCap int
	Lanes             []Lane
	// Rounds is how often all who were asked together are asked for more when they have answered; a
	// round in which nobody says anything is the last.
	Rounds int
	// HearAgents has programs that are no seats heard and answered, as personas are by each other:
	// where they call one by its name, within Hops, turns and pairs.
	HearAgents bool
	// Hops is how often one persona may wake another by its name after a person has spoken.
	Hops int
	// TurnsSoft is how many replies there may be since a person spoke before personas wake no more
	// of each other; TurnsHard bounds all replies. Only people reset them.
	TurnsSoft, TurnsHard int
	// One persona wakes a certain other one at most PairTurns times within PairWindow.
	PairTurns  int
	PairWindow time.Duration
	// Invitation is how long a short word counts as the answer to a question of a persona.
	Invitation time.Duration
	// Duck is how loud a persona goes on while somebody speaks and it is not clear yet whether they
	// mean it. At 0 it pauses, and only the words of the whole utterance stop it: it goes on where
	// it was, unless they ask something of it.
	Duck float32
	// Vouched says whom personas believe about others when they remember; the room decides by it,
	// no table does.
	Vouched Vouched
	// Blind says that no interim transcripts come.
	Blind       bool
	Endpointing Endpointing
	Waiting     Waiting
	Looking     Looking
	Floor       Floor
	// Speculate has a persona think of its answer as soon as it is likely what is asked, before it
	// is certain that the speaker has finished.
	Speculate bool
	Away      Away
	Idle      Idle
}

// Responders bound how many answer; 0 is no bound.
type Responders struct {
	Named     int `json:"named"`     // of those called by name
	Group     int `json:"group"`     // where everybody is called
	Otherwise int `json:"otherwise"` // where nobody is
}

// Lane is where replies are generated that are not made here, and how many at once.
type Lane struct {
	Name string `json:"name"`
	Cap  int    `json:"cap"`
}

// Waiting bounds the questions that wait for their answer.
type Waiting struct {
	Places int           // questions of different people; more than that nobody waits for
	Limit  time.Duration // a question that waited longer is not what its asker thinks of any more
	Passes int           // spoken questions that go before a written one that came earlier
}

// Floor says how personas take turns at being audible.
type Floor struct {
	Gap      time.Duration // silence between two of them, in the mean
	Spread   time.Duration // how much it varies, by turn and persona: half of that to each side
	HeadWait time.Duration // the first in order is waited for while another is ready
	// GrantExpires is how long one that has the floor may stay silent while another is ready.
	GrantExpires time.Duration
	// HoldMax is how long one may be audible while another is ready.
	HoldMax time.Duration
	// Stale is how long a reply may be kept from the floor by people and by other agents; then it
	// is written instead.
	Stale time.Duration
	// Duck is how long somebody speaks over a persona before it is made quieter, or pauses, and
	// Stop how long before it is stopped where nobody tells what is said (Policy.Blind); 0 for
	// those of package interrupt.
	Duck, Stop time.Duration
	// FalseInterruption is how long after an utterance that stopped a persona its words are waited
	// for before it, or the others, go on.
	FalseInterruption time.Duration
	// Silent is how long nothing of an answer may leave that is to be heard, before it is given up;
	// 0 for ever.
	Silent time.Duration
}

// Default returns the policy that holds unless something else is said.
func Default() Policy {
	return Policy{
		Mode: ModeAuto, Context: Sequential, Vouched: VouchedTokens, Invitation: 20 * time.Second,
		Responders: Responders{Group: 4}, FollowUp: 8 * time.Second, LaneCap: 4,
		Hops: 1, TurnsSoft: 8, TurnsHard: 20, PairTurns: 3, PairWindow: 5 * time.Minute,
		Waiting:     Waiting{Places: 8, Limit: time.Minute, Passes: 2},
		Looking:     Looking{Subscribe: 2 * time.Second, Dark: 5 * time.Second, Screen: []string{"screen"}},
		Endpointing: Endpointing{Max: 3 * time.Second, Adapt: true},
		Floor: Floor{
			Gap: 250 * time.Millisecond, Spread: 200 * time.Millisecond, HeadWait: 800 * time.Millisecond,
			GrantExpires: 1500 * time.Millisecond, HoldMax: time.Minute, Stale: 12 * time.Second,
			Duck: 96 * time.Millisecond, Stop: 500 * time.Millisecond, FalseInterruption: 2 * time.Second,
			Silent: 10 * time.Second,
		},
		Away: Away{After: 10 * time.Second, Asked: true},
	}
}

// capOf is how many replies think at once in a lane; 0 for all.
func (p *Policy) capOf(lane string) int {
	if lane == "" {
		return p.Capacity
	}
	for _, l := range p.Lanes {
		if l.Name == lane {
			return l.Cap
		}
	}
	return p.LaneCap
}

// most bounds every number and span of a policy.
const (
	mostPlaces = 1024
	mostHops   = 3
	mostSpan   = 24 * time.Hour
	leastWait  = 200 * time.Millisecond // as long as it takes to notice that somebody is silent
	mostWait   = time.Minute            // for somebody to go on speaking: no utterance is longer
)

// Validate names the first setting that cannot be used. Its error is a *PolicyError.
func (p *Policy) Validate() error {
	switch p.Mode {
	case ModeAuto, ModeFront, ModeMentions, ModeAll, ModeSpecialty:
	default:
		return &PolicyError{"mode", fmt.Sprintf("%q is none: auto, front, mentions, all or specialty", p.Mode)}
	}
	switch p.Context {
	case Sequential, Parallel:
	default:
		return &PolicyError{"context", fmt.Sprintf("%q is none: sequential or parallel", p.Context)}
	}
	switch p.Vouched {
	case VouchedTokens, VouchedMarked, VouchedNobody:
	default:
		return &PolicyError{"vouched", fmt.Sprintf("%q is none: tokens, marked or nobody", p.Vouched)}
	}
	if !(p.Duck >= 0 && p.Duck <= 1) { // NaN is neither
		return &PolicyError{"duck", "not from 0 to 1"}
	}
	for _, n := range p.counts() {
		if n.value < n.least || n.value > n.most {
			return &PolicyError{n.key, fmt.Sprintf("%d is not from %d to %d", n.value, n.least, n.most)}
		}
	}
	if p.TurnsHard < p.TurnsSoft {
		return &PolicyError{"persona_turns.hard", fmt.Sprintf("%d is less than soft, %d", p.TurnsHard, p.TurnsSoft)}
	}
	for i, l := range p.Lanes {
		twice := slices.ContainsFunc(p.Lanes[:i], func(o Lane) bool { return o.Name == l.Name })
		if l.Name == "" || l.Cap < 1 || l.Cap > mostPlaces || twice || strings.Contains(l.Name, "=") {
			return &PolicyError{"lanes", fmt.Sprintf("%q with %d: a name of its own without =, and 1 to %d", l.Name, l.Cap, mostPlaces)}
		}
	}
	for _, w := range p.Looking.Screen {
		if w == "" || w != strings.ToLower(w) || strings.Contains(w, ",") {
			return &PolicyError{"looking.screen", fmt.Sprintf("%q is not in lower case, is empty, or holds a comma", w)}
		}
	}
	switch e := p.Endpointing; {
	case e.Max < leastWait || e.Max > mostWait:
		return &PolicyError{"endpointing.max", fmt.Sprintf("%v is not from %v to %v", e.Max, leastWait, mostWait)}
	case e.Min > e.Max:
		return &PolicyError{"endpointing.min", fmt.Sprintf("%v is longer than max, %v", e.Min, e.Max)}
	}
	if len(p.Idle.Say) > mostIdle {
		return &PolicyError{"idle.say", fmt.Sprintf("%d bytes; at most %d", len(p.Idle.Say), mostIdle)}
	}
	for _, d := range p.spans() {
		if d.value < 0 || d.value > mostSpan {
			return &PolicyError{d.key, fmt.Sprintf("%v is not from 0 to %v", d.value, mostSpan)}
		}
	}
	if f := p.Floor; f.Duck > f.Stop && f.Stop > 0 || f.Duck > interrupt.VoiceStop || f.Stop > interrupt.VoiceStop {
		return &PolicyError{"floor.stop", fmt.Sprintf("%v is not from floor.duck, %v, to %v", f.Stop, f.Duck, interrupt.VoiceStop)}
	}
	return nil
}

type count struct {
	key         string
	value       int
	least, most int
}

func (p *Policy) counts() []count {
	r := p.Responders
	return []count{
		{"capacity", p.Capacity, 0, mostPlaces},
		{"lane_cap", p.LaneCap, 1, mostPlaces},
		{"responders.named", r.Named, 0, mostPlaces},
		{"responders.group", r.Group, 0, mostPlaces},
		{"responders.otherwise", r.Otherwise, 0, mostPlaces},
		{"hops", p.Hops, 0, mostHops},
		{"follow_up_rounds", p.Rounds, 0, mostHops},
		{"persona_turns.soft", p.TurnsSoft, 0, mostPlaces},
		{"persona_turns.hard", p.TurnsHard, 1, mostPlaces},
		{"pair.turns", p.PairTurns, 0, mostPlaces},
		{"waiting.places", p.Waiting.Places, 1, mostPlaces},
		{"waiting.passes", p.Waiting.Passes, 0, mostPlaces},
	}
}

type span struct {
	key   string
	value time.Duration
}

func (p *Policy) spans() []span {
	f := p.Floor
	return []span{
		{"follow_up_window", p.FollowUp},
		{"pair.window", p.PairWindow},
		{"invitation", p.Invitation},
		{"waiting.limit", p.Waiting.Limit},
		{"looking.subscribe", p.Looking.Subscribe},
		{"looking.dark", p.Looking.Dark},
		{"endpointing.min", p.Endpointing.Min},
		{"endpointing.max", p.Endpointing.Max},
		{"floor.gap", f.Gap},
		{"floor.spread", f.Spread},
		{"floor.head_wait", f.HeadWait},
		{"floor.grant_expires", f.GrantExpires},
		{"floor.hold_max", f.HoldMax},
		{"floor.stale", f.Stale},
		{"floor.duck", f.Duck},
		{"floor.stop", f.Stop},
		{"floor.false_interruption", f.FalseInterruption},
		{"floor.silent", f.Silent},
		{"away.after", p.Away.After},
		{"idle.after", p.Idle.After},
	}
}
