package memory_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sensory-agent/sensory-agent/cognition/memory"
)

// figures are what a script says of the rules.
type figures struct {
	turns, planted, kept     int
	found                    int // plants that are remembered, about whom they are
	right, junk              int // memories of a plant that holds; memories of nothing planted
	echoes, leaks            int
	missed, wrong, suspected []string
}

func (f *figures) recall() float64    { return float64(f.found) / float64(f.planted) }
func (f *figures) precision() float64 { return float64(f.right) / float64(f.kept) }
func (f *figures) junkRate() float64  { return float64(f.junk) / float64(f.kept) }

func (f *figures) add(o figures) {
	f.turns, f.planted, f.kept, f.found = f.turns+o.turns, f.planted+o.planted, f.kept+o.kept, f.found+o.found
	f.right, f.junk, f.echoes, f.leaks = f.right+o.right, f.junk+o.junk, f.echoes+o.echoes, f.leaks+o.leaks
}

// judge compares what is kept with what was planted.
func (s *script) judge(p played, mode memory.Mode) figures {
	f := figures{turns: len(s.turns)}
	var holds, planted []plant
	for _, turn := range s.turns {
		for _, x := range turn.plants {
			if planted = append(planted, x); !x.auto || mode == memory.Auto {
				holds = append(holds, x)
			}
		}
		holds = slices.DeleteFunc(holds, func(x plant) bool { return slices.Contains(turn.ends, x.id) })
	}
	f.planted = len(holds)
	var active []memory.Memory
	for _, m := range p.memories {
		if m.Status == memory.Active {
			active = append(active, m)
		}
	}
	f.kept = len(active)
	for _, m := range active {
		matches := func(x plant) bool { return x.matches(m) }
		switch {
		case slices.ContainsFunc(holds, func(x plant) bool { return x.matches(m) && x.subject == m.Subject }):
			f.right++
		case slices.ContainsFunc(planted, matches):
			f.wrong = append(f.wrong, m.Subject+": "+m.Text)
		default:
			f.junk++
			f.wrong = append(f.wrong, "junk: "+m.Text)
		}
	}
	for _, x := range holds {
		if slices.ContainsFunc(active, func(m memory.Memory) bool { return x.matches(m) && x.subject == m.Subject }) {
			f.found++
		} else {
			f.missed = append(f.missed, x.id+" "+strings.Join(x.words, " "))
		}
	}
	for _, turn := range s.turns {
		for _, w := range turn.echo {
			f.echoes += count(active, w)
		}
		for _, w := range turn.hostile {
			for _, b := range p.blocks {
				if says(b.Text, w) {
					f.leaks++
					f.suspected = append(f.suspected, w)
				}
			}
		}
	}
	return f
}

func count(active []memory.Memory, word string) int {
	n := 0
	for _, m := range active {
		if says(m.Text, word) {
			n++
		}
	}
	return n
}

// heldOut is the script that no rule was made with.
const heldOut = "workshop.txt"

// TestWhatIsRememberedOfConversations plays the scripts, with a persona that remembers on request
// and with one that does of its own accord.
func TestWhatIsRememberedOfConversations(t *testing.T) {
	for _, mode := range []memory.Mode{memory.OnRequest, memory.Auto} {
		var all figures
		for _, name := range []string{"greenhouse.txt", "ship.txt", "office.txt", heldOut} {
			s := readScript(t, name)
			f := s.judge(s.play(t, mode), mode)
			all.add(f)
			t.Logf("%s, %s: %d turns, %d planted, %d kept: recall %.3f, precision %.3f, junk %.3f, echoes %d, leaks %d",
				name, mode, f.turns, f.planted, f.kept, f.recall(), f.precision(), f.junkRate(), f.echoes, f.leaks)
			if f.recall() < 0.7 || f.precision() < 0.9 || f.junkRate() > 0.05 || f.echoes > 0 || f.leaks > 0 {
				t.Errorf("%s, %s: missed %q, wrong %q, leaked %q", name, mode, f.missed, f.wrong, f.suspected)
			} else if name != heldOut {
				t.Logf("missed %q, wrong %q", f.missed, f.wrong)
			}
		}
		if all.turns < 200 {
			t.Errorf("%d turns", all.turns)
		}
		t.Logf("all, %s: %d turns, %d planted, %d kept: recall %.3f, precision %.3f, junk %.3f", mode, all.turns, all.planted, all.kept,
			all.recall(), all.precision(), all.junkRate())
	}
}

// says tells whether a text has a word or words, whole.
func says(text, word string) bool {
	spaced := func(s string) string {
		return " " + strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune(" \n.,:;!?'\"", r) }), " ") + " "
	}
	return strings.Contains(spaced(text), spaced(word))
}
