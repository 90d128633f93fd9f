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
// The way to the server's signals is this package's own (signals.go, one connection of it in
// signals_link.go): what the server sends is bounded, looked at (signal.go) and asked for when
// nothing comes; a first offer that was lost with a connection is made again (signals_offer.go).
// What media may go through says transport.go, and ice.go has Pion do so.
//
// A server that goes away is waited for in outage.go; after a minute without it the room has ended.
//
// seam.go reaches into the SDK, and says why. No panic in a callback leaves the package: fence.go.
package lk
