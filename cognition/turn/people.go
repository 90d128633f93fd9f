package turn

import (
	"cmp"
	"slices"
)

// Bounds of who is remembered.
const (
	peopleKept = 1024 // who are here; of those beyond only their own marks tell whether they are agents
	agentsKept = 64   // agents that have left: what they wrote may arrive after them
)

// participant is somebody who is here.
type participant struct {
	name  string
	agent bool
}

// people knows which participants are agents.
//
// Agents are neither heard nor answered: two of them would answer each other for ever. Who is not
// known is answered: a server announces somebody who publishes nothing up to 3 s after they have
// joined (livekit-server 1.13 gathers such news), and a text of theirs is here before. An agent
// among them gives itself away by the mark of its text, if it is one of ours, or by publishing its
// voice, which is announced at once.
type people struct {
	here map[string]participant // by identity
	left []string               // agents who are not here any more, the latest last
	// dropped counts those who were too many to be remembered.
	dropped uint64
}

func (p *people) joined(who, name string, agent bool) {
	if _, here := p.here[who]; !here && len(p.here) >= peopleKept {
		p.dropped++
		return
	}
	p.here[who] = participant{name, agent}
	p.left = slices.DeleteFunc(p.left, func(l string) bool { return l == who })
}

func (p *people) gone(who string) {
	if p.here[who].agent {
		if len(p.left) == agentsKept {
			p.left = slices.Delete(p.left, 0, 1)
		}
		p.left = append(p.left, who)
	}
	delete(p.here, who)
}

// isAgent tells whether somebody is, or was when they left.
func (p *people) isAgent(who string) bool { return p.here[who].agent || slices.Contains(p.left, who) }

// anybody tells whether a person is here.
func (p *people) anybody() bool {
	for _, x := range p.here {
		if !x.agent {
			return true
		}
	}
	return false
}

// humans are the people who are here, in the order of their identities.
func (p *people) humans() []Human {
	out := make([]Human, 0, len(p.here))
	for who, x := range p.here {
		if !x.agent {
			out = append(out, Human{Identity: who, Name: x.name})
		}
	}
	slices.SortFunc(out, func(a, b Human) int { return cmp.Compare(a.Identity, b.Identity) })
	return out
}
