package room

import (
	"time"

	"github.com/sensory-agent/sensory-agent/agent/limits"
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/reply"
)

// Bounds of what panels get: who may watch one persona, runs that are not over, and bytes of
// answers a second. More than a history of its full length at once is nothing that a panel shows.
const (
	watchersAtOnce = 8
	runsOfOne      = 4
	runsAtOnce     = 16
)

// answerRate is that of the bytes of one persona's answers.
func answerRate() limits.Rate {
	return limits.Rate{Burst: 4 * historyBytes, Per: 2 * historyBytes, Every: time.Second}
}

// panel is what front ends know of a persona's session (lk.agent.session): who watches it, and what
// it has used. It belongs to the actor.
type panel struct {
	watchers []string // identities, in the order in which they came
	used     lk.SessionUsage
	sent     limits.Bucket // bytes of answers
	ducked   time.Time     // since when the voice is held back for somebody who speaks; zero where it is not
	refused  uint64        // answers that were too much
}

// Bounds of the conversation that panels are shown: its newest messages.
const (
	historyItems = 100
	historyBytes = 64 << 10
)

// watch has somebody be told what happens. Of too many the first one is forgotten: who still
// watches asks again.
func (p *panel) watch(who string) {
	for _, w := range p.watchers {
		if w == who {
			return
		}
	}
	if len(p.watchers) == watchersAtOnce {
		p.watchers = p.watchers[1:]
	}
	p.watchers = append(p.watchers, who)
}

// unwatch forgets somebody who is gone.
func (p *panel) unwatch(who string) {
	for i, w := range p.watchers {
		if w == who {
			p.watchers = append(p.watchers[:i:i], p.watchers[i+1:]...)
			return
		}
	}
}

// uses counts what a reply has used.
func (p *panel) uses(t *reply.Trace) {
	u := &p.used
	u.Prompt, u.Reused, u.Answer = u.Prompt+t.PromptTokens, u.Reused+t.Reused, u.Answer+t.Tokens
	if !t.FirstPacket.IsZero() {
		u.Spoken += max(0, t.Done.Sub(t.FirstPacket))
	}
}
