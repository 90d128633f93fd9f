// Package sensory puts personas that hear, see and speak into LiveKit rooms, from a Go program of
// your own. The command sensory-agent is built on it.
//
// A Machine is what the personas of a process run on: one inference library, one ledger of what may
// run at once, and the models, each loaded once however many personas use it. Serve seats personas
// in rooms and keeps them there:
//
//	m, err := sensory.Open(ctx, sensory.Config{}, iris)
//	if err != nil { … }
//	defer m.Close()
//	err = m.Serve(ctx, server, sensory.Set{
//		Personas: []sensory.Persona{iris},
//		Rooms:    []sensory.Room{{Name: "lobby", Personas: []string{"iris"}}},
//	})
//
// What a persona cannot do is refused by a typed error before anything is joined; what befalls one
// seat later is an Event and concerns no other. Nothing falls back to another model, to the
// processor, or to a provider that was not asked for.
//
// Models come from the folder that sensory-agent models pull fills.
//
// Who begins needs [Open], [Machine.Serve] or [Machine.Join], and [Machine.Close];
// [Machine.Resolve] says beforehand what a persona would run on. Who wants more than Serve gives
// (who answers whom, plans, chat, dispatches) takes [Machine.Hosting] and packages agent and
// agent/dispatch, and [Machine.Keep] where something is kept. The others hand out parts to programs
// that measure them or seat personas in their own way, as the commands do: [Machine.Load],
// [Machine.Engine], [Machine.Host], [Machine.Catalog], [Machine.Path]. Their types are those of the
// packages within, and change with them.
package sensory
