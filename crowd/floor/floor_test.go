package floor_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/room"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/crowd/floor"
)

// TestScript: every turn of a kind has what that kind needs, the shares of kinds are as said, names
// are those of personas that are there, and it is the same every time.
func TestScript(t *testing.T) {
	for _, personas := range []int{2, 3, 10} {
		steps := floor.Script(200, personas)
		kinds, called, typed, people := map[floor.Kind]int{}, map[string]int{}, 0, map[string]int{}
		for i, s := range steps {
			kinds[s.Kind]++
			people[s.From]++
			if s.Typed {
				typed++
			}
			for _, n := range s.Names {
				called[n]++
			}
			over := s.Kind == floor.Interrupted || s.Kind == floor.Aside
			if s.Number != i+1 || s.Text == "" || (s.Over != "") != over || (len(s.Names) == 2) != (s.Kind == floor.Named) {
				t.Fatalf("%+v", s)
			}
			if len(s.Names) == 2 && (s.Names[0] == s.Names[1] || !strings.Contains(strings.ToLower(s.Text), s.Names[0]+" and "+s.Names[1])) {
				t.Errorf("%+v", s)
			}
		}
		if kinds[floor.Open] != 90 || kinds[floor.Interrupted] != 40 || kinds[floor.Named] != 30 || kinds[floor.Everybody] != 20 || kinds[floor.Aside] != 20 {
			t.Errorf("%v", kinds)
		}
		if len(called) != personas || people["ada"] != 100 || people["bob"] != 100 || typed != 25 {
			t.Errorf("%d personas: called %v, %v, %d typed", personas, called, people, typed)
		}
	}
}

// TestScriptIsUnderstood: the rules take each line for what it is, so that what goes wrong in a
// measurement is the room's.
func TestScriptIsUnderstood(t *testing.T) {
	const personas = 10
	p := floor.Policy()
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, s := range floor.Script(60, personas) {
		for _, text := range []string{s.Text, s.Over} {
			call := turn.Call{From: s.From, Text: text, Mode: p.Mode, Responders: p.Responders, Humans: []turn.Human{{Identity: "ada"}, {Identity: "bob"}}}
			for _, n := range []string{"iris", "max", "otto", "bella", "hugo", "nova", "felix", "clara", "theo", "juno"} {
				call.Personas = append(call.Personas, turn.Persona{Name: n})
			}
			got, want := turn.Address(call).Responders, 1
			switch {
			case text == "":
				continue
			case text == s.Over:
			case s.Kind == floor.Everybody || s.Kind == floor.Interrupted:
				want = 4
			case s.Kind == floor.Named:
				want = 2
			}
			if len(got) != want || s.Names != nil && !slices.Equal(got, s.Names) {
				t.Errorf("%q is answered by %v", text, got)
			}
		}
	}
}

func TestThinks(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat(engine.CannedAnswer+" ", floor.Clauses))
	for told, want := range map[string]string{
		"":                      engine.CannedAnswer,
		"What is this?":         engine.CannedAnswer,
		"Tell me a long story.": long,
		"ada: Tell me a long story.\nbob: What is this?":                engine.CannedAnswer,
		"bob: What is this?\nada: Tell me a long story.\nmax: No, not!": long,
	} {
		if got := floor.Thinks(told); got != want {
			t.Errorf("%q: %q", told, got)
		}
	}
}

// TestWatch: who speaks, when it stopped, and when nobody does anything any more.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, begin := floor.NewWatch(), time.Now()
		tell := func(after time.Duration, who string, e room.Event) {
			time.Sleep(after)
			floor.Observe(w, room.Origin{Persona: who}, e)
		}
		state := func(s turn.AgentState) room.Event { return room.StateChanged{At: time.Now(), State: string(s)} }
		done := make(chan struct{})
		go func() {
			defer close(done)
			tell(0, "", room.Heard{Text: "What"})
			tell(100*time.Millisecond, "", room.Heard{Text: "What?", Final: true, End: begin.Add(50 * time.Millisecond)})
			tell(0, "max", room.StateChanged{At: time.Now(), State: string(turn.Thinking)})
			tell(200*time.Millisecond, "max", room.StateChanged{At: time.Now(), State: string(turn.Speaking)})
			tell(time.Second, "max", room.StateChanged{At: time.Now(), State: string(turn.Listening)})
			tell(50*time.Millisecond, "otto", state(turn.Thinking))
			tell(50*time.Millisecond, "otto", state(turn.Listening))
		}()
		if floor.Settled(w, t.Context(), begin, 10*time.Millisecond, 50*time.Millisecond) {
			t.Error("it is settled before it was heard")
		}
		if who := floor.Speaker(w, t.Context(), time.Minute); who != "max" || time.Since(begin) != 300*time.Millisecond {
			t.Errorf("%q speaks after %v", who, time.Since(begin))
		}
		if at := floor.Told(w, t.Context(), "max", begin, time.Minute); at.IsZero() || time.Since(begin) < time.Second {
			t.Errorf("it stopped at %v, known after %v", at, time.Since(begin))
		}
		if at := floor.Told(w, t.Context(), "max", time.Now(), time.Second); !at.IsZero() {
			t.Errorf("it stopped before that: %v", at)
		}
		<-done
		from := time.Now()
		if !floor.Settled(w, t.Context(), begin, 150*time.Millisecond, time.Minute) || time.Since(from) != 150*time.Millisecond {
			t.Errorf("it took %v until it was settled", time.Since(from))
		}
		if floor.Settled(w, t.Context(), from, 150*time.Millisecond, time.Minute) {
			t.Error("something was said of which nothing is known")
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if floor.Settled(w, gone, begin, time.Second, time.Minute) || floor.Speaker(w, gone, time.Minute) != "" {
			t.Error("it goes on although it was ended")
		}
	})
}

func TestRunRefuses(t *testing.T) {
	open := func(context.Context, engine.CannedConfig) (*engine.Models, error) { return nil, nil }
	for name, c := range map[string]floor.Config{
		"no models":         {Turns: 1, Personas: 2},
		"no turns":          {Open: open, Personas: 2},
		"one persona":       {Open: open, Turns: 1, Personas: 1},
		"too many personas": {Open: open, Turns: 1, Personas: floor.MaxPersonas + 1},
	} {
		if got, err := floor.Run(t.Context(), c); !errors.Is(err, floor.ErrConfig) || got != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
