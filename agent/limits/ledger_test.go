package limits_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/agent/limits"
)

func TestLedgerSaysWhatIsWorthALine(t *testing.T) {
	l := limits.NewLedger()
	for step, c := range []struct {
		who  string
		kind limits.Kind
		want bool
	}{
		{"ada", limits.ChatRate, true},
		{"ada", limits.ChatRate, false},
		{"ada", limits.Encrypted, true},
		{"bob", limits.ChatRate, true},
		{"bob", limits.ChatRate, false},
		{"ada", limits.Encrypted, false},
		{"ada", limits.Encrypted, false},
	} {
		if got := l.Count(c.who, c.kind); got != c.want {
			t.Errorf("step %d: first = %v", step, got)
		}
	}
	want := limits.Stats{
		Refused: map[limits.Kind]uint64{limits.ChatRate: 4, limits.Encrypted: 3},
		Participants: []limits.ParticipantStats{
			{Identity: "ada", Refused: map[limits.Kind]uint64{limits.ChatRate: 2, limits.Encrypted: 3}},
			{Identity: "bob", Refused: map[limits.Kind]uint64{limits.ChatRate: 2}},
		},
	}
	got := l.Stats()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got.Refused[limits.ChatRate] = 99
	got.Participants[0].Refused[limits.ChatRate] = 99
	if diff := cmp.Diff(want, l.Stats()); diff != "" {
		t.Errorf("the counts can be changed through a copy:\n%s", diff)
	}
}

func TestLedgerListsABoundedNumberOfParticipants(t *testing.T) {
	l := limits.NewLedger()
	lines := 0
	for i := range 1000 {
		if l.Count(fmt.Sprintf("p%04d", i), limits.Malformed) {
			lines++
		}
	}
	s := l.Stats()
	if len(s.Participants) != 32 || s.Others != 1000-32 || s.Refused[limits.Malformed] != 1000 {
		t.Errorf("%d listed, %d others, %v", len(s.Participants), s.Others, s.Refused)
	}
	if lines != 33 { // 32 participants, and all others together
		t.Errorf("%d lines", lines)
	}
	if s.Participants[0].Identity != "p0000" || s.Participants[31].Identity != "p0031" {
		t.Error("equal counts are not listed by name")
	}
}

func TestStatsAreJSON(t *testing.T) {
	l := limits.NewLedger()
	if text, err := json.Marshal(l.Stats()); err != nil || string(text) != "{}" {
		t.Errorf("nothing refused is %s, %v", text, err)
	}
	l.Count("ada", limits.Streams)
	text, err := json.Marshal(l.Stats())
	if want := `{"refused":{"streams":1},"participants":[{"identity":"ada","refused":{"streams":1}}]}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
}
