// Command attack does everything that a participant who means harm can do to a room of one's own
// server, for a while, and prints what it did as JSON. scripts/bench-hostile measures a persona
// meanwhile.
package main
