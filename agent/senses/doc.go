// Package senses turns tracks into percepts: what is heard on microphones, and sights of cameras
// and screens as the language model takes them.
//
// In: packets of tracks ([Stream], [Video]). Out: [Percept] values, through a sink, and the newest
// [engine.Sight] of each track and encoder for whoever answers. A track is decoded and sampled
// once, and looked at once for each encoder, whoever of the place has one; sights are made while
// somebody speaks, before anybody asks.
//
//	senses.go   what senses need ([Deps]), tracks and their packets
//	percept.go  what they report
//	ear.go      a microphone: packets ─► 16 kHz frames ─► hearing.Listener
//	early.go    what somebody said while connecting is heard before the rest
//	eye.go      a camera or screen: packets ─► pictures ─► sampled frames
//	encoder.go  who looks: Look and Forget
//	gaze.go     one track as one encoder sees it: its newest sight
//	past.go     the earlier sights that are kept beside it: pure
//	chain.go    a sampled frame ─► texture ─► features, or a picture for a server, under leases
//
// The package knows no SDK and no room, only what [Deps] gives it.
package senses
