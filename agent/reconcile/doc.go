// Package reconcile finds dispatches that a LiveKit server has given up because no worker was free,
// and dispatches them again when one may be. It works for anybody's agents, in any language: it
// talks to the server's API only. It builds without cgo and imports nothing else of this project.
//
// # What servers do
//
// A dispatch is offered once, when it is made. If no worker of that name is registered, or all are
// full or decline, an open-source server keeps the dispatch in its list, without a job, and never
// offers it again: not when a worker registers, and not when one has room (tried against server
// 1.13.5). Whoever waits in that room waits for ever.
//
// # What a reconciler does
//
// It looks at all rooms twice a second. A dispatch that has had no job for 5.5 s has been given up;
// it is deleted, and made anew with the same name, metadata, deployment and attributes. The new one
// has another id; the attribute sensory.dispatch holds the first one, and a job has the attributes
// of its dispatch. Whether a worker is free nobody can ask a server, so one dispatch of each name
// is tried at a time; once that has an agent, two, four, eight.
//
// With Lost, dispatches whose agent has left are served again while a human is in the room: a
// worker that was killed leaves no other trace.
//
// # Never two agents for one dispatch
//
// Several reconcilers may run, and any may be killed at any point. Each first leaves a claim in the
// room: a dispatch for a name that nobody has, with everything in it. Then it deletes the old
// dispatch, which the server grants to one of them; that one makes the new dispatch, and deletes
// its claim. Whoever finds a claim older than a lease (8 s), and no dispatch that belongs to it,
// does the rest in the same manner. Claims live and end with their room, as dispatches do.
//
// What this cannot exclude, since servers offer no conditional creation: a reconciler that is
// stopped between its last look at the clock and the request that follows, for longer than what is
// left of its lease, makes a second dispatch. It is found at the next look, and deleted, which has
// the server end the job of it.
//
// # Limits
//
// Dispatches for agents that are asked for each publisher or participant have no job while there is
// none of those: such names must not be reconciled. A dispatch that is made at the moment at which
// its room closes opens it again, empty.
//
// # Inside
//
// The machine (plan.go, pace.go) is pure: what was seen and the time go in, actions come out.
// Reconciler looks and acts (reconciler.go, act.go) through an API, which Dial makes of a real
// server (server.go).
package reconcile
