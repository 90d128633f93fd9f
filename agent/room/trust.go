package room

import (
	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// Attributes that say of somebody, where they are "true", whether their identity was vouched for.
// Who makes tokens puts them there.
const (
	attrGuest   = "sensory_agent.guest"
	attrVouched = "sensory_agent.vouched"
)

// trust is how far somebody can be relied on to be who they say they are, when personas remember
// what they say about others. here is whether they are in the room. A caller, or a stream that is
// fed into the room, is only as good as a mark says. A mark that vouches counts for nothing with
// somebody who may change their own attributes; one that says guest always counts. Of somebody who
// has just come and publishes nothing a server tells some seconds late: until then they count as
// not here.
func trust(p lk.Participant, here bool, by turn.Vouched) memory.Trust {
	const yes = "true"
	marked := p.Attributes[attrVouched] == yes && !p.OwnAttributes
	switch {
	case !here || p.Attributes[attrGuest] == yes:
		return memory.Claimed
	case by == turn.VouchedTokens && (!p.Other && !p.Agent || marked), by == turn.VouchedMarked && marked:
		return memory.Known
	}
	return memory.Claimed
}
