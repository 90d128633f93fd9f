package senses_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/fence"
	"github.com/sensory-agent/sensory-agent/agent/senses"
)

// couple are two pictures an answer, as by default.
var couple = engine.Series{Pictures: 2, Spacing: time.Second, Within: 40 * time.Second}

// TestWhichPicturesAnAnswerIsMadeFrom plays what a camera shows: each line is a time in seconds and
// the scene that is seen then. The last one is the newest; want are the times of those before it.
func TestWhichPicturesAnAnswerIsMadeFrom(t *testing.T) {
	three := engine.Series{Pictures: 3, Spacing: time.Second, Within: 40 * time.Second}
	for name, c := range map[string]struct {
		series engine.Series
		shows  string
		want   string
	}{
		"nothing before":            {couple, "0:1", ""},
		"one picture is taken":      {engine.Series{}, "0:1 5:2 10:3", ""},
		"too near":                  {couple, "0:1 0.9:2", ""},
		"just far enough":           {couple, "0:1 1:2", "0"},
		"the last of a scene":       {couple, "0:1 3:1 6:1 7:2 8:2 9:2", "6"},
		"nothing has changed":       {couple, "0:1 3:1 6:1 9:1 12:1", "0"},
		"for a long time":           {couple, "0:1 10:1 20:1 30:1 41:1 50:1", "20"},
		"held up and taken away":    {couple, "0:1 3:1 5:2 5.3:3 7:3 8:4 8.3:5 9:5 10:5", "7"},
		"the hand is no scene":      {couple, "0:1 3:1 4:2 4.3:3 5:3 6:3", "3"},
		"long ago":                  {couple, "0:1 3:1 5:2 25:2 46:2", "25"},
		"where all moves":           {couple, "0:1 0.3:2 0.6:3 0.9:4 1.2:5 1.5:6 1.8:7 2.1:8 2.4:9", "1.2"},
		"three":                     {three, "0:1 3:1 5:2 9:2 11:3 13:3", "3 9"},
		"three, of which two there": {three, "0:1 4:2 9:2", "0"},
		"three of two scenes":       {three, "0:1 3:1 5:2 9:2", "0 3"},
		"a longer spacing":          {engine.Series{Pictures: 2, Spacing: 5 * time.Second, Within: time.Minute}, "0:1 2:1 4:2 5:2", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			p, begin := senses.NewPast(c.series), time.Now()
			for _, show := range strings.Fields(c.shows) {
				var seconds float64
				var scene uint64
				if _, err := fmt.Sscanf(show, "%g:%d", &seconds, &scene); err != nil {
					t.Fatal(err)
				}
				p.Add(&engine.Sight{Captured: begin.Add(time.Duration(seconds * float64(time.Second)))}, scene)
			}
			var got []string
			for _, s := range p.Before() {
				got = append(got, fmt.Sprintf("%g", s.Captured.Sub(begin).Seconds()))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("made from %q, want %q", got, c.want)
			}
		})
	}
}

// TestThePastIsBounded: whatever is shown, few sights are kept, each is given back once, and those
// that an answer is made from are kept, in order, far enough apart, and not too old.
func TestThePastIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		series := engine.Series{
			Pictures: rapid.IntRange(0, 8).Draw(t, "pictures"), Spacing: time.Duration(rapid.IntRange(100, 5000).Draw(t, "spacing")) * time.Millisecond,
			Within: time.Duration(rapid.IntRange(5001, 60_000).Draw(t, "within")) * time.Millisecond,
		}
		p, at, scene := senses.NewPast(series), time.Now(), uint64(0)
		held := map[*engine.Sight]bool{}
		back := func(gone []*engine.Sight) {
			for _, s := range gone {
				if !held[s] {
					t.Fatal("given back twice")
				}
				delete(held, s)
			}
		}
		for range rapid.IntRange(1, 80).Draw(t, "sights") {
			at = at.Add(time.Duration(rapid.IntRange(1, 4000).Draw(t, "later")) * time.Millisecond)
			if rapid.Bool().Draw(t, "changed") {
				scene++
			}
			newest := &engine.Sight{Captured: at}
			held[newest] = true
			back(p.Add(newest, scene))
			if len(held) != p.Kept() || p.Kept() > 4*max(series.Pictures, 1) || !held[newest] {
				t.Fatalf("%d are held, %d kept, the newest %v", len(held), p.Kept(), held[newest])
			}
			all := append(p.Before(), newest)
			if len(all) > max(series.Pictures, 1) {
				t.Fatalf("made from %d of %d", len(all), series.Pictures)
			}
			for i, s := range all {
				if !held[s] || at.Sub(s.Captured) > series.Within || i > 0 && s.Captured.Sub(all[i-1].Captured) < series.Spacing {
					t.Fatalf("%d of %d: held %v, %v old", i, len(all), held[s], at.Sub(s.Captured))
				}
			}
		}
		if back(p.Clear()); len(held) != 0 {
			t.Fatalf("%d are never given back", len(held))
		}
	})
}

// TestWhatMakesRoomIsCounted: scenes that lasted stay before those that did not.
func TestWhatMakesRoomIsCounted(t *testing.T) {
	p, at := senses.NewPast(couple), time.Now()
	shown := &engine.Sight{Captured: at}
	p.Add(shown, 1)
	at = at.Add(600 * time.Millisecond)
	for scene := range uint64(30) { // the first one lasted, none of the others does
		at = at.Add(400 * time.Millisecond)
		p.Add(&engine.Sight{Captured: at}, 2+scene)
	}
	if p.Kept() != 8 || p.PastDropped() == 0 || !slices.Equal(p.Before(), []*engine.Sight{shown}) {
		t.Errorf("%d are kept, %d made room, an answer is made from %d", p.Kept(), p.PastDropped(), len(p.Before()))
	}
}

// TestWhereMemoryIsFullTheNewestStays, and what goes is counted.
func TestWhereMemoryIsFullTheNewestStays(t *testing.T) {
	p, at := senses.NewPast(couple), time.Now()
	for scene := range uint64(3) {
		p.Add(&engine.Sight{Captured: at.Add(time.Duration(scene) * time.Second)}, scene)
	}
	if gone := p.Crowded(); len(gone) != 2 || p.Kept() != 1 || p.PastDropped() != 2 || len(p.Before()) != 0 {
		t.Errorf("%d are gone, %d kept, %d counted", len(gone), p.Kept(), p.PastDropped())
	}
}

// TestAFailingAdapterIsToldOnce, and again when others fail or it fails anew; a panic comes with
// its stack.
func TestAFailingAdapterIsToldOnce(t *testing.T) {
	torn := errors.New("torn")
	reader, namer := &engine.AdapterError{What: "text", Err: &fence.PanicError{Value: "x", Stack: []byte("at reader")}}, &engine.AdapterError{What: "things", Err: torn}
	text, both := []*engine.AdapterError{reader}, []*engine.AdapterError{namer, reader}
	told := senses.Missing(nil, text, text, both, both, text, nil, nil, text)
	var got []string
	for _, p := range told {
		f, ok := p.(senses.Failed)
		var panicked *fence.PanicError
		if !ok || f.Sense != senses.Sight || !errors.As(f.Err, &panicked) || string(panicked.Stack) != "at reader" {
			t.Fatalf("told %+v", p)
		}
		got = append(got, strings.ReplaceAll(f.Err.Error(), "\n", ", "))
	}
	if want := []string{"text: panic: x", "things: torn, text: panic: x", "text: panic: x", "text: panic: x"}; !slices.Equal(got, want) {
		t.Errorf("told %q", got)
	}
}
