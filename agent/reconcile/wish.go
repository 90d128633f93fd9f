package reconcile

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// Reason says in one word why an action is taken, or not. The set is closed.
type Reason string

// Reasons.
const (
	// ReasonDropped: no worker took the dispatch, and the server has given it up.
	ReasonDropped Reason = "dropped"
	// ReasonLost: an agent was there and has gone, and somebody is waiting for it.
	ReasonLost Reason = "lost"
	// ReasonOrphaned: a reconciler died at work on it.
	ReasonOrphaned Reason = "orphaned"
	// ReasonFinished: a claim is of no use any more, its dispatch is back.
	ReasonFinished Reason = "finished"
	// ReasonTwice: there are two dispatches for one wish, made by a reconciler that was stopped for
	// longer than a lease; the later one goes.
	ReasonTwice Reason = "twice"
)

// action is something to do.
type action struct {
	kind   actionKind
	reason Reason
	room   string
	root   string     // id of the dispatch that was asked for first
	target Dispatch   // to replace, adopt or delete
	rest   []Dispatch // claims to delete after an adoption
}

type actionKind string

const (
	replace actionKind = "replace" // claim, delete, create
	adopt   actionKind = "adopt"   // the same, of the claim that another left
	sweep   actionKind = "sweep"   // delete
)

// roomView is what was seen of a room.
type roomView struct {
	name         string
	dispatches   []Dispatch
	participants []Participant
	// known tells that participants were asked for.
	known bool
}

// wish is one thing that somebody asked for, and what there is of it.
type wish struct {
	room, root string
	live       []Dispatch // dispatches that can have an agent
	claims     []Dispatch
	view       *roomView
}

// machine decides. It has no clock and no I/O, and belongs to one goroutine.
type machine struct {
	cfg     machineConfig
	seen    map[string]time.Time // dispatch id: when it was seen first, by this machine
	absent  map[string]time.Time // dispatch id: since when its agent is not in the room
	names   map[key]*pace
	tried   map[string]bool // roots that were dispatched again, where that is done once
	waiting int             // dispatches that nobody serves, at the last look
	claims  int             // claims of dispatches that are not there, at the last look
	young   int             // dispatches that the server may still be asking for
	due     time.Time       // when the first of those will have been given up; zero where there is none
}

type machineConfig struct {
	agents   []string
	grace    time.Duration
	lease    time.Duration
	lost     time.Duration
	inFlight int
	// once has everything tried once only.
	once bool
	// free tells whether a worker may be free; nil means that nobody knows.
	free func(agent string) bool
}

// key is what workers are chosen by.
type key struct{ agent, deployment string }

// pace is how many dispatches of one key may be under way at once: one until a worker shows, and
// twice as many whenever all of them were served.
type pace struct {
	window  int
	failed  bool                 // an attempt was given up
	pending map[string]time.Time // dispatch id of an attempt: since when
}

func newMachine(cfg machineConfig) *machine {
	return &machine{cfg: cfg, seen: map[string]time.Time{}, absent: map[string]time.Time{}, names: map[key]*pace{}, tried: map[string]bool{}}
}

// wants tells whether dispatches of this name are this reconciler's business.
func (m *machine) wants(agent string) bool { return slices.Contains(m.cfg.agents, agent) }

// wanted is what tells wishes of a room apart: the agent's name besides the id, since an agent may
// hand its attributes on to another one that it sends for.
type wanted struct{ root, agent string }

// wishes groups the dispatches of a room by what was asked for first, in the order of their ids.
func wishes(view *roomView) []wish {
	grouped := map[wanted]*wish{}
	var all []wanted
	for _, d := range view.dispatches {
		of := wanted{cmp.Or(d.Attributes[AttributeDispatch], d.ID), d.Agent}
		if d.Agent == ClaimAgent {
			of.agent = d.Attributes[AttributeAgent]
		}
		w := grouped[of]
		if w == nil {
			w = &wish{room: view.name, root: of.root, view: view}
			grouped[of] = w
			all = append(all, of)
		}
		if d.Agent == ClaimAgent {
			w.claims = append(w.claims, d)
		} else {
			w.live = append(w.live, d)
		}
	}
	slices.SortFunc(all, func(a, b wanted) int { return cmp.Or(cmp.Compare(a.root, b.root), cmp.Compare(a.agent, b.agent)) })
	out := make([]wish, len(all))
	for i, of := range all {
		out[i] = *grouped[of]
		slices.SortFunc(out[i].live, older)
		slices.SortFunc(out[i].claims, older)
	}
	return out
}

// older puts dispatches into the order that every reconciler agrees on.
func older(a, b Dispatch) int {
	return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
}

// agent is the name of the agent that a wish is for.
func (w wish) agent() string {
	if len(w.live) > 0 {
		return w.live[0].Agent
	}
	return w.claims[0].Attributes[AttributeAgent]
}

// served tells whether an agent for a dispatch is in its room although the server has no job of it:
// the answer of its worker came just too late for the server, but in time for the worker.
func (m *machine) served(d Dispatch, view *roomView) bool {
	if len(d.Identities) > 0 || !view.known {
		return false
	}
	taken := map[string]bool{}
	for _, other := range view.dispatches {
		for _, id := range other.Identities {
			taken[id] = true
		}
	}
	return slices.ContainsFunc(view.participants, func(p Participant) bool {
		return !p.Human && p.Agent == d.Agent && !taken[p.Identity] && d.Agent != ""
	})
}

// attempt is how often a dispatch was dispatched again.
func attempt(d Dispatch) int {
	n, err := strconv.Atoi(d.Attributes[AttributeAttempt])
	if err != nil || n < 0 {
		return 0
	}
	return n
}
