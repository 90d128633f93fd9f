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
// # Who answers
//
// Address decides by rules who is meant: those explicitly meant, those called by name, everybody,
// a person, the persona that answered before, and else the mode. A name in mid-sentence is a
// mention and calls nobody. Package addressing measures how well that works.
//
// What a persona says may wake others whose names it calls, in a turn of its own, as often as the
// policy allows; those who were asked together may be asked for more, round by round. Both end when
// a person asks something, and only people reset what is counted.
//
// Replies are made in lanes, here or at a provider, as many at once as each takes. In a sequential
// context each begins when the text of those before it is there, in a parallel one as soon as its
// lane has room. They are heard in their order, one at a time, with a gap between two personas.
//
// A Request is the same question outside of a room: its Plan says who replies, in which lane and
// wave, made from what, whether in time, and why the others are silent; Compare finds where a
// Result has left it. Table.Request is what the table of a room knows of one; Asked with a plan's
// Order has the table carry it out; Accounts say of every turn, planned or not, what came of it.
//
// # Speaking over an answer
//
// Package interrupt decides for each microphone what a voice over an answer means: the audible
// persona pauses (Hold) until it is known what the person said, and goes on where it was unless
// something was asked of a persona; where Policy.Duck says so, it is made quieter instead, brought
// back, or stopped by the first words. What else was to be said in that turn waits as well: a
// request takes its place, a backchannel lets it go on.
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
//	table.go    steps
//	event.go    what comes in; report.go what of it tells how replies go on
//	effect.go   what goes out; reason.go why somebody is not answered
//	policy.go   how all that is set; policy_rest.go endings, absences and silences
//	order.go    whose question is answered when
//	address.go  by whom; cut.go cuts a text into words, call.go tells a call from a mention,
//	            words.go and everybody.go are English, sound.go and names.go know names by sound
//	turns.go    begins and ends turns; wake.go those that personas begin
//	reply.go    follows the replies; floor.go lets one of them be heard
//	mic.go      listens to people; package interrupt decides what a voice over an answer means;
//	            hold.go has a persona pause until that is known
//	guess.go    has a persona think before it is certain what is asked
//	look.go     chooses pictures; away.go knows whether anybody is there
//	seat.go     knows what a persona can do; people.go who is an agent
//	request.go  what a turn is planned from; check.go what of it cannot be, plan.go and schedule.go
//	            the plan, result.go what came of it; strict.go reads them, contexts.go checks keys
//	live.go     the request of a room as it is, and whether a plan still fits it; ordered.go carries
//	            a plan out; accounts.go says what came of turns
package turn
