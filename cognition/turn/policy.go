package turn

import (
	"fmt"
	"strings"
	"time"
)

// Mode decides who answers what is addressed to nobody by name.
type Mode string

// Modes.
const (
	ModeAuto     Mode = "auto"     // one person here: the front persona; more: only who is meant
	ModeFront    Mode = "front"    // the front persona
	ModeMentions Mode = "mentions" // only who is meant
	ModeAll      Mode = "all"      // everybody
)

// Context decides what later speakers of a turn know.
type Context string

// Contexts.
const (
	Sequential Context = "sequential" // what those before them say
	Parallel   Context = "parallel"   // the question only
)

// Policy is how a room's conversation goes. Default has the values that hold unless something else
// is said; the zero value is not valid.
type Policy struct {
	Mode Mode
	// Front is the front persona's seat; empty for the first.
	Front   string
	Context Context
	// Capacity is how many replies think at once; 0 for all.
	Capacity int
	// Invitation is how long a short word counts as the answer to a question of a persona.
	Invitation time.Duration
	// Duck is how loud a persona goes on while somebody speaks and it is not clear yet whether they
	// mean it.
	Duck float32
	// Blind says that no interim transcripts come.
	Blind   bool
	Waiting Waiting
	Looking Looking
	Floor   Floor
}

// Waiting bounds the questions that wait for their answer.
type Waiting struct {
	Places int           // questions of different people; more than that nobody waits for
	Limit  time.Duration // a question that waited longer is not what its asker thinks of any more
	Passes int           // spoken questions that go before a written one that came earlier
}

// Looking bounds the wait for a picture, and says which one is meant.
type Looking struct {
	// Subscribe is how long a question waits for a track that its asker has just published: a
	// server needs some 100 ms from publishing to the first packet, a busy one a second.
	Subscribe time.Duration
	// Dark is how long a track may show nothing before it counts as dark.
	Dark time.Duration
	// Screen are words by which a shared screen is meant rather than a camera, in lower case.
	Screen []string
}

// Floor says how personas take turns at being audible.
type Floor struct {
	Gap      time.Duration // silence between two of them
	Spread   time.Duration // and up to so much more, by turn and persona
	HeadWait time.Duration // the first in order is waited for while another is ready
	// GrantExpires is how long one that has the floor may stay silent while another is ready.
	GrantExpires time.Duration
	// HoldMax is how long one may be audible while another is ready.
	HoldMax time.Duration
	// Stale is how long a reply may be kept from the floor by people and by other agents; then it
	// is written instead.
	Stale time.Duration
	// FalseInterruption is how long after an utterance that stopped a persona its words are waited
	// for before the others go on.
	FalseInterruption time.Duration
}

// Default returns the policy that holds unless something else is said.
func Default() Policy {
	return Policy{
		Mode: ModeAuto, Context: Sequential, Invitation: 20 * time.Second, Duck: 0.3,
		Waiting: Waiting{Places: 8, Limit: time.Minute, Passes: 2},
		Looking: Looking{Subscribe: 2 * time.Second, Dark: 5 * time.Second, Screen: []string{"screen"}},
		Floor: Floor{
			Gap: 250 * time.Millisecond, Spread: 200 * time.Millisecond, HeadWait: 800 * time.Millisecond,
			GrantExpires: 1500 * time.Millisecond, HoldMax: time.Minute, Stale: 12 * time.Second,
			FalseInterruption: 2 * time.Second,
		},
	}
}

// most bounds every number and span of a policy.
const (
	mostPlaces = 1024
	mostSpan   = 24 * time.Hour
)

// Validate names the first setting that cannot be used. Its error is a *PolicyError.
func (p *Policy) Validate() error {
	switch p.Mode {
	case ModeAuto, ModeFront, ModeMentions, ModeAll:
	default:
		return &PolicyError{"mode", fmt.Sprintf("%q is none: auto, front, mentions or all", p.Mode)}
	}
	switch p.Context {
	case Sequential, Parallel:
	default:
		return &PolicyError{"context", fmt.Sprintf("%q is none: sequential or parallel", p.Context)}
	}
	if !(p.Duck >= 0 && p.Duck <= 1) { // NaN is neither
		return &PolicyError{"duck", "not from 0 to 1"}
	}
	for _, n := range []struct {
		key   string
		value int
		least int
	}{{"capacity", p.Capacity, 0}, {"waiting.places", p.Waiting.Places, 1}, {"waiting.passes", p.Waiting.Passes, 0}} {
		if n.value < n.least || n.value > mostPlaces {
			return &PolicyError{n.key, fmt.Sprintf("%d is not from %d to %d", n.value, n.least, mostPlaces)}
		}
	}
	for _, w := range p.Looking.Screen {
		if w == "" || w != strings.ToLower(w) || strings.Contains(w, ",") {
			return &PolicyError{"looking.screen", fmt.Sprintf("%q is not in lower case, is empty, or holds a comma", w)}
		}
	}
	for _, d := range p.spans() {
		if d.value < 0 || d.value > mostSpan {
			return &PolicyError{d.key, fmt.Sprintf("%v is not from 0 to %v", d.value, mostSpan)}
		}
	}
	return nil
}

type span struct {
	key   string
	value time.Duration
}

func (p *Policy) spans() []span {
	f := p.Floor
	return []span{
		{"invitation", p.Invitation},
		{"waiting.limit", p.Waiting.Limit},
		{"looking.subscribe", p.Looking.Subscribe},
		{"looking.dark", p.Looking.Dark},
		{"floor.gap", f.Gap},
		{"floor.spread", f.Spread},
		{"floor.head_wait", f.HeadWait},
		{"floor.grant_expires", f.GrantExpires},
		{"floor.hold_max", f.HoldMax},
		{"floor.stale", f.Stale},
		{"floor.false_interruption", f.FalseInterruption},
	}
}
