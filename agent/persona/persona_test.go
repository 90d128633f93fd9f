package persona_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// table is a set that can be served.
func table() *persona.Set {
	return &persona.Set{
		Personas: []persona.Persona{
			{Name: "iris", Profile: "embedded", Aliases: []string{"irish", "eye riss"}, Prompt: "You are Iris.\nA botanist."},
			{Name: "max", Identity: "max-1", Voice: "espeak", AnswerTokens: 32, History: persona.HistoryOff},
			{Name: "Otto"},
		},
		Rooms: []persona.Room{
			{Name: "lobby", Personas: []string{"iris", "max"}, Mode: persona.ModeMentions, Front: "max"},
			{Name: "attic", Personas: []string{"Otto", "iris"}},
		},
	}
}

func TestASetThatCanBeServedHasNoProblem(t *testing.T) {
	if p := table().Check(); len(p) > 0 {
		t.Error(p)
	}
	if p := new(persona.Set).Check(); len(p) > 0 {
		t.Error("nobody anywhere:", p)
	}
}

// TestEveryMistakeIsNamed damages one thing at a time, and then all of them at once.
func TestEveryMistakeIsNamed(t *testing.T) {
	long := strings.Repeat("x", 40<<10)
	damages := []struct {
		do         func(*persona.Set)
		field, has string
	}{
		{func(s *persona.Set) { s.Personas[0].Name = "" }, "personas[0].name", "is missing"},
		{func(s *persona.Set) { s.Personas[0].Name = "a\nb" }, "personas[0].name", "one line"},
		{func(s *persona.Set) { s.Personas[0].Name = " iris" }, "personas[0].name", "without space"},
		{func(s *persona.Set) { s.Personas[0].Name = "\xff" }, "personas[0].name", "printable"},
		{func(s *persona.Set) { s.Personas[0].Name = "…" }, "personas[0].name", "no letter"},
		{func(s *persona.Set) { s.Personas[1].Name = "Iris" }, "personas[1].name", `"Iris" is taken by personas[0].name`},
		{func(s *persona.Set) { s.Personas[1].Name = "I-rish" }, "personas[1].name", "taken by personas[0].aliases[0]"},
		{func(s *persona.Set) { s.Personas[2].Aliases = []string{"MAX"} }, "personas[2].aliases[0]", "taken by personas[1].name"},
		{func(s *persona.Set) { s.Personas[2].Aliases = []string{""} }, "personas[2].aliases[0]", "is missing"},
		{func(s *persona.Set) { s.Personas[2].Aliases = make([]string, 17) }, "personas[2].aliases", "17 are more than 16"},
		{func(s *persona.Set) { s.Personas[1].Identity = "iris" }, "personas[1].identity", "is the identity of personas[0].name"},
		{func(s *persona.Set) { s.Personas[2].Identity = "max-1" }, "personas[2].identity", "is the identity of personas[1].identity"},
		{func(s *persona.Set) { s.Personas[0].Identity = "max-1" }, "personas[1].identity", "personas[0].identity"},
		{func(s *persona.Set) { s.Personas[0].Identity = long[:129] }, "personas[0].identity", "129 bytes; at most 128"},
		{func(s *persona.Set) { s.Personas[0].Profile = "a\tb" }, "personas[0].profile", "one line"},
		{func(s *persona.Set) { s.Personas[0].Voice = "a\x00" }, "personas[0].voice", "one line"},
		{func(s *persona.Set) { s.Personas[0].Prompt = long }, "personas[0].prompt", "40960 bytes; at most 32768"},
		{func(s *persona.Set) { s.Personas[0].Prompt = "a\x1b[2J" }, "personas[0].prompt", "printable"},
		{func(s *persona.Set) { s.Personas[0].Greeting = long[:1025] }, "personas[0].greeting", "at most 1024"},
		{func(s *persona.Set) { s.Personas[0].Idle = turn.Idle{After: time.Second} }, "personas[0].idle.say", "is missing"},
		{func(s *persona.Set) { s.Personas[0].Idle = turn.Idle{Say: "Hm?"} }, "personas[0].idle.after", "is missing"},
		{func(s *persona.Set) { s.Personas[0].Idle = turn.Idle{After: 25 * time.Hour, Say: "Hm?"} }, "personas[0].idle.after", "not from"},
		{func(s *persona.Set) { s.Personas[0].Idle = turn.Idle{After: time.Second, Say: long[:1025]} }, "personas[0].idle.say", "at most 1024"},
		{func(s *persona.Set) { s.Personas[0].AnswerTokens = -1 }, "personas[0].answer.tokens", "-1 is not between 0 and 32768"},
		{func(s *persona.Set) { s.Personas[0].AnswerTokens = 32769 }, "personas[0].answer.tokens", "not between"},
		{func(s *persona.Set) { s.Personas[0].History = 3 }, "personas[0].history", "known are room, off, stored"},
		{func(s *persona.Set) { s.Personas[2].Specialty = make([]string, 17) }, "personas[2].specialty", "17 are more than 16"},
		{func(s *persona.Set) { s.Personas[2].Specialty = []string{"a\n"} }, "personas[2].specialty[0]", "one line"},
		{func(s *persona.Set) { s.Rooms[0].Name = "" }, "rooms[0].name", "is missing"},
		{func(s *persona.Set) { s.Rooms[1].Name = "lobby" }, "rooms[1].name", "there as rooms[0]"},
		{func(s *persona.Set) { s.Rooms[0].Personas, s.Rooms[0].Front = nil, "" }, "rooms[0].personas", "nobody"},
		{func(s *persona.Set) { s.Rooms[0].Personas = []string{"max", "max"} }, "rooms[0].personas[1]", "has a seat here already"},
		{func(s *persona.Set) { s.Rooms[0].Personas = []string{"max", "Max"} }, "rooms[0].personas[1]", `there are "iris", "max", "Otto"`},
		{func(s *persona.Set) { s.Rooms[0].Front = "Otto" }, "rooms[0].front", "has no seat"},
		{func(s *persona.Set) { s.Personas[1].Aliases = []string{"Irys"} }, "rooms[0].personas", "sounds"},
		{func(s *persona.Set) { s.Personas[1].Aliases = []string{"everybody"} }, "rooms[0].personas", "means everybody"},
		{func(s *persona.Set) { s.Rooms[0].Mode = 5 }, "rooms[0].mode", "known are auto, front, mentions, all, specialty"},
		{func(s *persona.Set) { s.Rooms = make([]persona.Room, 1025) }, "rooms", "1025 are more than 1024"},
		{func(s *persona.Set) { s.Personas = make([]persona.Persona, 257) }, "personas", "257 are more than 256"},
	}
	for _, d := range damages {
		s := table()
		d.do(s)
		got := s.Check()
		if !slices.ContainsFunc(got, func(p persona.FieldError) bool { return p.Field == d.field && strings.Contains(p.Error(), d.has) }) {
			t.Errorf("%s %q: %v", d.field, d.has, got)
		}
	}
	s := table()
	s.Personas[0].AnswerTokens, s.Personas[1].Prompt, s.Rooms[1].Front = -1, "\x00", "nobody"
	if got := s.Check(); len(got) != 3 {
		t.Errorf("all at once: %v", got)
	}
	s.Personas[1].Prompt, s.Rooms[0].Personas = "", make([]string, 33)
	for i := range 12 {
		s.Personas = append(s.Personas, persona.Persona{Name: strings.Repeat("y", i+1)})
	}
	text := ""
	for _, p := range s.Check() {
		text += p.Error() + "\n"
	}
	if !strings.Contains(text, "33 are more than 32") || !strings.Contains(text, "and 7 more") {
		t.Error(text)
	}
}

func TestWords(t *testing.T) {
	for _, h := range []persona.History{persona.HistoryRoom, persona.HistoryOff, persona.HistoryStored} {
		if got, ok := persona.ParseHistory(h.String()); !ok || got != h {
			t.Error(h)
		}
	}
	for m := range persona.Mode(5) {
		if got, ok := persona.ParseMode(m.String()); !ok || got != m {
			t.Error(m)
		}
	}
	if _, ok := persona.ParseMode("loud"); ok || persona.Mode(9).String() != "unknown(9)" {
		t.Error("an unknown mode")
	}
	if got := persona.Fold("Éva-Marie 2!"); got != "évamarie2" {
		t.Error(got)
	}
}

func TestDiffNamesWhatChangesAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(*persona.Set)
		want []persona.Change
	}{
		"nothing":                {func(*persona.Set) {}, nil},
		"a persona nobody seats": {func(s *persona.Set) { s.Personas = append(s.Personas, persona.Persona{Name: "zoe"}) }, nil},
		"a prompt": {
			func(s *persona.Set) { s.Personas[0].Prompt = "You are Iris, a pilot." },
			[]persona.Change{{Room: "lobby", Leave: []string{"iris"}, Sit: []string{"iris"}}, {Room: "attic", Leave: []string{"iris"}, Sit: []string{"iris"}}},
		},
		"an alias": {func(s *persona.Set) { s.Personas[2].Aliases = []string{"auto"} }, []persona.Change{{Room: "attic", Leave: []string{"Otto"}, Sit: []string{"Otto"}}}},
		"a seat more": {
			func(s *persona.Set) { s.Rooms[0].Personas = []string{"iris", "max", "Otto"} },
			[]persona.Change{{Room: "lobby", Sit: []string{"Otto"}, Rules: true}},
		},
		"a seat less": {
			func(s *persona.Set) { s.Rooms[1].Personas = []string{"iris"} },
			[]persona.Change{{Room: "attic", Leave: []string{"Otto"}, Rules: true}},
		},
		"order":      {func(s *persona.Set) { slices.Reverse(s.Rooms[1].Personas) }, []persona.Change{{Room: "attic", Rules: true}}},
		"front said": {func(s *persona.Set) { s.Rooms[1].Front = "Otto" }, nil},
		"front":      {func(s *persona.Set) { s.Rooms[0].Front = "" }, []persona.Change{{Room: "lobby", Rules: true}}},
		"mode":       {func(s *persona.Set) { s.Rooms[1].Mode = persona.ModeAll }, []persona.Change{{Room: "attic", Rules: true}}},
		"another room": {
			func(s *persona.Set) { s.Rooms[0].Name = "hall" },
			[]persona.Change{{Room: "lobby", Close: true, Leave: []string{"iris", "max"}}, {Room: "hall", Open: true, Sit: []string{"iris", "max"}, Rules: true}},
		},
	} {
		next := table()
		c.do(next)
		if got := persona.Diff(table(), next); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestDiffSeats: whoever follows the changes of any two sets ends with the seats of the second.
func TestDiffSeats(t *testing.T) {
	names := []string{"a", "b", "c", "d"}
	rapid.Check(t, func(r *rapid.T) {
		draw := func(label string) *persona.Set {
			s := &persona.Set{}
			for _, n := range names {
				s.Personas = append(s.Personas, persona.Persona{Name: n, Prompt: rapid.SampledFrom([]string{"x", "y"}).Draw(r, label+n)})
			}
			for _, room := range []string{"k", "l", "m"} {
				if seats := rapid.Permutation(names).Draw(r, label+room)[:rapid.IntRange(0, 4).Draw(r, label+room+"n")]; len(seats) > 0 {
					s.Rooms = append(s.Rooms, persona.Room{Name: room, Personas: seats})
				}
			}
			return s
		}
		old, next := draw("old"), draw("next")
		type seat struct{ name, prompt string }
		state := map[string][]seat{}
		sit := func(s *persona.Set, room, name string) {
			p, _ := s.Find(name)
			state[room] = append(state[room], seat{name, p.Prompt})
		}
		for _, room := range old.Rooms {
			for _, name := range room.Personas {
				sit(old, room.Name, name)
			}
		}
		for _, c := range persona.Diff(old, next) {
			for _, name := range c.Leave {
				n := len(state[c.Room])
				state[c.Room] = slices.DeleteFunc(state[c.Room], func(s seat) bool { return s.name == name })
				if len(state[c.Room]) != n-1 {
					r.Fatalf("%s leaves %s and was not there", name, c.Room)
				}
			}
			for _, name := range c.Sit {
				sit(next, c.Room, name)
			}
			if c.Close {
				delete(state, c.Room)
			}
		}
		if len(state) != len(next.Rooms) {
			r.Fatalf("rooms %v", state)
		}
		for _, room := range next.Rooms {
			for _, name := range room.Personas {
				p, _ := next.Find(name)
				if !slices.Contains(state[room.Name], seat{name, p.Prompt}) || len(state[room.Name]) != len(room.Personas) {
					r.Fatalf("%s: %v", room.Name, state[room.Name])
				}
			}
		}
	})
}

// TestPolicyNamesTheFrontByItsIdentity: the table knows seats by their identities.
func TestPolicyNamesTheFrontByItsIdentity(t *testing.T) {
	s := table()
	if p := s.Policy(s.Rooms[0]); p.Front != "max-1" || p.Mode != turn.ModeMentions || p.Hops != turn.Default().Hops {
		t.Errorf("front %q, mode %q, %d hops", p.Front, p.Mode, p.Hops)
	}
	if p := s.Policy(s.Rooms[1]); p.Front != "Otto" || p.Mode != turn.ModeAuto {
		t.Errorf("front %q, mode %q", p.Front, p.Mode)
	}
	own := turn.Default()
	own.Hops, own.Mode = 0, turn.ModeSpecialty
	s.Rooms[1].Policy = &own
	if p := s.Policy(s.Rooms[1]); p.Front != "Otto" || p.Mode != turn.ModeSpecialty || p.Hops != 0 {
		t.Errorf("its own: %+v", p)
	}
	own.Front = "iris"
	if p := s.Policy(s.Rooms[1]); p.Front != "iris" {
		t.Errorf("front %q", p.Front)
	}
}
