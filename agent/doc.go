// Package agent is where a persona lives: it joins a room, hears, sees, thinks and answers aloud.
//
// In: engine.Models (what it hears, sees, thinks and speaks with) and a Config (which room, as whom). Out: a published voice, transcripts, a state
// attribute, and a stream of Events for whoever watches. Reading guide, in the order in which data flows:
//
//	session.go     joins the room and owns everything a session starts
//	loop.go        the one goroutine that owns a session's state; nothing that it calls waits for the network
//	tracks.go      room events: who is there, which tracks are subscribed to, where a question looks
//	questions.go   hearing events, chat, and what becomes of answers
//	rights.go      connection and rights: when the persona can be heard, and publishing its voice again
//	policy*.go     pure: whose question is answered when, who is an agent, which track is looked at, what a persona may do
//	ear.go         a microphone track: packets ─► 16 kHz frames ─► hearing.Listener ─► loop
//	eye.go         a camera or screen track: packets ─► pictures ─► sampled frame (chain.go: ─► texture ─► features; sight.go: the newest of them)
//	turn.go        one answer as one cancellable scope: question and features ─► tokens ─► clauses (speak.go: ─► PCM ─► playout)
//	transcript.go  the text streams that front ends show
//	line.go        where the voice's packets go, while somebody can hear them
//	stats.go       what was not taken, and what became of questions
//	trace.go       when each stage of a turn happened
//
// Sub-packages: engine (machine and models), lk (the LiveKit edge), fence (panics end the part that they happen in), rtpin (packets to frames), playout (PCM to paced packets).
package agent
