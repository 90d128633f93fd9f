// Package lk is the edge to a LiveKit room: joining with a minted token, subscribing by choice,
// publishing one Opus voice, and the text streams that front ends read.
//
// In: a Config and, later, PCM and text. Out: a bounded channel of Events, in the order in which
// the room reported them. SDK callbacks only enqueue; whoever reads Events owns every decision.
// Close leaves the room and ends all that Join started.
//
// What other participants send is bounded here, by agent/limits: roster.go for who they are and
// what they publish, data.go and the package streams for what they write. Both are judged under one
// lock, which is never held while somebody is waited for. What is refused is counted. What this
// program sends waits in outbox.go, so that nobody waits for the network.
//
// The way to the server's signals is this package's own (signals.go makes it, signals_run.go runs
// it, signals_link.go is one connection of it): what the server sends is bounded, looked at
// (signal.go) and asked for when nothing comes. What an interruption takes is made up for: a first
// offer is made again (signals_offer.go), settings that may not have been heard are said again
// (signals_unsure.go), a track without an answer is published over a new connection
// (signals_adds.go), and addresses wait for the offer that they belong to (signals_early.go).
//
// What media may go through says transport.go, and ice.go has Pion do so.
//
// A server that goes away is waited for in outage.go; after a minute without it the room has ended.
//
// seam.go reaches into the SDK, and says why. No panic in a callback leaves the package: fence.go.
package lk
