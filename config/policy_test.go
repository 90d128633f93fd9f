package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/config"
)

// wholePolicy says everything that can be said, each unlike the default.
const wholePolicy = `mode: specialty
front: max
follow_up_window: 9s
responders: {named: 3, group: all, otherwise: 1}
follow_up_rounds: 2
context: parallel
hops: 3
persona_turns: {soft: 5, hard: 6}
pair: {turns: 2, window: 1m}
hear_agents: true
capacity: 2
lane_cap: 7
lanes: {near: 1, "far:8080": 9}
invitation: 3s
duck: 0.5
endpointing: {min: 300ms, max: 2s, adapt: false}
floor:
  gap: 1ms
  spread: 2ms
  head_wait: 3ms
  grant_expires: 4ms
  hold_max: 5ms
  stale: 6ms
  duck: 64ms
  stop: 320ms
  false_interruption: 7ms
  silent: 8ms
speculate: true
away: {after: 9s, asked: false}
idle: {after: 10s, say: Shall I go on?}
vouched: marked
waiting: {places: 4, limit: 5s, passes: 6}
looking: {subscribe: 1s, dark: 2s, screen: [slides, board]}
`

func TestEverythingThatAPolicyCanSay(t *testing.T) {
	got, err := config.ReadPolicy("p.yaml", []byte(wholePolicy))
	if err != nil {
		t.Fatal(err)
	}
	want := turn.Policy{
		Mode: turn.ModeSpecialty, Front: "max", FollowUp: 9 * time.Second, Responders: turn.Responders{Named: 3, Otherwise: 1}, Rounds: 2,
		Context: turn.Parallel, Hops: 3, TurnsSoft: 5, TurnsHard: 6, PairTurns: 2, PairWindow: time.Minute, HearAgents: true, Capacity: 2, LaneCap: 7,
		Lanes: []turn.Lane{{Name: "near", Cap: 1}, {Name: "far:8080", Cap: 9}}, Invitation: 3 * time.Second, Duck: 0.5, Vouched: turn.VouchedMarked,
		Endpointing: turn.Endpointing{Min: 300 * time.Millisecond, Max: 2 * time.Second},
		Floor: turn.Floor{
			Gap: time.Millisecond, Spread: 2 * time.Millisecond, HeadWait: 3 * time.Millisecond, GrantExpires: 4 * time.Millisecond,
			HoldMax: 5 * time.Millisecond, Stale: 6 * time.Millisecond, Duck: 64 * time.Millisecond, Stop: 320 * time.Millisecond, FalseInterruption: 7 * time.Millisecond, Silent: 8 * time.Millisecond,
		},
		Speculate: true, Away: turn.Away{After: 9 * time.Second}, Idle: turn.Idle{After: 10 * time.Second, Say: "Shall I go on?"},
		Waiting: turn.Waiting{Places: 4, Limit: 5 * time.Second, Passes: 6},
		Looking: turn.Looking{Subscribe: time.Second, Dark: 2 * time.Second, Screen: []string{"slides", "board"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, k := range config.PolicyKeys() {
		_, inner, nested := strings.Cut(k.Name, ".")
		if !nested {
			inner = k.Name
		}
		if k.Doc == "" || !strings.Contains(wholePolicy, inner+":") {
			t.Errorf("%s has no explanation, or no value here", k.Name)
		}
	}
}

func TestAPolicyThatSaysNothingIsTheDefault(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "~\n", "mode: auto\n", "hear_agents: false\n", "responders: {named: all}\n"} {
		got, err := config.ReadPolicy("p.yaml", []byte(text))
		if err != nil || cmp.Diff(turn.Default(), got) != "" {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func TestMistakesOfAPolicy(t *testing.T) {
	for _, c := range []struct {
		text    string
		line    int
		field   string
		problem string
	}{
		{"mood: auto\n", 1, "mood", "known are mode, front, follow_up_window, responders, follow_up_rounds, context, hops"},
		{"\nmode: some\n", 2, "mode", `"some" is none: auto, front, mentions, all or specialty`},
		{"mode: 3\n", 1, "mode", "must be a word"},
		{"front: ''\n", 1, "front", "must be a word"},
		{"front: [iris]\n", 1, "front", "single value"},
		{"context: both\n", 1, "context", "sequential or parallel"},
		{"hops: 9\n", 1, "hops", "9 is not from 0 to 3"},
		{"hops: -1\n", 1, "hops", "negative"},
		{"hops: 1.5\n", 1, "hops", "whole number"},
		{"hops: 4294967297\n", 1, "hops", "is not from 0 to 3"},
		{"follow_up_rounds: 4\n", 1, "follow_up_rounds", "4 is not from 0 to 3"},
		{"follow_up_window: 8\n", 1, "follow_up_window", "use for example 90s"},
		{"follow_up_window: 25h\n", 1, "follow_up_window", "is not from 0 to 24h"},
		{"follow_up_window: -1s\n", 1, "follow_up_window", "negative"},
		{"follow_up_window: [1s]\n", 1, "follow_up_window", "single value"},
		{"responders: 3\n", 1, "responders", "mapping"},
		{"responders: {group: some}\n", 1, "responders.group", "neither a whole number nor all"},
		{"responders: {group: 0}\n", 1, "responders.group", "write all"},
		{"responders: {group: -2}\n", 1, "responders.group", "negative"},
		{"responders: {group: {}}\n", 1, "responders.group", "single value"},
		{"responders:\n  group: 2000\n", 2, "responders.group", "2000 is not from 0 to 1024"},
		{"responders: {all: 3}\n", 1, "responders.all", "known are named, group, otherwise"},
		{"persona_turns:\n  soft: 9\n  hard: 8\n", 3, "persona_turns.hard", "8 is less than soft, 9"},
		{"persona_turns: {soft: 30}\n", 1, "persona_turns.hard", "20 is less than soft, 30"},
		{"persona_turns: {hard: 0}\n", 1, "persona_turns.hard", "0 is not from 1"},
		{"pair: {turns: many}\n", 1, "pair.turns", "whole number"},
		{"pair: {window: soon}\n", 1, "pair.window", "no duration"},
		{"hear_agents: yes\n", 1, "hear_agents", "true or false"},
		{"capacity: 0\n", 1, "capacity", "write all"},
		{"lane_cap: 0\n", 1, "lane_cap", "0 is not from 1"},
		{"lanes: [far]\n", 1, "lanes", "mapping"},
		{"lanes: {far: 0}\n", 1, "lanes.far", "0 is not between 1"},
		{"lanes: {a=b: 1}\n", 1, "lanes", "without ="},
		{"lanes: {far: 1, far: 2}\n", 1, "lanes.far", "twice"},
		{"duck: loud\n", 1, "duck", "from 0 to 1"},
		{"duck: 1.5\n", 1, "duck", "from 0 to 1"},
		{"duck: {}\n", 1, "duck", "single value"},
		{"floor: {gap: 1s, gap: 2s}\n", 1, "floor.gap", "twice"},
		{"floor: {gaps: 1s}\n", 1, "floor.gaps", "known are gap, spread, head_wait"},
		{"waiting: {places: 0}\n", 1, "waiting.places", "0 is not from 1"},
		{"looking: {screen: Screen}\n", 1, "looking.screen", "must be a list"},
		{"looking: {screen: [Screen]}\n", 1, "looking.screen", "lower case"},
		{"looking: {screen: ['']}\n", 1, "looking.screen[0]", "empty"},
		{"- mode: auto\n", 1, "", "mapping"},
		{"mode: &a auto\n", 1, "mode", "anchors"},
		{"mode: 'auto\n", 1, "", "not YAML"},
		{"a: 1\n---\nb: 2\n", 0, "", "more than one document"},
		{strings.Repeat("#", 64<<10+1), 0, "", "longer than 65536 bytes"},
	} {
		_, err := config.ReadPolicy("dir/p.yaml", []byte(c.text))
		var wrong *config.FieldError
		var several config.FieldErrors
		if !errors.As(err, &wrong) || errors.As(err, &several) || !errors.Is(err, config.ErrConfig) {
			t.Errorf("%.60q: %v", c.text, err)
			continue
		}
		if wrong.File != "dir/p.yaml" || wrong.Line != c.line || wrong.Field != c.field || !strings.Contains(wrong.Problem, c.problem) {
			t.Errorf("%.60q:\n got %s (line %d, field %q)\nwant line %d, field %q, %q", c.text, err, wrong.Line, wrong.Field, c.line, c.field, c.problem)
		}
	}
	_, err := config.ReadPolicy("p.yaml", []byte("hops: 9\nduck: 7\nmodus: auto\n"))
	var all config.FieldErrors
	if !errors.As(err, &all) || len(all) != 3 {
		t.Errorf("not every mistake is named: %v", err)
	}
}

const policyRooms = `personas: [{name: iris}, {name: max}]
rooms:
  - name: lobby
    personas: [iris, max]
    front: max
    policy: {hops: 2, responders: {otherwise: 1}}
  - {name: attic, personas: [iris], mode: mentions, policy_file: calm.yaml, policy: {hops: 3}}
  - {name: cellar, personas: [iris]}
`

func TestPoliciesOfRooms(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	calm := write("calm.yaml", "hops: 0\nmode: all\nfloor: {gap: 2s}\n")
	path := write("c.yaml", policyRooms)
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	lobby, attic := turn.Default(), turn.Default()
	lobby.Front, lobby.Hops, lobby.Responders.Otherwise = "max", 2, 1
	attic.Mode, attic.Hops, attic.Floor.Gap = turn.ModeMentions, 3, 2*time.Second
	for name, want := range map[string]turn.Policy{"lobby": lobby, "attic": attic, "cellar": turn.Default(), "none": turn.Default()} {
		if diff := cmp.Diff(want, c.Policy(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if p := (*config.Config)(nil).Policy("lobby"); cmp.Diff(turn.Default(), p) != "" {
		t.Errorf("of no file: %+v", p)
	}
	if p, err := config.LoadPolicy(calm); err != nil || p.Floor.Gap != 2*time.Second || p.Mode != turn.ModeAll {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := config.LoadPolicy(calm + "x"); !errors.Is(err, config.ErrConfig) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	for text, want := range map[string]string{
		strings.Replace(policyRooms, "{hops: 2,", "{hops: 9,", 1):                       ":6: rooms[0].policy.hops: 9 is not from 0 to 3",
		strings.Replace(policyRooms, "{hops: 2,", "{front: iris,", 1):                   ":6: rooms[0].policy.front: is given by the room too",
		strings.Replace(policyRooms, "mode: mentions, ", "", 1):                         "",
		strings.Replace(policyRooms, "{hops: 3}", "{front: max}", 1):                    `:7: rooms[1].policy.front: "max" has no seat in this room`,
		strings.Replace(policyRooms, "{hops: 3}", "{persona_turns: {soft: 30}}", 1):     ":7: rooms[1].policy.persona_turns.hard: 20 is less than soft, 30",
		strings.Replace(policyRooms, "calm.yaml", "none.yaml", 1):                       ":7: rooms[1].policy_file: ",
		strings.Replace(policyRooms, "{hops: 3}", "all", 1):                             ":7: rooms[1].policy: must be a mapping",
		strings.Replace(policyRooms, "policy_file", "policy_files", 1):                  "known are name, personas, mode, front, policy, policy_file",
		strings.Replace(policyRooms, "policy_file: calm.yaml", "policy_file: [a]", 1):   ":7: rooms[1].policy_file: must be a single value",
		strings.Replace(policyRooms, "mode: mentions, ", "policy_file: wrong.yaml,", 1): "rooms[1].policy_file: is there twice",
	} {
		_, err := config.Load(write("d.yaml", text))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s\n%v; want %s", text, err, want)
		}
	}
	write("calm.yaml", "hops: 1\nhopes: 1\n")
	_, err = config.Load(path)
	var wrong *config.FieldError
	if !errors.As(err, &wrong) || wrong.File != calm || wrong.Line != 2 || wrong.Field != "hopes" {
		t.Errorf("a mistake in the shared file: %v", err)
	}
	var many strings.Builder
	for i := range 40 {
		fmt.Fprintf(&many, "key%d: 1\n", i)
	}
	write("calm.yaml", many.String())
	var all config.FieldErrors
	if _, err = config.Load(path); !errors.As(err, &all) || len(all) != 32 {
		t.Errorf("%d mistakes are named", len(all))
	}
}

// FuzzPolicy: no text makes the reader crash, every refusal is typed, and what is accepted is a
// policy that a table takes.
func FuzzPolicy(f *testing.F) {
	f.Add(wholePolicy)
	f.Add("responders: {group: all}\nlanes: {a: 1}\n")
	f.Add("floor: {gap: 1s\n? x\n: y\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := config.ReadPolicy("f", []byte(text))
		if err == nil {
			if _, err := turn.New(p); err != nil {
				t.Fatalf("%q: accepted, but %v", text, err)
			}
			return
		}
		var wrong *config.FieldError
		if !errors.As(err, &wrong) || wrong.Problem == "" {
			t.Fatalf("%q: %v is not typed", text, err)
		}
	})
}
