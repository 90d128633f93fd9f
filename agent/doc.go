// Package agent is where a persona lives: it joins a room, hears, sees, thinks and answers aloud.
//
// In: an Engine (the models, loaded once per process) and a Config (which room, as whom). Out: a published voice, transcripts, a state
// attribute, and a stream of Events for whoever watches. Reading guide, in the order in which data flows:
//
//	engine.go      opens and closes the models that all sessions share
//	session.go     joins the room and owns everything a session starts
//	loop.go        the one goroutine that owns a session's state: room events, hearing events and turn results come in here
//	ear.go         a microphone track: packets ─► 16 kHz frames ─► hearing.Listener ─► loop
//	eye.go         a camera or screen track: packets ─► pictures ─► sampled frame ─► texture ─► features
//	mind.go        what answers: a model in this process (farmind.go: one behind a server)
//	sound.go       the sound of a spoken question, for a model that takes it beside the transcript
//	interrupt.go   pure: what to do when somebody speaks while the persona does
//	turn.go        one answer as one cancellable scope: question and features ─► tokens ─► clauses ─► PCM ─► playout
//	transcript.go  the text streams that front ends show
//	trace.go       when each stage of a turn happened
//
// Sub-packages: lkroom (the LiveKit edge), rtpin (packets to frames), playout (PCM to paced packets).
package agent
