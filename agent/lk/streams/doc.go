// Package streams puts text streams together from the packets that participants of a room send,
// within limits, whatever they send.
//
// In: headers, pieces and ends with their true sender and the time. Out: Events: what arrived,
// whole texts, and what was refused. The machine is pure: no clock, goroutine, log or I/O. It
// belongs to whoever calls it, one call at a time; the slices it returns are the caller's.
//
// A stream belongs to the sender of its header. Pieces of anybody else change nothing, so nobody
// speaks in another's name. A stream ends with its end, with its sender, or at a limit of time or
// size; a text that is not whole is never handed out.
package streams
