// Package lkroom is the thin edge to a LiveKit room: joining with a minted token, subscribing by choice, publishing one Opus
// voice, and the text streams that front ends read.
//
// In: a Config and, later, PCM and text. Out: a bounded channel of Events, in the order in which the room reported them. SDK
// callbacks only enqueue; whoever reads Events owns every decision. Close leaves the room and ends all that Join started.
package lkroom
