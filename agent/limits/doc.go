// Package limits says in one place how much of everything a participant of a room can send is
// taken, and counts what is not.
//
// In: Limits, from the configuration or Default. Out: decisions (Meter: may this one more be taken
// now?) and counts (Ledger: what was refused, of whom). Everything is pure: no clock, goroutine,
// log or I/O; time is passed in. A value belongs to one goroutine, or to whoever holds its owner's
// lock.
//
// The package knows numbers and names only. What is done with a refusal is decided by those who
// ask: agent/lk at the edge of a room, agent for questions.
package limits
