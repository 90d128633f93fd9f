// Package turn holds a room's conversation as a table: who is asked, who answers, in what order,
// who may be heard, and what happens when somebody speaks over an answer. It is pure: no clock,
// goroutine or I/O, and nothing but the standard library.
//
// In: events, each with the time since the room opened. Out: effects, to be carried out in their
// order.
//
//	table, err := turn.New(turn.Default())
//	for each thing that happens {
//		for _, effect := range table.Step(time.Since(opened), event) { … }
//	}
//
// The same events have the same effects, to the byte: a conversation is a file that can be
// replayed, see package script. testdata holds such files, one for each thing that a conversation
// does; three_seats.txt shows most of it at once:
//
//	1.00 typed ada "What is a fern?"
//	  → keep ada turn=1
//	  → start 1/iris for ada "What is a fern?" typed
//	  → state iris thinking
//	1.40 ready 1/iris
//	  → floor 1/iris
//	1.41 audible 1/iris "A fern is a plant."
//	  → caption 1/iris
//	  → state iris speaking
//	1.60 thought 1/iris "A fern is a plant."
//	  → start 1/max for ada "What is a fern?" typed
//
// # Words
//
// A seat is a persona in the room. An utterance is what one person says without a break. What asks
// something begins a turn: one trigger and the replies to it, 1/iris and 1/max. A persona of the
// room that does not reply in a turn has a silence with one reason. The floor is the right to be
// audible.
//
// # A reply
//
//	Start ─► Ready ─► GiveFloor ─► Audible … ─► Done
//	  └────────┴─────────┴──────────┴─► Cancel
//
// Whoever carries replies out prepares speech, reports Ready, waits for GiveFloor, and reports
// every clause that becomes audible and, once, Done. Thought says that the whole text is known, so
// that the next persona may begin to think while this one speaks. Cancel may come at any time and
// is final; Flush comes with it where something may be in the player. Each persona of a turn comes
// to exactly one end: Done, a Cancel whose reason is neither yielded nor again, or a Silence (which
// also follows a Done of which nobody heard anything). Over is the last that is said of a turn.
//
// # Questions
//
// One turn is under way at a time, so that later answers can know what was said before. A newer
// question takes the place of the answer to an older one of the same person; other people's
// questions wait, one for each asker, at most Waiting.Places and for at most Waiting.Limit. Whoever
// had begun to speak before a question came is answered before it. Agents are neither heard nor
// answered.
//
// # Speaking over an answer
//
// Package interrupt decides for each microphone what a voice over an answer means: the audible
// persona is made quieter, brought back, or stopped. What else was to be said in that turn waits
// until it is known what the person said: a request takes its place, a backchannel lets it go on.
//
// # Bounds
//
// A table keeps at most 1024 people, 64 agents that have left, 256 seats, 256 tracks, 64
// microphones, 64 audible agents, Waiting.Places questions and 16 KiB of what is heard of each
// reply; what is beyond is counted in Stats. Texts are as long as whoever hands them in lets them
// be.
//
// # Files
//
// table.go steps; event.go and report.go are what comes in, effect.go and reason.go what goes out;
// order.go decides whose question is answered when, address.go by whom, turns.go begins and ends
// turns, reply.go follows the replies, floor.go lets one be heard, mic.go listens to people,
// look.go chooses pictures, seat.go knows what a persona can do, people.go who is an agent,
// policy.go how all that is set.
package turn
