package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
)

// MaxAgents bounds the names of one worker: each has a connection to the server.
const MaxAgents = 64

// workerSection has settings, and a list besides.
const workerSection = "worker"

// workerKeys are the settings of the worker.
func workerKeys() []Key {
	return []Key{
		{"worker.seats", "personas that sit at once at most, those of rooms included; eight for each core without it", asUpTo(maxSeats)},
		{"worker.reconcile", "on or off: whether dispatches are served that the server gave up; on without it", asWord("on", "off")},
		{"worker.listen", "where serve answers GET / and GET /worker alone, as LiveKit's workers do; nowhere without it", asAddress()},
		{"worker.lost", "how long an agent may be out of its room, a human in it, before it is dispatched anew; never without it", asDuration()},
	}
}

// maxSeats is beyond what any machine of today can serve.
const maxSeats = 100_000

// Agents returns the names that the worker takes jobs for, each as a room: its name, who comes, and
// how the conversation goes. The caller may change it.
func (c *Config) Agents() []persona.Room {
	if c == nil {
		return nil
	}
	out := slices.Clone(c.agents)
	for i := range out {
		said := c.policies[roomAt(agentsField, i)].over(turn.Default())
		out[i].Policy = &said
	}
	return out
}

// worker reads the section.
func (r *reader) worker(c *Config, section field) {
	for _, f := range r.mapping(section.value, workerSection) {
		if f.name != "agents" {
			r.setting(c, workerKeys(), join(workerSection, f.name), f, "agents")
			continue
		}
		c.lines[agentsField] = line(f.value)
		for i, item := range r.list(f.value, agentsField, "one entry for each name") {
			c.agents = append(c.agents, r.room(c, item, roomAt(agentsField, i)))
		}
	}
	if n := len(c.agents); n > MaxAgents {
		r.problem(c.lines[agentsField], agentsField, fmt.Sprintf("%d are more than %d", n, MaxAgents))
	}
}

const agentsField = workerSection + ".agents"

// checkAgents adds what is wrong with the names.
func (r *reader) checkAgents(c *Config) {
	set := persona.Set{Personas: c.set.Personas, Rooms: c.agents}
	for _, p := range set.Check() {
		if at, ok := strings.CutPrefix(p.Field, "rooms["); ok {
			at = agentsField + "[" + at
			r.problem(c.lineOf(at), at, strings.ReplaceAll(p.Text, "rooms[", agentsField+"["))
		}
	}
}
