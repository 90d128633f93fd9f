package room

import (
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/reply"
)

// TestHowTwoRepliesLieBesideEachOther: in the order in which they end.
func TestHowTwoRepliesLieBesideEachOther(t *testing.T) {
	zero := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	iris, ada := &Seat{}, &Seat{}
	of := func(s *Seat, turn uint64, from, to int) aloud {
		return aloud{s, turn, zero.Add(time.Duration(from) * time.Millisecond), zero.Add(time.Duration(to) * time.Millisecond)}
	}
	first := of(iris, 1, 1000, 2000)
	for name, c := range map[string]struct {
		next         aloud
		gap, overlap time.Duration
	}{
		"after it":             {of(ada, 1, 2250, 3000), 250, 0},
		"to another question":  {of(ada, 2, 2250, 3000), 0, 0},
		"itself":               {of(iris, 1, 2250, 3000), 0, 0},
		"before it has ended":  {of(ada, 2, 1900, 3000), 0, 100},
		"within it":            {of(ada, 1, 1500, 1700), 0, 200},
		"around it":            {of(ada, 1, 500, 2500), 0, 1000},
		"begun before it":      {of(ada, 1, 500, 1200), 0, 200},
		"over before it began": {of(ada, 1, 100, 900), 0, 0},
	} {
		if gap, overlap := c.next.after(first); gap != c.gap*time.Millisecond || overlap != c.overlap*time.Millisecond {
			t.Errorf("%s: a gap of %v, an overlap of %v", name, gap, overlap)
		}
	}
	if gap, overlap := first.after(aloud{}); gap != 0 || overlap != 0 {
		t.Errorf("the first of all: a gap of %v, an overlap of %v", gap, overlap)
	}
}

// TestAStoppedReplyIsAudibleUntilThen: its parts may take longer to end than its sound.
func TestAStoppedReplyIsAudibleUntilThen(t *testing.T) {
	zero := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var a actor
	trace := func(from, done time.Duration) *reply.Trace {
		return &reply.Trace{Turn: 1, FirstPacket: zero.Add(from), Done: zero.Add(done)}
	}
	a.wasAloud(&answer{seat: &Seat{}, stopped: zero.Add(2 * time.Second)}, trace(time.Second, 3*time.Second))
	ada := &Seat{}
	if gap, overlap := a.wasAloud(&answer{seat: ada}, trace(2500*time.Millisecond, 4*time.Second)); gap != 500*time.Millisecond || overlap != 0 {
		t.Errorf("behind one that was stopped: a gap of %v, an overlap of %v", gap, overlap)
	}
	if gap, overlap := a.wasAloud(&answer{seat: &Seat{}, stopped: zero.Add(5 * time.Second)}, trace(3*time.Second, 4500*time.Millisecond)); gap != 0 || overlap != time.Second {
		t.Errorf("stopped when it had ended: a gap of %v, an overlap of %v", gap, overlap)
	}
}
