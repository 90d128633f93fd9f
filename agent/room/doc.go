// Package room is a LiveKit room with a persona in it: it hears, sees, thinks and answers aloud.
//
// In: [engine.Models] (what the persona hears, sees, thinks and speaks with) and a [Config] (which
// room, as whom). Out: a published voice, transcripts, a state attribute, and a stream of [Event]
// values for whoever watches. Reading guide, in the order in which data flows:
//
//	room.go        joins, and owns everything that is started (config.go: of what)
//	actor.go       the one goroutine that owns a room's state; nothing that it calls waits for the network
//	inbox.go       what reaches it from other goroutines
//	connection.go  what the connection reports, and tracks: who is there, which are subscribed to
//	percepts.go    what senses and replies report
//	effects.go     what the table of package turn decided is done
//	rights.go      what the persona can do, and publishing its voice again (grant.go: what it needs)
//	seat.go        a persona in a room: connection, voice, replies
//	line.go        where the voice's packets go, while somebody can hear them
//	transcript.go  the text streams that front ends show
//	record.go      what is said, in the store
//	text.go        texts that are too long, and what is said of it
//	stats.go       what was not taken, and what became of questions
//
// Whose question is answered when, what interrupts, which track is looked at: none of it is decided
// here. Events go into a turn.Table, effects come out of it, and the same events always have the
// same effects.
package room
