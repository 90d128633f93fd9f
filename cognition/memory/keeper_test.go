package memory_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

// table is a keeper with what it keeps.
type table struct {
	t *testing.T
	*memory.Keeper
	known []memory.Memory
}

func keeper(t *testing.T, mode memory.Mode) *table {
	return &table{t: t, Keeper: memory.NewKeeper(*gate(), "lobby", mode)}
}

// hear returns the reasons of what was decided.
func (k *table) hear(u memory.Utterance) []memory.Reason {
	k.t.Helper()
	d, c, err := k.Heard(u, k.known)
	return k.take(d, c, err)
}

func (k *table) answer(to, text string, notes ...memory.Note) []memory.Reason {
	k.t.Helper()
	d, c, err := k.Answered(memory.Answer{
		To: to, Said: memory.Utterance{ID: to + "/answer", Speaker: "iris", Text: text, At: noon}, Notes: notes,
	}, k.known)
	return k.take(d, c, err)
}

func (k *table) take(d []memory.Decision, c memory.Change, err error) []memory.Reason {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
	var out []memory.Reason
	for _, d := range d {
		out = append(out, d.Reason)
	}
	k.known = c.Apply(k.known)
	return out
}

func (k *table) expect(what string, got []memory.Reason, want ...memory.Reason) {
	k.t.Helper()
	if !slices.Equal(got, want) {
		k.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestKeeperModes(t *testing.T) {
	plain, asked := said(1, "I live in Utrecht"), said(2, "remember that I like tulips")
	for mode, want := range map[memory.Mode][3][]memory.Reason{
		memory.Never:     {},
		memory.OnRequest: {nil, {memory.ReasonNew}, {memory.ReasonNotAsked}},
		memory.Auto:      {{memory.ReasonNew}, {memory.ReasonNew}, {memory.ReasonDuplicate}},
	} {
		k := keeper(t, mode)
		k.expect("plain", k.hear(plain), want[0]...)
		k.expect("asked", k.hear(asked), want[1]...)
		k.expect("noted", k.answer("u1", "Utrecht.", memory.Note{Text: "Ada lives in Utrecht"}), want[2]...)
		if b := k.Recall(k.known, everybody(), noon, "x"); (b.Text == "") != (mode == memory.Never) {
			t.Errorf("%s: %q", mode, b.Text)
		}
		if k.Room() != "lobby" || k.Persona() != "iris" || k.Mode() != mode {
			t.Error("who it is")
		}
		for want, u := range map[bool][]memory.Utterance{
			mode != memory.Never: {asked, said(1, "forget that I like tulips")}, mode == memory.Auto: {plain}, false: {said(1, "hello")},
		} {
			for _, u := range u {
				if k.Asks(u) != want {
					t.Errorf("%s: %q: %v", mode, u.Text, !want)
				}
				if u.Role = memory.Persona; k.Asks(u) {
					t.Errorf("%s: the persona asks", mode)
				}
			}
		}
	}
}

func TestKeeperTakesWhatAnAnswerNotes(t *testing.T) {
	k := keeper(t, memory.OnRequest)
	k.hear(said(1, "Iris, remember that my sister Ruth is a nurse"))
	k.expect("what was asked for", k.answer("u1", "A nurse.", memory.Note{Text: "Ada's sister Ruth is a nurse", About: "Ada", Kind: memory.Profile},
		memory.Note{Text: "Ruth works in Rome"}, memory.Note{Text: "A nurse is busy"}), memory.ReasonDuplicate, memory.ReasonUnsupported, memory.ReasonUnsupported)
	if len(k.known) != 1 || k.known[0].Count != 1 {
		t.Errorf("the same utterance counts once: %+v", k.known)
	}
	k.hear(said(2, "what do you know?"))
	k.expect("a question", k.answer("u2", "Ruth is a nurse.", memory.Note{Text: "Ruth is a nurse"}), memory.ReasonNotAsked)

	k = keeper(t, memory.Auto)
	k.hear(said(1, "my sister Ruth is a nurse"))
	k.known = nil
	k.expect("what was said", k.answer("u1", "", memory.Note{Text: "Ada's sister Ruth is a nurse", About: "Ada", Kind: memory.Profile}), memory.ReasonNew)
	if m := k.known[0]; m.Subject != "person:ada" || m.Speaker != "ada" || m.Trust != memory.Known || !m.Created.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v", m)
	}
	k.expect("nobody", k.answer("u9", "Hello.", memory.Note{Text: "Ada's sister Ruth is a nurse"}), memory.ReasonSelfEcho)
	k.expect("itself", k.answer("u1/answer", "The oak is old and tall", memory.Note{Text: "The oak is old and tall"}), memory.ReasonSelfEcho)
	k.hear(said(2, "is the oak old?"))
	k.expect("a question", k.answer("u2", "The oak is old and tall", memory.Note{Text: "The oak is old and tall"}), memory.ReasonSelfEcho)
	if _, _, err := k.Answered(memory.Answer{To: "u1", Said: memory.Utterance{Text: "x"}}, nil); !errors.Is(err, memory.ErrInvalid) {
		t.Error(err)
	}
	many := make([]memory.Note, memory.MaxNotes+5)
	if got := k.answer("u1", "", many...); len(got) != memory.MaxNotes {
		t.Errorf("%d of %d notes", len(got), len(many))
	}
}

func TestKeeperForgets(t *testing.T) {
	k := keeper(t, memory.Auto)
	k.hear(said(1, "remember that I have two cats. Remember that I like tulips."))
	if len(k.known) != 2 {
		t.Fatalf("%+v", k.known)
	}
	k.expect("forget", k.hear(said(2, "forget that I have two cats")))
	if len(k.known) != 1 || k.known[0].Text != "I like tulips" {
		t.Errorf("%+v", k.known)
	}
	k.expect("what was asked to be forgotten", k.answer("u2", "Forgotten.", memory.Note{Text: "Ada has two cats"}), memory.ReasonSelfEcho)
	k.expect("and in one breath", k.hear(said(3, "forget that I like tulips. Remember that I like roses.")), memory.ReasonSelfEcho)
	k.hear(said(4, "forget everything about me"))
	if len(k.known) != 0 {
		t.Errorf("%+v", k.known)
	}
}

// TestKeeperKnowsWhoIsThere by what they are called now.
func TestKeeperKnowsWhoIsThere(t *testing.T) {
	k := keeper(t, memory.OnRequest)
	k.Joined(memory.Person{ID: "bob-1", Names: []string{"Robert"}})
	k.Joined(memory.Person{ID: "bob-1"})
	k.Joined(memory.Person{})
	k.Joined(memory.Person{ID: "a\nb", Names: []string{"Zed"}})
	k.Joined(memory.Person{ID: strings.Repeat("x", 129), Names: []string{"Zoe"}})
	k.expect("Robert", k.hear(said(1, "remember that Robert likes tea")), memory.ReasonNew)
	k.Joined(memory.Person{ID: "bob-1", Names: []string{"Bob"}})
	k.expect("Robert no more", k.hear(said(2, "remember that Robert likes tea")), memory.ReasonNew)
	k.expect("Bob", k.hear(said(3, "remember that Bob hates coffee")), memory.ReasonNew)
	k.expect("Zed", k.hear(said(4, "remember that Zed hates tea")), memory.ReasonNew)
	var got []string
	for _, m := range k.known {
		got = append(got, m.Subject)
	}
	if diff := cmp.Diff([]string{"person:bob-1", "name:robert", "person:bob-1", "name:zed"}, got); diff != "" {
		t.Error(diff)
	}
	zoe := said(4, "hello")
	zoe.ID, zoe.Speaker, zoe.Name = "z", "guest-z", "Zoe"
	k.hear(zoe)
	k.expect("who spoke", k.hear(said(5, "remember that Zoe hates tea")), memory.ReasonNew)
	if m := k.known[len(k.known)-1]; m.Subject != "person:guest-z" {
		t.Errorf("%+v", m)
	}
	for n := range 300 {
		k.Joined(memory.Person{ID: fmt.Sprint("guest-", n)})
	}
	k.expect("long gone", k.hear(said(6, "remember that Bob hates sugar")), memory.ReasonNew)
	if m := k.known[len(k.known)-1]; m.Subject != "name:bob" {
		t.Errorf("%+v", m)
	}
}

func TestKeeperIsToldNonsense(t *testing.T) {
	k := keeper(t, memory.Auto)
	for name, change := range map[string]func(*memory.Utterance){
		"no id": func(u *memory.Utterance) { u.ID = "" }, "a long id": func(u *memory.Utterance) { u.ID = strings.Repeat("x", 129) },
		"nobody": func(u *memory.Utterance) { u.Speaker = "" }, "an odd speaker": func(u *memory.Utterance) { u.Speaker = "a\x00" },
		"a long speaker": func(u *memory.Utterance) { u.Speaker = strings.Repeat("x", 129) }, "an odd id": func(u *memory.Utterance) { u.ID = "\xff" },
		"no role": func(u *memory.Utterance) { u.Role = "" }, "no trust": func(u *memory.Utterance) { u.Trust = 7 }, "no time": func(u *memory.Utterance) { u.At = time.Time{} },
	} {
		u := said(1, "remember that I like tulips")
		change(&u)
		d, c, err := k.Heard(u, nil)
		if !errors.Is(err, memory.ErrInvalid) || d != nil || !c.Empty() {
			t.Errorf("%s: %v", name, err)
		}
	}
	u := said(1, "remember that I like tulips")
	u.Role = memory.Other
	k.expect("another agent", k.hear(u))
	long := said(2, strings.Repeat("remember that I like tulips. ", 5000))
	if got := k.hear(long); len(got) != memory.MaxNotes {
		t.Errorf("%d", len(got))
	}
}

// TestLineageIsBounded: what was said long ago cannot be cited.
func TestLineageIsBounded(t *testing.T) {
	var l memory.Lineage
	for n := range 130 {
		l.Add(said(n, "x"))
	}
	for n, want := range map[int]bool{0: false, 1: false, 2: true, 129: true} {
		if _, found := l.Get(fmt.Sprint("u", n)); found != want {
			t.Errorf("%d: %v", n, found)
		}
	}
	l.Add(said(129, "y"))
	l.Add(said(2, strings.Repeat("ä", memory.MaxHeard)))
	if u, _ := l.Get("u129"); u.Text != "y" {
		t.Errorf("%+v", u)
	}
	if u, _ := l.Get("u2"); len(u.Text) > memory.MaxHeard || !strings.HasPrefix(u.Text, "ää") {
		t.Errorf("%d bytes", len(u.Text))
	}
	if _, found := l.Get("u3"); !found {
		t.Error("one with the same id took another's place")
	}
}

func TestKeeperRecallsAndTidies(t *testing.T) {
	k := keeper(t, memory.OnRequest)
	for n := range 40 {
		k.hear(said(n, fmt.Sprintf("remember that I like %s number %d", strings.Repeat("very ", 20), n)))
	}
	for n := range 12 {
		k.hear(said(50+n, "where is my blue umbrella?"))
	}
	umbrella := held(0, "the blue umbrella is in the hall", "room", nil)
	others := held(0, "the blue umbrella is lost", "room", func(m *memory.Memory) { m.Persona = "max" })
	all := append(slices.Clone(k.known), umbrella, others)
	b := k.Recall(all, everybody(), noon.Add(3*time.Minute), "consolidated")
	if b.Note != "consolidated 12:03" || !slices.Contains(b.IDs, umbrella.ID) || slices.Contains(b.IDs, others.ID) {
		t.Errorf("%+v", b)
	}
	if again := k.Recall(all, everybody(), noon.Add(4*time.Minute), "consolidated"); again.Text != b.Text || again.Note == b.Note {
		t.Errorf("the same memories give other bytes: %q", again.Text)
	}
	k.Bound(300)
	if b := k.Recall(all, everybody(), noon, "x"); len(b.Text) > 300 || !slices.Equal(b.IDs, []string{umbrella.ID}) {
		t.Errorf("%d bytes: %+v", len(b.Text), b)
	}
	if got := k.Consolidate(all, noon.AddDate(2, 0, 0)); len(got.Put) != len(k.known) {
		t.Errorf("%d of %d", len(got.Put), len(k.known))
	}
}
