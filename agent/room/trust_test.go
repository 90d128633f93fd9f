package room_test

import (
	"testing"

	"github.com/sensory-agent/sensory-agent/agent/lk"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/memory"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// TestTrust: whose word about others is believed, by what the server says of them and by the
// policy.
func TestTrust(t *testing.T) {
	guest, vouched := map[string]string{"sensory_agent.guest": "true"}, map[string]string{"sensory_agent.vouched": "true"}
	both := map[string]string{"sensory_agent.guest": "true", "sensory_agent.vouched": "true"}
	for name, c := range map[string]struct {
		who                    lk.Participant
		gone                   bool
		tokens, marked, nobody memory.Trust
	}{
		"somebody":               {lk.Participant{}, false, memory.Known, memory.Claimed, memory.Claimed},
		"who has left":           {lk.Participant{}, true, memory.Claimed, memory.Claimed, memory.Claimed},
		"a guest":                {lk.Participant{Attributes: guest}, false, memory.Claimed, memory.Claimed, memory.Claimed},
		"marked":                 {lk.Participant{Attributes: vouched}, false, memory.Known, memory.Known, memory.Claimed},
		"marked by themselves":   {lk.Participant{Attributes: vouched, OwnAttributes: true}, false, memory.Known, memory.Claimed, memory.Claimed},
		"marked and a guest":     {lk.Participant{Attributes: both}, false, memory.Claimed, memory.Claimed, memory.Claimed},
		"a program":              {lk.Participant{Agent: true}, false, memory.Claimed, memory.Claimed, memory.Claimed},
		"a caller":               {lk.Participant{Other: true}, false, memory.Claimed, memory.Claimed, memory.Claimed},
		"a caller who is marked": {lk.Participant{Other: true, Attributes: vouched}, false, memory.Known, memory.Known, memory.Claimed},
		"a mark that says no":    {lk.Participant{Other: true, Attributes: map[string]string{"sensory_agent.vouched": "false"}}, false, memory.Claimed, memory.Claimed, memory.Claimed},
	} {
		for by, want := range map[turn.Vouched]memory.Trust{turn.VouchedTokens: c.tokens, turn.VouchedMarked: c.marked, turn.VouchedNobody: c.nobody} {
			if got := room.Trust(c.who, !c.gone, by); got != want {
				t.Errorf("%s, %s: %v, want %v", name, by, got, want)
			}
		}
	}
}
