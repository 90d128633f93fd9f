package reconcile

import "time"

// Act is what a look wants done. Ours tells that it concerns the name that is reconciled.
type Act struct {
	Kind, Target string
	Ours         bool
}

// Looks are what looks at one room want done, one after the other, so far apart, nobody doing
// anything.
func Looks(agent string, all []Dispatch, apart time.Duration, n int) [][]Act {
	m := newMachine(machineConfig{agents: []string{agent}, grace: DefaultGrace, lease: DefaultLease, inFlight: 8})
	now := time.Unix(1_000_000, 0)
	out := make([][]Act, n)
	for i := range out {
		for _, a := range m.look(now, []roomView{{name: "lobby", dispatches: all, known: true}}) {
			name := a.target.Agent
			if name == ClaimAgent {
				name = a.target.Attributes[AttributeAgent]
			}
			out[i] = append(out[i], Act{string(a.kind), a.target.ID, name == agent})
		}
		now = now.Add(apart)
	}
	return out
}
