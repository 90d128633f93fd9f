package turn

import "slices"

// Bounds of who is remembered.
const (
	peopleKept = 1024 // who are here; of those beyond only their own marks tell whether they are agents
	agentsKept = 64   // agents that have left: what they wrote may arrive after them
)

// people knows which participants are agents.
//
// Agents are neither heard nor answered: two of them would answer each other for ever. Who is not
// known is answered: a server announces somebody who publishes nothing up to 3 s after they have
// joined (livekit-server 1.13 gathers such news), and a text of theirs is here before. An agent
// among them gives itself away by the mark of its text, if it is one of ours, or by publishing its
// voice, which is announced at once.
type people struct {
	agent map[string]bool // by identity, of those who are here
	left  []string        // agents who are not here any more, the latest last
	// dropped counts those who were too many to be remembered.
	dropped uint64
}

func (p *people) joined(who string, agent bool) {
	if _, here := p.agent[who]; !here && len(p.agent) >= peopleKept {
		p.dropped++
		return
	}
	p.agent[who] = agent
	p.left = slices.DeleteFunc(p.left, func(l string) bool { return l == who })
}

func (p *people) gone(who string) {
	if p.agent[who] {
		if len(p.left) == agentsKept {
			p.left = slices.Delete(p.left, 0, 1)
		}
		p.left = append(p.left, who)
	}
	delete(p.agent, who)
}

// isAgent tells whether somebody is, or was when they left.
func (p *people) isAgent(who string) bool { return p.agent[who] || slices.Contains(p.left, who) }

// humans counts the people who are here.
func (p *people) humans() int {
	n := 0
	for _, agent := range p.agent {
		if !agent {
			n++
		}
	}
	return n
}
