package dispatch

import (
	"context"
	"log/slog"
	"time"

	"github.com/sensory-agent/sensory-agent/agent"
	"github.com/sensory-agent/sensory-agent/agent/engine"
	"github.com/sensory-agent/sensory-agent/agent/persona"
	"github.com/sensory-agent/sensory-agent/agent/reconcile"
	"github.com/sensory-agent/sensory-agent/agent/worker"
	"github.com/sensory-agent/sensory-agent/cognition/turn"
	"github.com/sensory-agent/sensory-agent/compute"
)

// Agent is a name that dispatches ask for, and who comes.
type Agent struct {
	Name string
	// Personas all take a seat, in this order. The first of them carries the name as attribute
	// lk.agent_name; its identity is that of the job.
	Personas []persona.Persona
	// Policy is how the conversation goes in a room where nobody sits yet; nil is turn.Default.
	Policy *turn.Policy
}

// Config says where names are registered, and who does the work.
type Config struct {
	URL, APIKey, APISecret string
	// Host seats the personas. It is closed after the service.
	Host *agent.Host
	// Open opens the models of a persona. Those of every name are kept open, so that who is
	// dispatched waits for none.
	Open func(context.Context, persona.Persona) (*engine.Models, error)
	// Pools are those of the ledger that models run on; nil where nothing but seats bounds the
	// work.
	Pools func() []compute.PoolInfo
	// Reconcile has dispatches served that the server gave up; Lost those, too, whose agent has
	// been out of its room for this long while a human is in it, 0 for none.
	Reconcile bool
	Lost      time.Duration
	// Version is told to the server. StatusEvery is how often load is reported; 0 is
	// worker.DefaultStatusEvery.
	Version     string
	StatusEvery time.Duration
	// Report is told what happens, from several goroutines: it must not block.
	Report func(Event)
	Logger *slog.Logger
}

// Event is something that happened: one of the two is set, or Err alone, of Agent.
type Event struct {
	Worker    *worker.Event
	Reconcile *reconcile.Event
	Agent     string
	Err       error
}

// Agents are the names of a set whose rooms are names: who comes, and how the conversation goes.
func Agents(set persona.Set) []Agent {
	var out []Agent
	for _, r := range set.Rooms {
		p := set.Policy(r)
		a := Agent{Name: r.Name, Policy: &p}
		for _, name := range r.Personas {
			if who, known := set.Find(name); known {
				a.Personas = append(a.Personas, who)
			}
		}
		out = append(out, a)
	}
	return out
}
