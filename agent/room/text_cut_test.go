package room_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sensory-agent/sensory-agent/agent/room"
)

func TestTextThatTheModelRefusesIsCut(t *testing.T) {
	long := strings.Repeat("ä", 10_000)
	got := room.CutText("x" + long)
	if !utf8.ValidString(got) || len(got) > room.KeptText+64 || !strings.HasPrefix(got, "xä") || !strings.Contains(got, "20001 bytes") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
	if got := room.CutText("short"); got != "short… (5 bytes, too long for the model)" {
		t.Errorf("%q", got)
	}
}
