// Package room is a LiveKit room with personas in it: they hear, see, think and answer aloud.
//
// In: a [Config] (which room), and for each seat a [Persona] and its [engine.Models] (what it
// hears, sees, thinks and speaks with). Out: published voices, transcripts, attributes, and a
// stream of [Event] values for whoever watches.
//
//	r, err := room.Open(cfg)              // nobody sits there yet
//	seat, err := r.Sit(ctx, models, who)  // as often as there are personas; Join does both for one
//	err = seat.Leave()                    // ends with the clause that is being said
//	err = r.Close()
//
// Reading guide, from the ground up; each file knows only those above it in this list, but for
// listener.go and connection.go, which know each other:
//
//	config.go, event.go, errors.go, grant.go, stats.go, text.go    data
//	line.go        where a voice's packets go, while somebody can hear them
//	transcript.go  the text streams that front ends show; record.go what is said, in the store;
//	               tape.go what happens and is decided, as a script; step.go the same, as it is told
//	conversation.go  what a persona knows of what was said
//	room.go        Room and Seat; view.go what one connection has told; state.go what else there is;
//	               apart.go who is not where the others are, or where it was sent
//	inbox.go       what reaches the actor from other goroutines; ask.go from outside
//	seat.go        a persona takes its seat: connection, voice, replies
//	actor.go       the one goroutine that owns a room's state: an event goes into the table, what
//	               comes out of it is carried out. Nothing that it calls waits for the network
//	answer.go      replies begin and end; memory.go what personas remember, trust.go of
//	               whom they believe it
//	plan_turn.go   what a turn would be planned from; run_turn.go a plan is carried out, and every turn
//	               that is over is reported
//	ending.go      seats end; together.go those of personas in different rooms; arrival.go they come
//	listener.go    by which connection the room is perceived; connection.go what that reports;
//	               outage.go a connection is lost, and back
//	rights.go      what a persona can do, and publishing its voice again
//	early.go       what people said while connecting
//	percepts.go    what senses and replies report; effects.go what the table decided is done
//	panel_state.go, panel_history.go  what debug panels are shown; panel.go their requests,
//	               panel_tell.go what they are told; call.go calls of pages
//	run.go         one message after the other; open.go a room begins and ends
//
// Whose question is answered when, who is audible, what interrupts, which track is looked at: none
// of it is decided here. Events go into a turn.Table, effects come out of it, and the same events
// always have the same effects.
package room
