package turn_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFailuresThatOthersHit: each failure of conversations of several agents that is known from
// production has its script, which shows that it does not happen here. TestConversations replays
// them.
func TestFailuresThatOthersHit(t *testing.T) {
	for _, c := range []struct {
		failure, script string
		has             []string // in this order
		hasNot          []string
	}{
		{"a reply that pings another one for ever", "ping_loop", []string{"wakes 1/iris turn=2", "silence 5/iris hop_limit", "silence 9/max pair_limit"}, []string{"start 5/", "start 9/"}},
		{"a budget that its own replies reset", "counter_reset", []string{"wakes 2/max turn=3", "silence 3/iris turn_budget", "silence 4/max turn_budget"}, []string{"start 3/", "start 4/max"}},
		{"a directed call that convenes the room", "directed_call", []string{"silence 1/iris mentioned_only", "silence 1/otto not_addressed", "start 1/max"}, []string{"start 1/iris", "start 1/otto"}},
		{"@room said by a persona", "room_by_persona", []string{`said 1/iris "@room Hello everyone!`, "over 1", "plan 2 max/1 otto/1 iris/1"}, []string{"wakes"}},
		{"everybody silent", "everybody_silent", []string{"over 1", "over 2", "silence 3/iris passed", "silence 3/max passed", "over 3", "skip bob backchannel"}, []string{"start 1/", "start 2/", "said"}},
		{"a mention taken for a call", "mention", []string{"silence 1/iris mentioned_only", "silence 1/max mentioned_only", "silence 2/iris mentioned_only", "start 3/iris"}, []string{"start 1/", "start 2/", "start 3/max"}},
		{"two names", "two_names", []string{"silence 1/otto not_addressed", "plan 1 max/1 iris/1", "said 1/max", "said 1/iris"}, []string{"start 1/otto"}},
		{"a misheard name", "misheard_name", []string{"start 1/iris", "start 2/otto", "silence 3/iris not_addressed"}, []string{"start 3/"}},
		{"human to human", "human_to_human", []string{"silence 1/iris addressed_to_human", "silence 2/iris addressed_to_human", "start 3/iris", "silence 4/max addressed_to_human"}, []string{"start 1/", "start 2/", "start 4/"}},
		{"a persona that dies in mid-reply", "dies_mid_reply", []string{`said 1/iris "A fern" cut`, "silence 1/max failed", "floor 1/otto", `said 1/otto "A plant."`, "over 1"}, nil},
		{"an interruption with three queued", "interruption_queued", []string{"cancel 1/iris interrupted", "floor 1/max", "cancel 1/max interrupted", "cancel 1/otto superseded", "over 1", "plan 2 otto/1 iris/1 max/1"}, []string{"floor 1/otto"}},
		{"a late joiner", "late_joiner", []string{"start 1/iris for ada", "cancel 1/iris again", "start 1/iris#1", `said 1/iris#1 "A red triangle."`}, []string{"cancel 2/iris"}},
		{"a dead provider that is asked again and again", "dead_provider", []string{"silence 1/iris failed", "start 2/max", "start 3/otto", "silence 4/iris failed", "silence 5/max lease_refused", "start 6/otto"}, []string{"start 2/iris", "start 3/iris", "start 6/max"}},
		{"a muted persona that speaks", "muted_of_three", []string{"silence 1/max muted", "silence 2/max muted", "silence 3/iris front_unavailable", "start 4/max", "silence 5/iris muted"}, []string{"start 1/", "start 2/max", "start 3/", "start 5/iris"}},
		{"an answer that comes too late to be heard", "stale_reply", []string{`write 1/iris "A plant."`, "cancel 1/iris stale", "floor 1/max", `said 1/max "It is green."`, `write 2/max "A small plant."`, "cancel 2/max stale", "over 2", "cancel 3/iris stale", "over 3"}, []string{"floor 1/iris", "floor 2/", "floor 3/", "write 3/"}},
		{"an answer that goes on when nobody wants it", "withdrawn", []string{"silence 2/iris withdrawn", "over 2", "finish 1/iris why=withdrawn", "cancel 1/max withdrawn", "silence 1/otto withdrawn", `said 1/iris "A plant." cut`, "over 1"}, []string{"start 2/", "start 1/otto", "floor 1/max"}},
		{"a handle taken for words", "handles", []string{"start 1/max", "plan 2 otto/1 iris/1", "plan 3 max/1 otto/1 iris/1", "silence 4/iris addressed_to_human", "silence 5/iris addressed_to_human", "silence 6/max mentioned_only"}, []string{"start 1/iris", "start 4/", "start 5/", "start 6/max"}},
	} {
		text, err := os.ReadFile(filepath.Join("testdata", c.script+".txt"))
		if err != nil {
			t.Errorf("%s: %v", c.failure, err)
			continue
		}
		rest := string(text)
		for _, want := range c.has {
			_, after, found := strings.Cut(rest, "  → "+want)
			if !found {
				t.Errorf("%s: %s has no %q in its place", c.failure, c.script, want)
				break
			}
			rest = after
		}
		for _, not := range c.hasNot {
			if strings.Contains(string(text), "  → "+not) {
				t.Errorf("%s: %s has %q", c.failure, c.script, not)
			}
		}
	}
}
