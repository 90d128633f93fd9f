package agent_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/agent"
)

func TestWhatAsksSomething(t *testing.T) {
	now := time.Unix(1000, 0)
	justNow, longAgo, never := now.Add(-agent.Invitation), now.Add(-agent.Invitation-1), time.Time{}
	for _, c := range []struct {
		text      string
		answering bool
		invited   time.Time
		want      bool
	}{
		{"What is this?", false, never, true},
		{"What is this?", true, never, true},
		{"Mhm.", false, never, false},
		{"Yeah, okay.", true, never, false},
		{"Yes.", false, justNow, true}, // it was asked
		{"Yes.", false, longAgo, false},
		{"Yes.", true, justNow, false}, // it is still speaking
		{"No.", false, never, true},
		{"42", false, never, true},
		{"Да.", false, never, true},
		{"¿?", false, never, false},
	} {
		if got := agent.AsksSomething(c.text, c.answering, c.invited, now); got != c.want {
			t.Errorf("%q, answering %v, invited %v ago: %v", c.text, c.answering, now.Sub(c.invited), got)
		}
	}
}

func TestTextThatTheModelRefusesIsCut(t *testing.T) {
	long := strings.Repeat("ä", 10_000)
	got := agent.CutText("x" + long)
	if !utf8.ValidString(got) || len(got) > agent.KeptText+64 || !strings.HasPrefix(got, "xä") || !strings.Contains(got, "20001 bytes") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
	if got := agent.CutText("short"); got != "short… (5 bytes, too long for the model)" {
		t.Errorf("%q", got)
	}
}
