package memory_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

func TestConsolidateExpires(t *testing.T) {
	over := held(1, "the door is stuck", "room", func(m *memory.Memory) { m.Expires = noon.Add(time.Hour) })
	later := held(1, "the gate is open", "room", func(m *memory.Memory) { m.Expires = noon.Add(time.Hour + time.Millisecond) })
	waits := held(1, "tell everybody", "room", func(m *memory.Memory) { m.Status, m.Expires = memory.Quarantined, noon })
	all := []memory.Memory{over, later, waits}
	want := over
	want.Status, want.Reason, want.Ended = memory.Expired, memory.ReasonTTL, over.Expires
	got := gate().Consolidate(all, noon.Add(time.Hour))
	if diff := cmp.Diff(memory.Change{Put: []memory.Memory{want}}, got); diff != "" {
		t.Error(diff)
	}
	if want.Check() != nil || all[0].Status != memory.Active {
		t.Error("what was passed changed, or what came is not valid")
	}
}

func TestConsolidateMerges(t *testing.T) {
	a := held(1, "I like tulips", "person:ada", func(m *memory.Memory) { m.Count, m.Expires = 2, noon.Add(time.Hour) })
	b := held(2, "Ada likes tulips", "person:ada", func(m *memory.Memory) { m.Trust, m.Count, m.Expires = memory.Claimed, 3, noon.Add(2*time.Hour) })
	other := held(2, "I like roses", "person:ada", nil)
	merged, gone := a, b
	merged.Count, merged.Updated, merged.Sources, merged.Trust, merged.Expires = 5, b.Updated, []string{"u1", "u2"}, memory.Claimed, b.Expires
	gone.Status, gone.Reason, gone.Ended, gone.SupersededBy = memory.Superseded, memory.ReasonMerged, noon.Add(10*time.Minute), a.ID
	got := gate().Consolidate([]memory.Memory{b, other, a}, noon.Add(10*time.Minute))
	if diff := cmp.Diff([]memory.Memory{merged, gone}, got.Put); diff != "" || len(got.Forget) != 0 {
		t.Error(diff)
	}
	b.Trust, b.Expires = memory.Operator, time.Time{}
	got = gate().Consolidate([]memory.Memory{a, b}, noon.Add(10*time.Minute))
	if m := got.Put[0]; m.Trust != memory.Operator || m.Reason != memory.ReasonPromoted || !m.Expires.IsZero() || m.ID != a.ID {
		t.Errorf("%+v", m)
	}
	a.Trust, b.Trust = memory.Operator, memory.Known
	if m := gate().Consolidate([]memory.Memory{a, b}, noon.Add(10*time.Minute)).Put[0]; m.Trust != memory.Operator {
		t.Errorf("%+v", m)
	}
	a.Trust, a.Count, b.Count = memory.Known, memory.MaxCount, memory.MaxCount
	if m := gate().Consolidate([]memory.Memory{a, b}, noon.Add(10*time.Minute)).Put[0]; m.Count != memory.MaxCount || m.Trust != memory.Known {
		t.Errorf("%+v", m)
	}
	for name, c := range map[string]func(*memory.Memory){
		"of a guest's in another room": func(m *memory.Memory) { m.Room, m.Trust = "attic", memory.Claimed }, "of another persona": func(m *memory.Memory) { m.Persona = "max" },
		"quarantined": func(m *memory.Memory) { m.Status = memory.Quarantined }, "about somebody else": func(m *memory.Memory) { m.Subject = "person:zoe" },
	} {
		x := held(2, "I like tulips", "person:ada", c)
		if got := gate().Consolidate([]memory.Memory{held(1, "I like tulips", "person:ada", nil), x}, noon.Add(time.Hour)); !got.Empty() {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestConsolidateSettles(t *testing.T) {
	blue := held(1, "my favourite colour is blue", "person:ada", nil)
	green := held(2, "my favourite colour is green", "person:ada", nil)
	for _, c := range []struct {
		older, newer memory.Trust
		ended        string
	}{
		{memory.Known, memory.Known, blue.ID}, {memory.Claimed, memory.Known, blue.ID}, {memory.Operator, memory.Known, green.ID},
	} {
		blue.Trust, green.Trust = c.older, c.newer
		got := gate().Consolidate([]memory.Memory{green, blue}, noon.Add(10*time.Minute))
		if len(got.Put) != 1 || got.Put[0].ID != c.ended || got.Put[0].Status != memory.Superseded || got.Put[0].Reason != memory.ReasonContradict ||
			got.Put[0].SupersededBy == c.ended || !got.Put[0].Ended.Equal(noon.Add(10*time.Minute)) {
			t.Errorf("%+v: %+v", c, got.Put)
		}
	}
}

func TestConsolidateDemotes(t *testing.T) {
	g := gate()
	g.Budget = 4
	names := []string{"oak", "elm", "ash", "fir"}
	var list []memory.Memory
	for n, name := range names {
		list = append(list, held(n, "I planted an "+name, "person:ada", nil))
	}
	demoted := func(list []memory.Memory) (ids []string) {
		for _, m := range g.Consolidate(list, noon.Add(time.Hour)).Put {
			if m.Status != memory.Demoted || m.Reason != memory.ReasonCrowded || !m.Ended.Equal(noon.Add(time.Hour)) || m.Check() != nil {
				t.Errorf("%+v", m)
			}
			ids = append(ids, m.ID)
		}
		return ids
	}
	if got := demoted(list[:3]); got != nil {
		t.Errorf("below the budget: %v", got)
	}
	for want, change := range map[int]func(){
		0: func() {}, 1: func() { list[0].Count = 2 }, 2: func() { list[1].Trust = memory.Operator }, 3: func() { list[2].Updated = noon.Add(time.Hour) },
	} {
		for i := range list {
			list[i] = held(i, "I planted an "+names[i], "person:ada", nil)
		}
		for i := range want {
			switch i {
			case 0:
				list[0].Count = 2
			case 1:
				list[1].Trust = memory.Operator
			case 2:
				list[2].Updated = noon.Add(time.Hour)
			}
		}
		change()
		if got := demoted(list); len(got) != 1 || got[0] != list[want].ID {
			t.Errorf("%d: %v", want, got)
		}
	}
	for i := range list {
		list[i].Trust = memory.Operator
	}
	if got := demoted(list); got != nil {
		t.Errorf("what an operator vouches for: %v", got)
	}
	for i := range list {
		list[i].Trust, list[i].Room, list[i].Subject = memory.Known, []string{"lobby", "attic"}[i%2], memory.SubjectRoom
	}
	if got := demoted(list); got != nil {
		t.Errorf("two rooms: %v", got)
	}
	a, b := held(1, "I planted an oak", "person:ada", nil), held(1, "I planted an elm", "person:ada", nil)
	if b.ID < a.ID {
		a, b = b, a
	}
	g.Budget = 2
	if got := demoted([]memory.Memory{b, a}); len(got) != 1 || got[0] != a.ID {
		t.Errorf("of equals: %v", got)
	}
}

func TestConsolidateLetsHistoryGo(t *testing.T) {
	var list []memory.Memory
	for n := range memory.MaxHistory + 2 {
		list = append(list, held(n, fmt.Sprint("I like number ", n), "person:ada", func(m *memory.Memory) {
			m.Status, m.Reason, m.Ended = memory.Expired, memory.ReasonTTL, m.Created.Add(time.Hour)
		}))
	}
	// One that was to be changed as well, and goes.
	list[0].Ended, list[0].Status, list[0].Reason = time.Time{}, memory.Active, memory.ReasonNew
	list[0].Expires = list[0].Created.Add(time.Second)
	got := gate().Consolidate(list, noon.Add(1000*time.Hour))
	if diff := cmp.Diff([]memory.Forgotten{{ID: list[0].ID, Reason: memory.ReasonHistory}, {ID: list[1].ID, Reason: memory.ReasonHistory}}, got.Forget); diff != "" || len(got.Put) != 0 {
		t.Errorf("%s; %+v", diff, got.Put)
	}
	if got := gate().Consolidate(list[2:], noon.Add(1000*time.Hour)); !got.Empty() {
		t.Errorf("%+v", got)
	}
	list[2].Ended, list[3].Ended = list[3].Ended, list[2].Ended
	list[5].Ended = list[3].Ended
	got = gate().Consolidate(append(list[2:], list[1]), noon.Add(1000*time.Hour))
	if len(got.Forget) != 1 || got.Forget[0].ID != list[1].ID {
		t.Errorf("%+v", got)
	}
}

func TestPromote(t *testing.T) {
	now := noon.Add(time.Hour)
	waits := held(1, "Bob likes tea", "person:bob-1", func(m *memory.Memory) {
		m.Status, m.Reason, m.Trust, m.Expires = memory.Quarantined, memory.ReasonAboutOther, memory.Claimed, noon.Add(2*time.Hour)
	})
	want := waits
	want.Status, want.Reason, want.Trust, want.Expires = memory.Active, memory.ReasonPromoted, memory.Operator, time.Time{}
	against := held(2, "Bob does not like tea", "person:bob-1", nil)
	alike := held(3, "Bob likes tea", "person:bob-1", nil)
	other := held(4, "Bob likes cake", "person:bob-1", nil)
	got, err := memory.Promote([]memory.Memory{waits, against, alike, other}, waits.ID, now, 2)
	gone, merged := against, alike
	gone.Status, gone.Reason, gone.Ended, gone.SupersededBy = memory.Superseded, memory.ReasonContradict, now, waits.ID
	merged.Status, merged.Reason, merged.Ended, merged.SupersededBy = memory.Superseded, memory.ReasonMerged, now, waits.ID
	if diff := cmp.Diff(memory.Change{Put: []memory.Memory{gone, merged, want}}, got); diff != "" || err != nil {
		t.Errorf("%s, %v", diff, err)
	}
	for _, m := range got.Put {
		if err := m.Check(); err != nil {
			t.Error(err)
		}
	}
	if got, err := memory.Promote([]memory.Memory{waits, other}, waits.ID, now, 1); !errors.Is(err, memory.ErrBudget) || !got.Empty() {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := memory.Promote([]memory.Memory{waits, other, held(5, "x y z", "room", nil)}, waits.ID, now, 2); len(got.Put) != 1 || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := memory.Promote([]memory.Memory{waits}, "m_0", now, 0); !errors.Is(err, memory.ErrUnknown) || !got.Empty() {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := memory.Promote([]memory.Memory{gone}, gone.ID, now, 0); !errors.Is(err, memory.ErrSuperseded) || !got.Empty() {
		t.Errorf("%+v, %v", got, err)
	}
	old := held(1, "the door is stuck", "room", func(m *memory.Memory) { m.Status, m.Reason, m.Ended = memory.Demoted, memory.ReasonCrowded, now })
	if got, err := memory.Promote([]memory.Memory{old}, old.ID, now, 0); err != nil || got.Put[0].Check() != nil || got.Put[0].Status != memory.Active {
		t.Errorf("%+v, %v", got, err)
	}
}
