package memory_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

func TestDuplicatesRaiseACount(t *testing.T) {
	first := plainly(t, 1, "I like tulips")
	again := try(said(5, "I like tulips"), "I like tulips").decide(gate(), first)
	want := first
	want.Count, want.Updated, want.Sources, want.Expires = 2, noon.Add(5*time.Minute), []string{"u1", "u5"}, first.Expires.Add(4*time.Minute)
	if diff := cmp.Diff(want, again.Memory); diff != "" || again.Reason != memory.ReasonDuplicate || again.Outcome != memory.Drop {
		t.Errorf("%s; %s %s", diff, again.Outcome, again.Reason)
	}
	if diff := cmp.Diff(memory.Change{Put: []memory.Memory{want}}, again.Change); diff != "" {
		t.Error(diff)
	}
	// The same once more changes nothing, whether by its id or by what it cites.
	for _, known := range []memory.Memory{first, want} {
		x := try(said(1, "I like tulips"), "I like tulips")
		if known.Count == 2 {
			x = try(said(5, "I like tulips"), "I like tulips")
		}
		if d := x.decide(gate(), known); d.Reason != memory.ReasonDuplicate || !d.Change.Empty() || !cmp.Equal(d.Memory, known) {
			t.Errorf("%+v", d)
		}
	}
	// One of less trust raises the count, and is no source.
	guest := try(said(7, "I like tulips"), "I like tulips")
	guest.Trust = memory.Claimed
	d := guest.decide(gate(), first)
	if d.Memory.Count != 2 || d.Memory.Trust != memory.Known || len(d.Memory.Sources) != 1 {
		t.Errorf("%+v", d.Memory)
	}
	if again := guest.decide(gate(), d.Memory); !again.Change.Empty() {
		t.Errorf("counted twice: %+v", again.Memory)
	}
	// An older one changes nothing.
	if d := try(said(0, "I like tulips"), "I like tulips").decide(gate(), first); !d.Change.Empty() {
		t.Errorf("%+v", d)
	}
	// What has no end keeps none, and the count has an end.
	first.Expires, first.Count = time.Time{}, memory.MaxCount
	if d := try(said(5, "I like tulips"), "I like tulips").decide(gate(), first); !d.Memory.Expires.IsZero() || d.Memory.Count != memory.MaxCount {
		t.Errorf("%+v", d.Memory)
	}
}

// TestWhatIsTheSame and what is not.
func TestWhatIsTheSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want memory.Reason
	}{
		{"I like tulips", "Ada likes tulips", memory.ReasonDuplicate},
		{"I like tulips", "I love tulips", memory.ReasonDuplicate},
		{"I don't like tulips", "I hate tulips", memory.ReasonDuplicate},
		{"my favourite colour is blue", "Ada's favourite colour is blue", memory.ReasonDuplicate},
		{"I can't eat nuts", "I cannot eat nuts", memory.ReasonDuplicate},
		{"my name is Ada", "Ada's name is Ada", memory.ReasonDuplicate},
		{"the old key to the shed hangs behind the door", "the key to the shed hangs behind the door", memory.ReasonDuplicate},
		{"I like cats", "I like a cat", memory.ReasonDuplicate},
		{"I like berries", "I like a berry", memory.ReasonDuplicate},
		{"I like tulips", "I like roses", memory.ReasonNew},
		{"I like tulips", "I do not like tulips", memory.ReasonSupersedes},
		{"I like tulips", "I hate tulips", memory.ReasonSupersedes},
		{"my favourite colour is blue", "my favourite colour is green now", memory.ReasonSupersedes},
		{"my favourite colour is blue", "my favourite tree is an oak", memory.ReasonNew},
		{"my name is Ada", "my name is Adele", memory.ReasonSupersedes},
		{"my sister is called Ruth", "my sister is named Eve", memory.ReasonSupersedes},
		{"my sister is called Ruth", "my sister is a nurse", memory.ReasonNew},
		{"my office is on the second floor", "my office is on the third floor", memory.ReasonSupersedes},
		{"my coat is behind the door", "my coat is under the bed", memory.ReasonSupersedes},
		{"I live in Utrecht", "I moved to Delft", memory.ReasonSupersedes},
		{"I live in Utrecht", "I work in Delft", memory.ReasonNew},
		{"I work as a nurse", "I work as a cook", memory.ReasonSupersedes},
		{"I work as a nurse", "I work at the station", memory.ReasonNew},
		{"I am from Delft", "I am from Utrecht", memory.ReasonSupersedes},
		{"I am vegan", "I am not vegan", memory.ReasonSupersedes},
		{"I am vegan", "I am married", memory.ReasonNew},
		{"I have two cats", "I have three cats", memory.ReasonSupersedes},
		{"I have two cats", "I have two dogs", memory.ReasonNew},
		{"the meeting is on Tuesday at ten", "the meeting is on Wednesday at ten", memory.ReasonSupersedes},
		{"the meeting is on Tuesday at ten", "the meeting is important", memory.ReasonNew},
		{"the greenhouse closes at six", "the greenhouse closes at seven", memory.ReasonSupersedes},
		{"the greenhouse closes at six", "the greenhouse smells nice", memory.ReasonNew},
		{"the freezer is broken", "the freezer is not broken", memory.ReasonSupersedes},
		{"the size of the blue cupboard in the long hall on the left is 4711", "the size of the blue cupboard in the long hall on the left is 4712", memory.ReasonSupersedes},
	} {
		first := try(said(1, c.a), c.a).decide(gate())
		d := try(said(2, c.b), c.b).decide(gate(), first.Memory)
		if d.Reason != c.want {
			t.Errorf("%q after %q: %s %s", c.b, c.a, d.Outcome, d.Reason)
		}
	}
}

func TestContradictionSupersedes(t *testing.T) {
	blue := plainly(t, 1, "my favourite colour is blue")
	d := try(said(5, "my favourite colour is green"), "my favourite colour is green").decide(gate(), blue)
	ended := blue
	ended.Status, ended.Reason, ended.Ended, ended.SupersededBy = memory.Superseded, memory.ReasonContradict, noon.Add(5*time.Minute), d.Memory.ID
	if diff := cmp.Diff([]memory.Memory{ended, d.Memory}, d.Change.Put); diff != "" || d.Reason != memory.ReasonSupersedes || d.Outcome != memory.Admit || d.Memory.Reason != d.Reason {
		t.Errorf("%s; %s %s", diff, d.Outcome, d.Reason)
	}
	// And back: what ended does not keep it from being said again.
	back := try(said(9, "my favourite colour is blue"), "my favourite colour is blue").decide(gate(), d.Change.Put...)
	if back.Reason != memory.ReasonSupersedes || len(back.Change.Put) != 2 || back.Change.Put[0].ID != d.Memory.ID {
		t.Errorf("%s %s, %+v", back.Outcome, back.Reason, back.Change.Put)
	}
	// The first utterance once more is the first memory, whatever became of it.
	if again := try(said(1, "my favourite colour is blue"), "my favourite colour is blue").decide(gate(), d.Change.Put...); again.Reason != memory.ReasonDuplicate || !again.Change.Empty() {
		t.Errorf("%+v", again)
	}
	// Less trust does not undo more.
	guest := try(said(5, "my favourite colour is green"), "my favourite colour is green")
	guest.Trust = memory.Claimed
	if d := guest.decide(gate(), blue); d.Reason != memory.ReasonContradicts || d.Outcome != memory.Quarantine || len(d.Change.Put) != 1 || d.Memory.Status != memory.Quarantined {
		t.Errorf("%+v", d)
	}
}

// TestOtherRoomsAreOtherThings but for people whom both know for certain.
func TestOtherRoomsAreOtherThings(t *testing.T) {
	for _, c := range []struct {
		text, now string
		trust     memory.Trust
		room      string
		persona   string
		want      memory.Reason
	}{
		{"my favourite colour is blue", "my favourite colour is green", memory.Known, "attic", "iris", memory.ReasonSupersedes},
		{"my favourite colour is blue", "my favourite colour is green", memory.Claimed, "attic", "iris", memory.ReasonNew},
		{"my favourite colour is blue", "my favourite colour is green", memory.Claimed, "lobby", "iris", memory.ReasonSupersedes},
		{"the meeting is at ten", "the meeting is at six", memory.Known, "attic", "iris", memory.ReasonNew},
		{"the meeting is at ten", "the meeting is at ten", memory.Known, "attic", "iris", memory.ReasonNew},
		{"the meeting is at ten", "the meeting is at ten", memory.Known, "lobby", "iris", memory.ReasonDuplicate},
		{"the meeting is at ten", "the meeting is at ten", memory.Known, "lobby", "max", memory.ReasonNew},
	} {
		m := plainly(t, 1, c.text)
		m.Room, m.Trust, m.Persona = c.room, c.trust, c.persona
		if d := try(said(2, c.now), c.now).decide(gate(), m); d.Reason != c.want {
			t.Errorf("%+v: %s", c, d.Reason)
		}
	}
}
