// Package hostile is a participant of a LiveKit room who does what no client does, so that tests
// can show that nobody in a room can end, stall or fill a persona. It sends through a connection of
// its own, past every check of this project.
//
// In: a Config and calls of attacks; each is bounded in number or by its context. Out: nothing but
// what it does to others: an Attacker receives no tracks and reads no data. Everything does all of
// it at once for some time, at bounded rates, and then leaves. Close ends what Join started. For
// tests on a server of one's own only.
package hostile
