// Package telemetry tells Prometheus and OpenTelemetry what happens in rooms.
//
// In: the events of rooms ([Telemetry.Observe]), and what can be asked of a running process at
// any moment ([Sources]). Out: metrics as Prometheus scrapes them ([Telemetry.Handler]), and one
// trace a reply, sent as it ends ([OTLP]).
//
// Names are LiveKit's and OpenTelemetry's where they have one (github.com/livekit/protocol, otel/;
// the GenAI conventions of OpenTelemetry), so that a dashboard of theirs works unchanged; our own
// begin with sensory and say what nobody else has: leases, the floor, sight, kept prompts, memory.
// [Names] is the table of all of them. Ids of rooms, people and turns are never labels, and what
// people said is in no metric and in no trace.
//
// Nothing is done here for a packet or a frame, which others count: a turn costs some hundred
// nanoseconds when it ends.
package telemetry
