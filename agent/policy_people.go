package agent

import "slices"

// agentsRemembered are agents that have left: what they wrote may arrive after them.
const agentsRemembered = 64

// attrPersona marks what a persona writes in the chat, so that others know it for what it is before they know its sender.
const attrPersona = "sensory_agent.persona"

// people knows which participants are agents. It is pure and belongs to the loop.
//
// Agents are neither heard nor answered: two of them would answer each other for ever. Who is not known is answered: a server announces somebody
// who publishes nothing up to 3 s after they have joined (livekit-server 1.13 gathers such news), and a text of theirs is here before. An agent
// among them gives itself away by the mark of its text, if it is one of ours, or by publishing its voice, which is announced at once.
type people struct {
	agent map[string]bool // by identity, of those who are here
	left  []string        // agents who are not here any more, the latest last
	// Ignored counts texts of agents.
	Ignored uint64
}

func newPeople() *people { return &people{agent: map[string]bool{}} }

// Joined takes note of a participant.
func (p *people) Joined(who string, agent bool) {
	p.agent[who] = agent
	p.left = slices.DeleteFunc(p.left, func(l string) bool { return l == who })
}

// Left takes note that a participant is gone.
func (p *people) Left(who string) {
	if p.agent[who] {
		if len(p.left) == agentsRemembered {
			p.left = slices.Delete(p.left, 0, 1)
		}
		p.left = append(p.left, who)
	}
	delete(p.agent, who)
}

// Answers tells whether a text is to be answered. agent is what its packet says of its sender; false may mean that it does not know.
func (p *people) Answers(who string, agent bool) bool {
	if agent || p.agent[who] || slices.Contains(p.left, who) {
		p.Ignored++
		return false
	}
	return true
}
