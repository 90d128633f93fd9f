package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/config"
)

const seated = `
personas:
  - name: iris
    identity: iris-1
    profile: text
    voice: "piper:en_US-joe-medium"
    prompt: |
      You are Iris.
      A botanist.
    greeting: Hello.
    aliases: [irish, eye riss]
    answer: {tokens: 64}
    history: stored
  - {name: max, prompt_file: max.txt, specialty: [plants], idle: {after: 1m, say: Shall I go on?}}
  - name: otto
rooms:
  - name: lobby
    personas: [iris, max]
    mode: mentions
    front: max
  - {name: attic, personas: [otto]}
`

func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPersonasAndRooms(t *testing.T) {
	folder := t.TempDir()
	path := write(t, folder, "p.yaml", seated)
	write(t, folder, "max.txt", "You are Max.\n\n")
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	want := persona.Set{
		Personas: []persona.Persona{
			{
				Name: "iris", Identity: "iris-1", Profile: "text", Voice: "piper:en_US-joe-medium", Prompt: "You are Iris.\nA botanist.", Greeting: "Hello.",
				Aliases: []string{"irish", "eye riss"}, AnswerTokens: 64, History: persona.HistoryStored,
			},
			{Name: "max", Prompt: "You are Max.", Specialty: []string{"plants"}, Idle: turn.Idle{After: time.Minute, Say: "Shall I go on?"}},
			{Name: "otto"},
		},
		Rooms: []persona.Room{
			{Name: "lobby", Personas: []string{"iris", "max"}, Mode: persona.ModeMentions, Front: "max"},
			{Name: "attic", Personas: []string{"otto"}},
		},
	}
	for i := range want.Rooms {
		own := c.Policy(want.Rooms[i].Name)
		want.Rooms[i].Policy = &own
	}
	if own := want.Rooms[0].Policy; own.Mode != turn.ModeMentions || own.Front != "max" {
		t.Errorf("the lobby's policy: %+v", own)
	}
	if diff := cmp.Diff(want, c.Set()); diff != "" {
		t.Error(diff)
	}
	for field, line := range map[string]string{
		"personas[0].voice": ":6", "personas[1].prompt": ":14", "personas[0].aliases[1]": ":11", "personas[2].voice": ":15", "rooms[0].front": ":20", "rooms[9]": "",
	} {
		if got := c.Where(field); got != path+line {
			t.Errorf("%s stands at %s", field, got)
		}
	}
	if got := parse(t, whole).Set(); len(got.Personas)+len(got.Rooms) > 0 {
		t.Error("personas of nobody")
	}
	if got := (*config.Config)(nil).Set(); len(got.Personas) > 0 {
		t.Error("personas of no file")
	}
}

// TestMistakesOfPersonas: each is named with its line and field, and what it has to do with.
func TestMistakesOfPersonas(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "empty.txt", "\n")
	write(t, folder, "long.txt", strings.Repeat("x", persona.MaxPrompt+1))
	write(t, folder, "odd.txt", "a\x00b")
	for _, c := range []struct{ change, to, want string }{
		{"name: otto", "name: Iris", `:15: personas[2].name: "Iris" is taken by personas[0].name`},
		{"name: otto", "voice: x", ":15: personas[2].name: is missing"},
		{"name: otto", "name: 42", ":15: personas[2].name: is a number; put it into quotes"},
		{"name: otto", "name: ''", ":15: personas[2].name: is empty"},
		{"name: otto", "name: [otto]", ":15: personas[2].name: must be a single value"},
		{"- name: otto", "- otto", ":15: personas[2]: must be a mapping"},
		{"history: stored", "history: yes please", `:13: personas[0].history: "yes please" is unknown; known are room, off, stored`},
		{"history: stored", "memory: x", ":13: personas[0].memory: unknown key; known are name,"},
		{"{tokens: 64}", "{tokens: 99999}", ":12: personas[0].answer.tokens: 99999 is"},
		{"after: 1m", "when: 1m", ":14: personas[1].idle.when: unknown key; known are after and say"},
		{"after: 1m", "after: soon", ":14: personas[1].idle.after: \"soon\" is no duration"},
		{"after: 1m, ", "", ":14: personas[1].idle.after: is missing"},
		{"{tokens: 64}", "{words: 64}", ":12: personas[0].answer.words: unknown key"},
		{"{tokens: 64}", "64", ":12: personas[0].answer: must be a mapping"},
		{"[irish, eye riss]", "irish", ":11: personas[0].aliases: must be a list, for example [iris, max]"},
		{"eye riss", "max", `:14: personas[1].name: "max" is taken by personas[0].aliases[1]`},
		{"prompt_file: max.txt", "prompt_file: none.txt", "none.txt: no such file"},
		{"prompt_file: max.txt", "prompt_file: max.txt, prompt: x", ":14: personas[1].prompt_file: prompt is given too"},
		{"prompt_file: max.txt", "prompt_file: empty.txt", ":14: personas[1].prompt_file: the file is empty"},
		{"prompt_file: max.txt", "prompt_file: long.txt", ":14: personas[1].prompt: has 32769 bytes; at most 32768"},
		{"prompt_file: max.txt", "prompt_file: odd.txt", ":14: personas[1].prompt: must be printable"},
		{"mode: mentions", "mode: loud", `:19: rooms[0].mode: "loud" is unknown; known are auto, front, mentions, all, specialty`},
		{"front: max", "front: otto", `:20: rooms[0].front: "otto" has no seat`},
		{"front: max", "back: otto", ":20: rooms[0].back: unknown key; known are name, personas, mode, front"},
		{"personas: [iris, max]", "personas: [iris, eve]", `:18: rooms[0].personas[1]: "eve" is no persona of this file`},
		{"name: attic", "name: lobby", `:21: rooms[1].name: "lobby" is there as rooms[0]`},
		{"rooms:", "rooms: lobby\nbot:", ":16: rooms: must be a list, one entry for each room"},
	} {
		text := strings.Replace(seated, c.change, c.to, 1)
		path := write(t, folder, "p.yaml", text)
		if !strings.Contains(text, "max.txt, prompt") {
			write(t, folder, "max.txt", "You are Max.")
		}
		_, err := config.Load(path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, config.ErrConfig) {
			t.Errorf("%s: %v", c.to, err)
		}
	}
	text := strings.NewReplacer("name: otto", "name: max", "mode: mentions", "mode: loud", "front: max", "front: eve").Replace(seated)
	_, err := config.Parse("p.yaml", []byte(text))
	var all config.FieldErrors
	if !errors.As(err, &all) || len(all) < 3 {
		t.Errorf("not all are named: %v", err)
	}
}
