package config_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/config"
)

const working = `personas: [{name: iris}, {name: max}]
worker:
  seats: 12
  agents:
    - {name: greeter, personas: [iris]}
    - name: roundtable
      personas: [iris, max]
      front: max
      mode: front
      policy: {hops: 2}
      policy_file: calm.yaml
`

// TestAgentsOfTheWorker: rooms may be absent; each name says who comes and how they converse.
func TestAgentsOfTheWorker(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "calm.yaml", "floor: {gap: 2s}\n")
	c, err := config.Load(write(t, folder, "c.yaml", working))
	if err != nil {
		t.Fatal(err)
	}
	got := c.Agents()
	if len(got) != 2 || got[0].Name != "greeter" || !slices.Equal(got[1].Personas, []string{"iris", "max"}) || got[1].Mode != persona.ModeFront || got[1].Front != "max" {
		t.Fatalf("%+v", got)
	}
	if p := got[1].Policy; p.Front != "max" || p.Hops != 2 || p.Floor.Gap != 2*time.Second || p.Mode != turn.ModeFront || got[0].Policy.Hops != turn.Default().Hops {
		t.Errorf("%+v", p)
	}
	if c.Number("worker.seats", 0) != 12 || len(c.Set().Rooms) != 0 || c.Where("worker.agents[1].front") != c.Path+":8" {
		t.Errorf("%d seats, rooms %v, %s", c.Number("worker.seats", 0), c.Set().Rooms, c.Where("worker.agents[1].front"))
	}
	if a := (*config.Config)(nil).Agents(); a != nil {
		t.Errorf("of no file: %v", a)
	}
}

func TestMistakesInTheWorker(t *testing.T) {
	var many strings.Builder
	for i := range config.MaxAgents + 1 {
		fmt.Fprintf(&many, "    - {name: a%d, personas: [iris]}\n", i)
	}
	for _, c := range []struct{ change, to, want string }{
		{"name: roundtable", "name: greeter", `:6: worker.agents[1].name: "greeter" is there as worker.agents[0]`},
		{"[iris, max]", "[iris, eve]", `:7: worker.agents[1].personas[1]: "eve" is no persona of this file`},
		{"personas: [iris]}", "personas: []}", ":5: worker.agents[0].personas: names nobody"},
		{"front: max", "front: eve", `:8: worker.agents[1].front: "eve" has no seat`},
		{"front: max", "back: max", ":8: worker.agents[1].back: unknown key"},
		{"{hops: 2}", "{hops: 9}", ":10: worker.agents[1].policy.hops: 9 is not from 0 to 3"},
		{"calm.yaml", "none.yaml", ":11: worker.agents[1].policy_file: "},
		{"seats: 12", "seats: many", ":3: worker.seats: must be a whole number"},
		{"seats: 12", "places: 12", ":3: worker.places: unknown key; known are seats, reconcile, listen, lost, agents"},
		{"seats: 12", "reconcile: yes", `:3: worker.reconcile: "yes" is unknown; known are on, off`},
		{"seats: 12", "lost: 20", ":3: worker.lost: "},
		{"seats: 12", "listen: 8081", `:3: worker.listen: "8081" is no address; use HOST:PORT`},
		{"  agents:\n", "  agents: greeter\nx:\n", ":4: worker.agents: must be a list, one entry for each name"},
		{"    - {name: greeter, personas: [iris]}\n", many.String(), ":5: worker.agents: 66 are more than 64"},
	} {
		folder := t.TempDir()
		write(t, folder, "calm.yaml", "hops: 0\n")
		_, err := config.Load(write(t, folder, "c.yaml", strings.Replace(working, c.change, c.to, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, config.ErrConfig) {
			t.Errorf("%s: %v; want %s", c.to, err, c.want)
		}
	}
}

// TestTheExampleCanBeRead: the file that the documentation has.
func TestTheExampleCanBeRead(t *testing.T) {
	c, err := config.Load(filepath.Join("..", "docs", "dispatch.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if a := c.Agents(); len(a) != 2 || a[1].Name != "roundtable" || len(a[1].Personas) != 2 || c.Duration("worker.lost", 0) != 20*time.Second {
		t.Errorf("%+v", a)
	}
}
